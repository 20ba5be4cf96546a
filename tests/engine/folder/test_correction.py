"""A run that corrects another one, end to end.

Corrected: T2 is scored 60 instead of 80 of 100 → 75 points, times 2 heads 150. Merits of A1: H1 1000, T1 200, T2 150,
C1 300, together 1650. Of 1700.00 grassroots are due 60 % = 1020.00, H1 gets 680.00 as before; T1 is held at 250.00 as
before; the other 770.00 go 150 : 300 to T2 (256.67) and C1 (513.33): before 308.00 and 462.00. Surplus of 170.00:
H1 103.03, T1 20.61, T2 15.45, C1 30.91 (before 100, 20, 20, 30). Paid in all 51.33 + 3.03 + 0.61 + 0.91 = 55.88, taken
back 51.33 + 4.55 = 55.88.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from api import cli
from domain.period import Period
from domain.problems import InputProblems
from engine.folder.execute import execute
from engine.folder.explain import explain, say
from engine.folder.others import Others
from engine.folder.output import canonical, digest, hashes
from engine.folder.verify import verify
from engine.policy.configs import load_configs
from engine.run.result import Result

SMALL = Path(__file__).parents[1] / "small"
QUARTER = Period.parse("2026Q3")
DELTAS = [
    "alliance_code,pool,unit_code,old,new,delta,funding",
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
    others = Others(home / "old")
    return execute(load_configs(), home / "plan.yaml", home / "data", QUARTER, home / out, batch=batch, others=others)


def test_what_a_correction_writes_and_leaves(home: Path) -> None:
    before = content(home / "old")
    correct(home)
    assert (home / "new" / "deltas.csv").read_text(encoding="utf-8").splitlines() == DELTAS
    assert content(home / "old") == before
    kept = content(home / "new" / "inputs" / "before")
    assert kept == {name: before[name] for name in ("manifest.json", "allocations.csv", "pools.csv")}
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
        assert {row["funding"] for row in csv.DictReader(file)} == {"reserve: 县调节金"}
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
