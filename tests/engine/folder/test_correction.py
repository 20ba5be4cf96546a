"""A run that corrects another one, end to end.

Corrected: T2 is scored 60 instead of 80 of 100 → 75 points, times 2 heads 150. Merits of A1: H1 1000, T1 200, T2 150,
C1 300, together 1650. Of 1700.00 grassroots are due 60 % = 1020.00, H1 gets 680.00 as before; T1 is held at 250.00 as
before; the other 770.00 go 150 : 300 to T2 (256.67) and C1 (513.33): before 308.00 and 462.00. Surplus of 170.00:
H1 103.03, T1 20.61, T2 15.45, C1 30.91 (before 100, 20, 20, 30). Paid in all 51.33 + 3.03 + 0.61 + 0.91 = 55.88, taken
back 51.33 + 4.55 = 55.88.

r = min(a, floor(ρ·R), headroom) goes after: T2's a is its least, 20 → 15.45. C1: income 100 + 30.91 = 130.91, costs 50,
fund 26 − 26 = 0, b = 80.91, twice 20 % = 16.18 off, R = 48.55, ρ·R = 29.13 (before b = 80, R = 48, 28.80).
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from api import cli
from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.folder import others
from engine.folder.execute import execute
from engine.folder.explain import explain
from engine.folder.others import Others
from engine.folder.output import canonical, digest, hashes, versions
from engine.folder.story_text import say
from engine.folder.verify import verify
from engine.policy.configs import load_configs
from engine.run.result import Result
from engine.run.say import Speaker

SMALL = Path(__file__).parents[1] / "small"
QUARTER = Period.parse("2026Q3")
DELTAS = [
    "alliance_code,pool,unit_code,old,new,delta,funding",
    "A1,permits,C1,28.80,29.13,0.33,",
    "A1,permits,H1,0.00,0.00,0.00,",
    "A1,permits,T1,0.00,0.00,0.00,",
    "A1,permits,T2,20.00,15.45,-4.55,",
    "A1,reward,C1,462.00,513.33,51.33,redivide",
    "A1,reward,H1,680.00,680.00,0.00,redivide",
    "A1,reward,T1,250.00,250.00,0.00,redivide",
    "A1,reward,T2,308.00,256.67,-51.33,redivide",
    "A1,surplus,C1,30.00,30.91,0.91,redivide",
    "A1,surplus,H1,100.00,103.03,3.03,redivide",
    "A1,surplus,T1,20.00,20.61,0.61,redivide",
    "A1,surplus,T2,20.00,15.45,-4.55,redivide",
]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def codes(caught: pytest.ExceptionInfo[InputProblems]) -> list[str]:
    return [problem.code for problem in caught.value.problems]


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan that divides anew, its data, and the run `old` in which T2 was scored too high."""
    home = tmp_path_factory.mktemp("corrections") / "home"
    shutil.copytree(SMALL, home)
    append(home / "plan.yaml", "corrections: {funding: redivide}\n")
    execute(load_configs(), home / "plan.yaml", home / "data", QUARTER, home / "old")
    edit(home / "data" / "facts.csv", "T2,resident_satisfaction_score,80", "T2,resident_satisfaction_score,60")
    return home


@pytest.fixture
def home(wrong: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(wrong, tmp_path / "home"))


def correct(home: Path, *, batch: bool = False, out: str = "new") -> Result:
    old = Others(home / "old")
    return execute(load_configs(), home / "plan.yaml", home / "data", QUARTER, home / out, batch=batch, others=old)


