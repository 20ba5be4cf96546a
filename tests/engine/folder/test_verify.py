"""Whatever is changed in a run folder is found and named."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from api import cli
from domain.period import Period
from domain.problems import InputProblems
from engine.folder import verify as module
from engine.folder.execute import execute
from engine.folder.output import canonical, digest
from engine.folder.verify import verify
from engine.policy.configs import load_configs
from engine.run.result import ALWAYS

SMALL = Path(__file__).parents[1] / "small"
FILES = [
    *(f"{name}.csv" for name in ALWAYS),
    "explain.json",
    "report.xlsx",
    "manifest.json",
    "inputs/data/institutions.csv",
    "inputs/data/memberships.csv",
    "inputs/data/facts.csv",
    "inputs/data/money.csv",
    "inputs/metrics.yaml",
    "inputs/plan/plan.yaml",
    "inputs/plan/packs/small-pack.yaml",
]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "out"
    execute(load_configs(), SMALL / "plan.yaml", SMALL / "data", Period.parse("2026Q3"), out)
    return out


@pytest.fixture
def folder(done: Path, tmp_path: Path) -> Path:
    shutil.copytree(done, tmp_path / "moved" / "folder")
    return tmp_path / "moved" / "folder"


def names(folder: Path) -> set[str]:
    return {re.split(r"[!: ]", problem.where)[0] for problem in verify(folder).problems}


def test_an_honest_folder_agrees_wherever_it_lies(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = verify(folder)
    assert verdict.problems == ()
    assert (verdict.files, verdict.allocations) == (17, 3)
    assert cli.main(["verify", str(folder)]) == 0
    assert verdict.digest in capsys.readouterr().out


def test_the_list_of_files_is_complete(done: Path) -> None:
    assert {str(path.relative_to(done)) for path in done.rglob("*") if path.is_file()} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_one_digit_changed_in_any_file_is_found_and_named(folder: Path, name: str) -> None:
    path = folder / name
    data = bytearray(path.read_bytes())
    places = [match.start() for match in re.finditer(rb"[0-9]", bytes(data))]
    place = places[len(places) // 2]
    data[place] = ord("1") if data[place] != ord("1") else ord("2")
    path.write_bytes(data)
    assert name in names(folder)


def test_a_file_more_or_less_is_named(folder: Path) -> None:
    (folder / "extra.txt").write_text("x", encoding="utf-8")
    (folder / "pools.csv").unlink()
    assert {(problem.where, problem.code) for problem in verify(folder).problems} >= {
        ("extra.txt", "FILE-EXTRA"),
        ("pools.csv", "FILE-MISSING"),
    }


def forge(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file and make the manifest agree with it, as a forger would."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = module.hashes(folder)[name]
    manifest["digest"] = digest(manifest)
    (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")


def test_a_forged_amount_is_found_by_cell_and_by_rule(folder: Path) -> None:
    forge(folder, "allocations.csv", "T1,东乡卫生院,township,200,250.00", "T1,东乡卫生院,township,200,250.01")
    found = {(problem.where, problem.code): problem.message for problem in verify(folder).problems}
    assert found["allocations.csv!H4", "NOT-REPRODUCED"] == "amount 记为 250.01, 重算为 250.00"
    rules = [problem.message for problem in verify(folder).problems if problem.code == "RULE-BROKEN"]
    assert "wage_cap: T1 分得 250.01 元, 超过上限 250.00 元" in rules
    assert any("不等于资金池" in said for said in rules)


@pytest.mark.parametrize(("less", "more"), [("461.00", "309.00"), ("461.99", "308.01")])
def test_a_swapped_fen_is_found_without_a_broken_rule(folder: Path, less: str, more: str) -> None:
    """C1 and T2 differ from x* by a fen or more, which no rounding does: 462.00 and 308.00 are exact."""
    forge(folder, "allocations.csv", ",300,462.00", f",300,{less}")
    forge(folder, "allocations.csv", ",200,308.00", f",200,{more}")
    said = [problem.message for problem in verify(folder).problems if problem.code == "RULE-BROKEN"]
    assert said == [f"C1 分得 {less} 元, 与精确解相差一分或以上", f"T2 分得 {more} 元, 与精确解相差一分或以上"]


def test_a_forged_score_is_found(folder: Path) -> None:
    forge(folder, "totals.csv", "C1,城东中心,members,75,", "C1,城东中心,members,85,")
    problems = verify(folder).problems
    assert [(problem.where, problem.message) for problem in problems] == [("totals.csv!F4", "score 记为 85, 重算为 75")]


def test_a_forged_input_is_found(folder: Path) -> None:
    forge(folder, "inputs/data/money.csv", "A1,pool_amount,1700.00", "A1,pool_amount,1800.00")
    assert {"pools.csv", "allocations.csv", "explain.json", "report.xlsx"} <= names(folder)


def test_inputs_that_cannot_be_read_are_named(folder: Path) -> None:
    forge(folder, "inputs/data/money.csv", "A1,pool_amount,1700.00", "A1,pool_amount,x")
    assert next(problem.code for problem in verify(folder).problems) == "RECOMPUTE"
    shutil.rmtree(folder / "inputs" / "plan")
    assert "RECOMPUTE" in [problem.code for problem in verify(folder).problems]


def test_a_forged_manifest_is_found(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["warnings"] = ["x"]
    manifest["digest"] = digest(manifest)
    (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")
    assert [(problem.where, problem.code) for problem in verify(folder).problems] == [
        ("manifest.json", "NOT-REPRODUCED")
    ]


def test_another_version_is_a_note(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "versions", lambda: {"liangyun": "9.9", "pulp": "1", "highspy": "1"})
    verdict = verify(folder)
    assert verdict.problems == ()
    assert verdict.versions[0].startswith("liangyun: 原为 0.")
    assert verdict.notes == ()
    assert cli.main(["verify", str(folder)]) == 0
    assert "版本不同: liangyun: 原为 0." in capsys.readouterr().err


def test_a_note_that_is_no_version_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (folder / "explain.json").read_text(encoding="utf-8")
    forge(folder, "explain.json", text, json.dumps(json.loads(text), ensure_ascii=False))
    assert cli.main(["verify", str(folder)]) == 0
    said = capsys.readouterr().err
    assert "注意: 1 处文字的说法或写法与本机不同" in said
    assert "版本不同" not in said


def test_verify_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pools.csv").unlink()
    assert cli.main(["verify", str(folder), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "differs"
    assert answer["problems"][0]["where"] == "pools.csv"


def test_a_batch_agrees_and_its_forgery_does_not(tmp_path: Path) -> None:
    out = tmp_path / "out"
    execute(load_configs(), SMALL / "plan.yaml", SMALL / "data", Period.parse("2026Q3"), out, batch=True)
    assert verify(out).problems == ()
    (out / "pools.parquet").write_bytes((out / "totals.parquet").read_bytes())
    assert {problem.where for problem in verify(out).problems} == {"pools.parquet"}


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblems, match="NOT-A-RUN"):
        verify(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [("\n}\n", "\n}\n\n"), ("{\n", '{\n  "period": "2031Q1",\n'), ('  "batch"', '   "batch"'), ("\n", "\r\n")],
)
def test_a_manifest_is_written_in_one_way_only(folder: Path, old: str, new: str) -> None:
    # A reader of JSON takes the last of two keys, so a forged one before it changes nothing that it sees.
    path = folder / "manifest.json"
    text = path.read_bytes().decode()
    path.write_bytes(text.replace(old, new, -1 if old == "\n" else 1).encode())
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(text)
    assert [problem.code for problem in verify(folder).problems] == ["MANIFEST-CHANGED"]


@pytest.mark.parametrize("command", [["verify"], ["explain", "H01"], ["report", "H01", "--out"], ["disclose", "--out"]])
def test_a_file_in_place_of_a_run_folder(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.xlsx"
    file.write_bytes(b"")
    name, *rest = command
    out = [str(tmp_path / "out.xlsx")] if "--out" in rest else []
    assert cli.main([name, str(file), *rest, *out]) == 2
    assert "report.xlsx 是文件, 不是文件夹" in capsys.readouterr().err


def test_a_solver_that_is_none_in_the_manifest(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for solver in ({"name": "highs", "method": "exact"}, {"name": "glpk", "method": "pulp"}, "auto"):
        manifest["solver"] = solver
        manifest["digest"] = digest(manifest)
        (folder / "manifest.json").write_text(module.canonical(manifest), encoding="utf-8")
        assert [problem.where for problem in verify(folder).problems] == ["manifest.json"], solver
