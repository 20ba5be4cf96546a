"""Words may change between versions, numbers may not: what verify holds a folder against is its typed content."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from allocation import permit_lines
from domain.period import Period
from domain.problems import InputProblems
from domain.step import Words
from engine.folder import since
from engine.folder.execute import execute, recompute
from engine.folder.explain import explain
from engine.folder.lines import by_line
from engine.folder.output import canonical, digest, hashes, write_outputs
from engine.folder.verify import Verdict, verify
from engine.policy.configs import load_configs
from engine.run import say, words
from engine.run.result import ALWAYS, Result
from tests.engine.folder.forging import (
    allocation_of,
    as_batch,
    column_more,
    comment,
    drop_row,
    edit_json,
    edit_manifest,
    edit_text,
    edit_workbook,
    more,
    parquet_beside,
    replaced,
    retell,
    rewrite_workbook,
    swap,
    swap_rows,
)

HERE = Path(__file__).parent
SMALL = HERE.parent / "small"
EARLIER = sorted((HERE / "written-by-0.1.0").iterdir())


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "out"
    execute(load_configs(), SMALL / "plan.yaml", SMALL / "data", Period.parse("2026Q3"), out)
    return out


@pytest.fixture
def folder(done: Path, tmp_path: Path) -> Path:
    shutil.copytree(done, tmp_path / "folder")
    return tmp_path / "folder"


def seal(folder: Path) -> None:
    """Make the manifest agree with the files, as a forger would."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = hashes(folder)
    manifest["digest"] = digest(manifest)
    (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")


def places(verdict: Verdict) -> set[str]:
    return {problem.where.split("!")[0].split(" ")[0] for problem in verdict.problems}


@pytest.mark.parametrize("earlier", EARLIER, ids=lambda path: path.name)
def test_a_folder_of_an_earlier_version_verifies_with_a_note(earlier: Path) -> None:
    verdict = verify(earlier)
    assert verdict.problems == ()
    assert any("0.1.0" in note for note in verdict.versions)


@pytest.mark.parametrize("earlier", EARLIER, ids=lambda path: path.name)
def test_a_forged_folder_of_an_earlier_version_is_found(earlier: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(earlier, folder)
    path = folder / "totals.csv"
    head, first, *rest = path.read_text(encoding="utf-8").splitlines()
    cells = first.split(",")
    path.write_text("\n".join([head, ",".join([*cells[:5], "99.5", *cells[6:]]), *rest]) + "\n", encoding="utf-8")
    seal(folder)
    assert places(verify(folder)) == {"totals.csv"}


def test_other_words_of_another_version_are_a_note(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = permit_lines.WORDS["r"]
    assert isinstance(known, Words)
    monkeypatch.setitem(permit_lines.WORDS, "r", Words("给人员的部分", "三者最小的, 不小于 0", known.numbers))
    monkeypatch.setitem(words.PURPOSES, "staff_reward", "职工奖励")
    monkeypatch.setattr(say, "_words", say._words.__wrapped__)  # looked up before
    assert places(verify(folder)) == {"permits.csv", "explain.json", "report.xlsx"}
    claim(folder, "0.1.9")
    seal(folder)
    verdict = verify(folder)
    assert verdict.problems == ()
    assert any("说法" in note for note in verdict.notes)


def test_the_installed_catalogue_and_packs_do_not_matter(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import configs  # noqa: PLC0415  (what is installed is replaced)

    elsewhere = tmp_path / "configs"
    shutil.copytree(configs.folder(), elsewhere, ignore=shutil.ignore_patterns("__pycache__"))
    yaml = YAML()
    catalogue = yaml.load((elsewhere / "metrics.yaml").read_text(encoding="utf-8"))
    for metric in (*catalogue["metrics"], *catalogue["items"]):
        metric["title"] = f"另称{metric['title']}"
    with (elsewhere / "metrics.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(catalogue, file)
    shutil.rmtree(elsewhere / "packs")
    (elsewhere / "packs").mkdir()
    monkeypatch.setattr(configs, "folder", lambda: elsewhere)
    verdict = verify(folder)
    assert verdict.problems == ()
    assert not any("说法" in note for note in verdict.notes)


FORGED = {
    "an amount in a table": (edit_text("allocations.csv", "250.00", "251.00"), "allocations.csv"),
    "a rule that held": (edit_text("allocations.csv", "wage_cap", "income_cap"), "allocations.csv"),
    "a score": (edit_text("scores.csv", ",75,", ",76,"), "scores.csv"),
    "a row dropped": (drop_row, "allocations.csv"),
    "rows swapped": (swap_rows, "totals.csv"),
    "a column before all": (edit_text("totals.csv", "2026Q3,", "x,2026Q3,"), "totals.csv"),
    "an amount in a formula": (edit_text("pools.csv", "= 1700.00", "= 9900.00"), "pools.csv"),
    "an amount of a formula dropped": (edit_text("pools.csv", " = 1700.00", ""), "pools.csv"),
    "a clause in a table": (edit_text("scores.csv", "small-pack 第三条", "small-pack 第四条"), "scores.csv"),
    "a clause more in a table": (edit_text("scores.csv", "第三条", "第三条; 另一办法 第一条"), "scores.csv"),
    "an amount of a story": (edit_json(lambda told: allocation_of(told).update(result="99999.99")), "explain.json"),
    "a number put in": (
        edit_json(
            lambda told: allocation_of(told)["numbers"].update({next(iter(allocation_of(told)["numbers"])): "1.00"})
        ),
        "explain.json",
    ),
    "a number more": (edit_json(lambda told: allocation_of(told)["numbers"].update({"另发": "1.00"})), "explain.json"),
    "a number of another name": (
        edit_json(lambda told: retell(told, replaced('"绩效工资总量余额"', '"绩效工资总量余额 T2"'))),
        "explain.json",
    ),
    "a cell address": (edit_json(lambda told: allocation_of(told).update(cells=["facts.csv!A1"])), "explain.json"),
    "a clause": (edit_json(lambda told: allocation_of(told).update(cites=["some 九(九)"])), "explain.json"),
    "a clause more": (edit_json(lambda told: allocation_of(told)["cites"].append("另一办法 第一条")), "explain.json"),
    "a clause less": (edit_json(lambda told: allocation_of(told)["cites"].pop()), "explain.json"),
    "a note more": (edit_json(lambda told: allocation_of(told)["notes"].append("经批准另行发放")), "explain.json"),
    "a note less": (edit_json(lambda told: allocation_of(told)["notes"].clear()), "explain.json"),
    "a note of another rule": (
        edit_json(lambda told: allocation_of(told).update(notes=[f"封顶于{words.rule_title('income_cap')}"])),
        "explain.json",
    ),
    "a rule": (edit_json(lambda told: allocation_of(told).update(rule="医保结余 (surplus)")), "explain.json"),
    "whose number it is": (
        edit_json(lambda told: allocation_of(told).update(key="allocation/A1/reward/T2")),
        "explain.json",
    ),
    "whose name it has": (edit_json(lambda told: retell(told, replaced("东乡", "西乡"))), "explain.json"),
    "anything more in a story": (edit_json(lambda told: allocation_of(told).update(approved="1.00")), "explain.json"),
    "anything more beside them": (edit_json(lambda told: told.update(approved="1.00")), "explain.json"),
    "an item": (edit_json(lambda told: told["items"].clear()), "explain.json"),
    "a part less": (edit_json(lambda told: told.pop("measured")), "explain.json"),
    "a story dropped": (edit_json(lambda told: told["traces"].pop("allocation/A1/reward/T1")), "explain.json"),
    "a key twice": (edit_text("explain.json", '"result": ', '"result": "1.00", "result": '), "explain.json"),
    "an answer": (
        edit_json(lambda told: told["allocations"][0]["answer"].update(undistributed="1.00")),
        "explain.json",
    ),
    "a pool's title": (edit_json(lambda told: told["allocations"][0].update(title="补助")), "explain.json"),
    "a warning": (edit_json(lambda told: told.update(warnings=["x"])), "explain.json"),
    "a warning in the manifest": (edit_manifest(lambda told: told.update(warnings=["x (X)"])), "manifest.json"),
    "more in the manifest": (edit_manifest(lambda told: told.update(approved=True)), "manifest.json"),
    "an amount in the report": (edit_workbook(b"<v>143.2</v>", b"<v>144.2</v>"), "report.xlsx"),
    "an amount in capitals": (edit_workbook("壹佰贰拾壹元".encode(), "壹佰叁拾壹元".encode()), "report.xlsx"),
    "two institutions' names": (rewrite_workbook(swap("东乡卫生院", "西乡卫生院")), "report.xlsx"),
    "a column more": (rewrite_workbook(column_more), "report.xlsx"),
    "a formula in a cell": (edit_workbook(b"<v>143.2</v>", b"<f>140+9</f><v>143.2</v>"), "report.xlsx"),
    "a sheet hidden": (edit_workbook(b'sheetId="6"', b'sheetId="6" state="hidden"'), "report.xlsx"),
    "a sheet's name": (rewrite_workbook(lambda _, text: text.replace("分配表-绩效奖励", "T1")), "report.xlsx"),
    "two sheets' names": (rewrite_workbook(swap('"分配表-绩效奖励"', '"分配表-结余留用"')), "report.xlsx"),
    "what a picture shows": (
        rewrite_workbook(lambda name, text: re.sub("<c:v>[0-9.]+<", "<c:v>7<", text) if "charts/" in name else text),
        "report.xlsx",
    ),
    "a comment": (comment, "report.xlsx"),
    "the foot of a page": (
        rewrite_workbook(lambda _, text: re.sub("<oddFooter>[^<]*<", "<oddFooter>已批准 9462.00<", text, count=1)),
        "report.xlsx",
    ),
    "no workbook": (lambda folder: (folder / "report.xlsx").write_bytes(b"PK"), "report.xlsx"),
    "a batch that is none": (as_batch, "allocations.csv"),
    "an honest table beside": (parquet_beside, "allocations.csv"),
    "a file more": (more, "notice.txt"),
}
OUTPUTS = [*(f"{name}.csv" for name in ALWAYS), "explain.json", "report.xlsx"]
FORGED |= {f"no {name}": ((lambda folder, name=name: (folder / name).unlink()), name) for name in OUTPUTS}


@pytest.fixture(scope="module")
def computed(done: Path) -> Result:
    return recompute(done)


@pytest.fixture
def remembered(computed: Result, done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The inputs are not forged: their result is computed and written once."""

    def write(result: Result, folder: Path, *, batch: bool) -> None:
        if batch:
            write_outputs(result, folder, batch=True)
        else:
            shutil.copytree(done, folder, ignore=shutil.ignore_patterns("inputs"), dirs_exist_ok=True)

    monkeypatch.setattr("engine.folder.execute.recompute", lambda _, **__: computed)
    monkeypatch.setattr("engine.folder.verify.write_outputs", write)


def claim(folder: Path, version: str) -> None:
    edit_manifest(lambda told: told["versions"].update(liangyun=version))(folder)


FORGERIES = [
    (how, version)
    for how, (_, name) in FORGED.items()
    for version in ("", "0.1.0")
    if not (how == f"no {name}" and since.lacked(name, version))  # a folder of that version never had it
]


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(("how", "version"), FORGERIES)
def test_whatever_is_forged_is_found_in_its_file(folder: Path, how: str, version: str) -> None:
    """Also in a folder that says that an earlier version wrote it."""
    forge, name = FORGED[how]
    forge(folder)
    if version:
        claim(folder, version)
    seal(folder)
    assert name in places(verify(folder))


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("version", ["0.1.0", "9.9.9", "no version", ""])
def test_a_folder_gains_nothing_by_another_version(folder: Path, version: str) -> None:
    claim(folder, version)
    seal(folder)
    assert verify(folder).problems == ()
    edit_json(lambda told: [one.pop("step") for one in told["traces"].values()] and None)(folder)
    edit_manifest(lambda told: told.pop("warned"))(folder)
    seal(folder)
    assert places(verify(folder)) == (set() if version == "0.1.0" else {"explain.json", "manifest.json"})


@pytest.mark.usefixtures("remembered")
def test_a_story_without_its_step_is_found(folder: Path) -> None:
    """Nor does `explain` take such a story for another number's."""
    edit_json(lambda told: allocation_of(told).pop("step") and None)(folder)
    seal(folder)
    assert places(verify(folder)) == {"explain.json"}
    edit_json(lambda told: allocation_of(told).update(key="allocation/A1/reward/T2"))(folder)
    seal(folder)
    with pytest.raises(InputProblems, match="EXPLAIN-UNREADABLE"):
        explain(folder, "T2")


STEPS = {
    "which rule": ("wage_cap", "income_cap"),
    "which phrase": ("engine.run.words:held_by_cap", "engine.run.words:held"),
    "whose": ('"unit": "T1"', '"unit": "T2"'),
    "how much": ('{"fen": 25000}', '{"fen": 25001}'),
    "what type": ('{"fen": 25000}', '{"fen": 25000.0}'),
    "which number": ('"by_share"', '"merits"'),
}


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("version", ["", "0.1.0", "9.9.9"])
@pytest.mark.parametrize("what", STEPS)
def test_what_is_typed_must_be_the_same(folder: Path, what: str, version: str) -> None:
    edit_json(lambda told: allocation_of(told).update(step=replaced(*STEPS[what])(allocation_of(told)["step"])))(folder)
    if version:
        claim(folder, version)
    seal(folder)
    assert places(verify(folder)) == {"explain.json"}


@pytest.mark.usefixtures("remembered")
def test_other_lines_and_other_modules_are_no_matter(folder: Path) -> None:
    told = json.loads((folder / "explain.json").read_text(encoding="utf-8"))
    (folder / "explain.json").write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    seal(folder)
    assert verify(folder).problems == ()
    edit_json(lambda told: retell(told, replaced("engine.run.", "elsewhere.")))(folder)
    seal(folder)
    assert places(verify(folder)) == {"explain.json"}
    claim(folder, "0.1.9")
    seal(folder)
    assert verify(folder).problems == ()


@pytest.mark.usefixtures("remembered")
def test_what_a_version_did_not_write_yet_may_be_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "permits.csv").unlink()
    rewrite_workbook(without_column_d)(folder)
    claim(folder, "0.1.0")
    seal(folder)
    assert places(verify(folder)) == {"permits.csv", "report.xlsx"}
    monkeypatch.setitem(since.SINCE, "permits.csv", (0, 1, 1))
    monkeypatch.setitem(since.SINCE, "report.xlsx!资金池", (0, 1, 1))
    verdict = verify(folder)
    assert verdict.problems == ()
    claim(folder, "0.1.1")
    seal(folder)
    assert places(verify(folder)) == {"permits.csv", "report.xlsx"}


def without_column_d(name: str, text: str) -> str:
    """The sheet of pools without one of its columns."""
    if name != "xl/worksheets/sheet6.xml":
        return text
    text = re.sub(r'<c r="D[0-9]+"(?:[^>]*/>|(?:(?!</c>).)*</c>)', "", text, flags=re.DOTALL)
    for before, after in itertools.pairwise("DEFGHIJ"):
        text = re.sub(rf'<c r="{after}([0-9]+)"', rf'<c r="{before}\1"', text)
    return text


@pytest.mark.parametrize("name", ["explain.json", "manifest.json"])
@pytest.mark.parametrize("version", ["", "0.1.0"])
def test_warnings_cannot_be_dropped(tmp_path: Path, name: str, version: str, liaoning: Path) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(liaoning, folder)
    if version:
        claim(folder, version)
    told = json.loads((folder / name).read_text(encoding="utf-8"))
    assert told["warnings"]
    write = canonical if name == "manifest.json" else by_line
    (folder / name).write_text(write(told | {"warnings": []}), encoding="utf-8")
    seal(folder)
    assert places(verify(folder)) == {name}


@pytest.fixture(scope="module")
def liaoning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of this version over the inputs of the earlier one's."""
    out = tmp_path_factory.mktemp("runs") / "liaoning"
    inputs = next(one for one in EARLIER if one.name == "liaoning-2017") / "inputs"
    plan = next((inputs / "plan").glob("*.yaml"))
    execute(load_configs(), plan, inputs / "data" / "2017.xlsx", Period.parse("2017"), out)
    return out


@pytest.mark.parametrize("earlier", EARLIER, ids=lambda path: path.name)
@pytest.mark.parametrize("dropped", ["warnings", "rule"])
def test_what_an_earlier_version_told_cannot_be_dropped(earlier: Path, dropped: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(earlier, folder)
    told = json.loads((folder / "explain.json").read_text(encoding="utf-8"))
    if dropped == "warnings":
        told["warnings"] = ["另一警示 (OTHER)"] * (1 - len(told["warnings"]))
    else:
        next(one for one in told["traces"].values() if one["rule"])["rule"] = ""
    (folder / "explain.json").write_text(by_line(told), encoding="utf-8")
    seal(folder)
    assert places(verify(folder)) == {"explain.json"}


def test_a_forged_number_in_an_earlier_report_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    shutil.copytree(next(one for one in EARLIER if one.name == "small"), folder)
    edit_workbook(b"<v>143.2</v>", b"<v>144.2</v>")(folder)
    seal(folder)
    assert places(verify(folder)) == {"report.xlsx"}