def test_what_a_correction_writes_and_leaves(home: Path) -> None:
    before = content(home / "old")
    correct(home)
    assert (home / "new" / "deltas.csv").read_text(encoding="utf-8").splitlines() == DELTAS
    assert content(home / "old") == before
    kept = content(home / "new" / "inputs" / "before")
    tables = ("manifest.json", "allocations.csv", "pools.csv", "permits.csv")
    assert kept == {name: one for name, one in before.items() if name in tables or name.startswith("inputs/")}
    manifest = json.loads((home / "new" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["before"] == json.loads(before["manifest.json"])["digest"]
    assert "earlier" not in manifest


def test_a_correction_stands_by_itself(home: Path) -> None:
    """verify needs no other folder; neither where the run lies nor where the old one lay is in it."""
    correct(home)
    shutil.rmtree(home / "old")
    (home / "new").rename(home / "moved")
    verdict = verify(home / "moved")
    assert (verdict.problems, verdict.notes) == ((), ())


def test_paid_and_taken_back_are_two_columns_of_the_sheet(home: Path) -> None:
    correct(home)
    with CalamineWorkbook.from_path(str(home / "new" / "report.xlsx")) as book:
        rows = book.get_sheet_by_name("更正差额表").to_python()
    sums = [row[4:8] for row in rows if row[1] == "合计"]
    assert sums == [[1700, 1700, 51.33, -51.33], [170, 170, 4.55, -4.55]]
    lines = {row[1]: row[4:8] for row in rows if row[1] in {"T2", "C1"}}  # the last block: surplus
    assert lines == {"T2": [20, 15.45, 0, -4.55], "C1": [30, 30.91, 0.91, 0]}


def test_what_changes_beside_the_pools_has_a_sheet_of_its_own(home: Path) -> None:
    correct(home)
    with CalamineWorkbook.from_path(str(home / "new" / "report.xlsx")) as book:
        rows = book.get_sheet_by_name("更正其他差额表").to_python()
    assert [row[0] for row in rows if "两个允许" in str(row[0])] == ["第一医共体（A1）　　两个允许测算表 r"]
    assert [row[3:] for row in rows if row[1] in {"C1", "T2"}] == [[20, 15.45, -4.55], [28.8, 29.13, 0.33]]
    told = say(explain(home / "new", "T2"))
    assert "【更正】更正差额 (T2 西乡卫生院, 两个允许测算表 r) = -4.55" in told


def test_a_correction_of_r_alone_is_told(home: Path) -> None:
    """T2 is scored as before, but C1's cost is 70, not 50: b = 130 − 70 = 60, R = 60 − 12 − 12 = 36, r = 21.60."""
    edit(home / "data" / "facts.csv", "T2,resident_satisfaction_score,60", "T2,resident_satisfaction_score,80")
    edit(home / "data" / "money.csv", "2026Q3,C1,medical_cost,50.00", "2026Q3,C1,medical_cost,70.00")
    correct(home)
    lines = (home / "new" / "deltas.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert lines[0] == "A1,permits,C1,28.80,21.60,-7.20,"
    assert {line.split(",")[1] for line in lines} == {"permits"}
    assert verify(home / "new").problems == ()


def test_a_figure_to_date_that_holds_what_the_old_run_paid_is_told(home: Path) -> None:
    """T2 was paid 308.00 + 20.00 by the old run: its quota_paid stays 0."""
    edit(home / "data" / "money.csv", "2026Q3,T2,quota_paid,0.00", "2026Q3,T2,quota_paid,328.00")
    result = correct(home)
    told = [one for one in Speaker(result.labels).warnings(result.warnings) if "CORRECTION-TO-DATE" in one]
    assert len(told) == 1
    assert told[0].startswith(
        "T2 西乡卫生院 总量内已发与已承诺 328.00 元 (money.csv!D17), 原结果的数据是 0.00 元 (money.csv!D17); "
    )
    assert verify(home / "new").problems == ()


def test_data_of_the_old_run_that_cannot_be_read_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise InputProblems([Problem("facts.csv!D2", "PERCENT", "以前的版本没有拒收的")])

    monkeypatch.setattr(others, "read_data", refused)
    result = correct(home)
    assert [one.said.words for one in result.warnings if one.code == "CORRECTION-TO-DATE"] == [
        "engine.run.correction_to_date:unread"
    ]


def without(folder: Path, *names: str, version: str) -> None:
    """Make of a corrected run one that kept less, with a manifest that agrees."""
    for name in names:
        (folder / "inputs" / "before" / name).unlink()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["versions"]["liangyun"] = version
    manifest["files"] = hashes(folder)
    manifest["digest"] = digest(manifest)
    (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")


def test_what_is_kept_of_the_old_run_is_all_there(home: Path) -> None:
    correct(home)
    without(home / "new", "permits.csv", version=versions()["liangyun"] + ".1")
    found = verify(home / "new").problems
    assert {"RECOMPUTE", "RUN-CHANGED"} <= {problem.code for problem in found}
    assert any("缺少 permits.csv" in problem.message for problem in found)


def test_a_kept_table_without_a_row_has_its_columns() -> None:
    empty = others._parsed(pd.DataFrame({"line": [], "amount": []}, dtype="str"))
    assert list(empty) == ["line", "amount", "of"]
    some = others._parsed(pd.DataFrame({"line": ["due/x", "due"], "amount": ["1.00", "2.00"]}))
    assert some.to_dict("list") == {"line": ["due", "due"], "amount": [100, 200], "of": ["x", ""]}


def test_a_version_that_kept_less_told_less(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What 0.3.0 wrote: the amounts of pools, nothing beside them, no word on figures to date."""
    edit(home / "data" / "money.csv", "2026Q3,T2,quota_paid,0.00", "2026Q3,T2,quota_paid,328.00")

    def keep(folder: Path, manifest: dict[str, Any], part: Path, kind: str) -> None:
        del manifest, kind
        part.mkdir(parents=True)
        for name in ("manifest.json", "allocations.csv", "pools.csv"):
            shutil.copyfile(folder / name, part / name)

    monkeypatch.setattr(others, "_keep", keep)
    monkeypatch.setattr(others, "lacked", lambda *_: True)
    correct(home)
    monkeypatch.undo()
    assert (home / "new" / "deltas.csv").read_text(encoding="utf-8").splitlines() == [DELTAS[0], *DELTAS[5:]]
    without(home / "new", version="0.3.0")
    assert verify(home / "new").problems == ()
    without(home / "new", version="0.4.0")
    assert "RUN-CHANGED" in {problem.code for problem in verify(home / "new").problems}


def test_the_story_of_a_difference(home: Path) -> None:
    correct(home)
    told = say(explain(home / "new", "T2", pool="reward"))
    assert "【更正】更正差额 (T2 西乡卫生院, 绩效奖励) = -51.33" in told
    assert "说明: 差额在原资金池内重新分配, 合计为 0" in told


def test_a_batch_has_the_same_differences(home: Path) -> None:
    correct(home, batch=True)
    assert verify(home / "new").problems == ()
    told = say(explain(home / "new", "T2", pool="reward"))
    assert "【更正】更正差额 (T2 西乡卫生院, 绩效奖励) = -51.33" in told


def test_a_batch_is_corrected(home: Path) -> None:
    facts = home / "data" / "facts.csv"
    edit(facts, "T2,resident_satisfaction_score,60", "T2,resident_satisfaction_score,80")
    shutil.rmtree(home / "old")
    execute(load_configs(), home / "plan.yaml", home / "data", QUARTER, home / "old", batch=True)
    edit(facts, "T2,resident_satisfaction_score,80", "T2,resident_satisfaction_score,60")
    correct(home)
    assert (home / "new" / "deltas.csv").read_text(encoding="utf-8").splitlines() == DELTAS


def test_what_was_kept_of_the_old_run_cannot_be_changed(home: Path) -> None:
    """Not even with a manifest that agrees: the old run's own manifest lists what it wrote."""
    correct(home)
    folder = home / "new"
    edit(folder / "inputs" / "before" / "allocations.csv", "200,308.00", "200,300.00")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = hashes(folder)
    manifest["digest"] = digest(manifest)
    (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")
    assert {"RECOMPUTE", "RUN-CHANGED"} <= {problem.code for problem in verify(folder).problems}


@pytest.mark.parametrize(("old", "new"), [('"before": "', '"before": "0'), ('"before"', '"ahead"')])
def test_the_manifest_names_the_run_that_was_corrected(home: Path, old: str, new: str) -> None:
    correct(home)
    folder = home / "new"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8").replace(old, new, 1))
    manifest["digest"] = digest(manifest)
    (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")
    assert [problem.code for problem in verify(folder).problems].count("NOT-REPRODUCED") >= 1


def test_what_is_paid_out_of_a_reserve(home: Path) -> None:
    edit(home / "plan.yaml", "funding: redivide", 'funding: "reserve: 县调节金"')
    append(
        home / "data" / "money.csv", "2026Q3,A1,reserve_opening,55.88,县调节金\n2026Q3,A1,reserve_opening,9.00,另一项\n"
    )
    correct(home)
    with (home / "new" / "deltas.csv").open(encoding="utf-8", newline="") as file:
        funded = {(row["pool"] == "permits", row["funding"]) for row in csv.DictReader(file)}
    assert funded == {(False, "reserve: 县调节金"), (True, "")}
    assert verify(home / "new").problems == ()
    assert "【更正】县调节金余额 = 0.00" in say(explain(home / "new", "A1"))
    with CalamineWorkbook.from_path(str(home / "new" / "report.xlsx")) as book:
        said = [str(row[0]) for row in book.get_sheet_by_name("更正差额表").to_python()]
    paid = "期初余额 55.88，补发合计 55.88（各资金池合计），县调节金余额 0.00"
    assert f"资金来源：县调节金，{paid}；扣回收回后退入，不抵减补发。" in said


def test_a_reserve_that_is_short_is_refused_at_its_cell(home: Path) -> None:
    edit(home / "plan.yaml", "funding: redivide", 'funding: "reserve: 县调节金"')
    append(home / "data" / "money.csv", "2026Q3,A1,reserve_opening,55.87,县调节金\n")
    with pytest.raises(
        InputProblems, match=r"money.csv!D54: 县调节金期初 55.87 元, 不够支付补发合计 55.88 元"
    ) as caught:
        correct(home)
    assert codes(caught) == ["RESERVE-SHORT"]
    assert not (home / "new").exists()


def test_other_money_is_no_redivision(home: Path) -> None:
    edit(home / "data" / "money.csv", "A1,pool_amount,170.00", "A1,pool_amount,171.00")
    with pytest.raises(InputProblems, match=r"A1/surplus: 资金池原为 170.00 元, 现为 171.00 元") as caught:
        correct(home)
    assert codes(caught) == ["CORRECTION-POOL"]


def test_a_plan_that_names_no_funding_is_refused(home: Path) -> None:
    edit(home / "plan.yaml", "corrections: {funding: redivide}\n", "")
    with pytest.raises(InputProblems) as caught:
        correct(home)
    assert codes(caught) == ["CORRECTION-FUNDING"]
    assert caught.value.problems[0].where == str(home / "plan.yaml")


def test_a_changed_run_is_not_corrected(home: Path) -> None:
    edit(home / "old" / "allocations.csv", "200,308.00", "200,309.00")
    with pytest.raises(InputProblems) as caught:
        correct(home)
    assert codes(caught) == ["RUN-CHANGED"]


def test_another_period_is_not_corrected(home: Path) -> None:
    for name in ("facts", "money"):
        edit(home / "data" / f"{name}.csv", "2026Q3", "2026Q4")
    with pytest.raises(InputProblems, match="原结果是方案 small 2026Q3, 本次是 small 2026Q4") as caught:
        execute(
            load_configs(),
            home / "plan.yaml",
            home / "data",
            Period.parse("2026Q4"),
            home / "new",
            others=Others(home / "old"),
        )
    assert codes(caught) == ["BEFORE-OTHER"]


@pytest.mark.parametrize("out", ["old", "old/new", "."])
def test_the_old_run_is_never_replaced_or_written_into(home: Path, out: str) -> None:
    before = content(home)
    with pytest.raises(InputProblems) as caught:
        correct(home, out=out)
    assert codes(caught) == ["OUT-IS-OTHER"]
    assert content(home) == before


def test_a_correction_from_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan, data = str(home / "plan.yaml"), str(home / "data")
    given = [plan, data, "--period", "2026Q3", "--before", str(home / "old")]
    assert cli.main(["check", *given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["supplement"], told["claw_back"]) == ("55.88", "-55.88")
    assert cli.main(["run", *given, "--out", str(home / "new")]) == 0
    assert "更正: 补发 55.88 元, 扣回 -55.88 元\n" in capsys.readouterr().out


def test_a_run_that_corrects_nothing_has_no_differences(home: Path) -> None:
    edit(home / "data" / "facts.csv", "T2,resident_satisfaction_score,60", "T2,resident_satisfaction_score,80")
    correct(home)
    assert (home / "new" / "deltas.csv").read_text(encoding="utf-8").splitlines() == DELTAS[:1]
    assert verify(home / "new").problems == ()


def test_a_table_of_lines_without_a_row_is_read() -> None:
    table = others._parsed(pd.DataFrame({"unit_code": [], "line": [], "amount": []}, dtype=object))
    assert [*table] == ["unit_code", "line", "amount", "of"]
    assert len(table) == 0
