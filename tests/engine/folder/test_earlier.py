"""A year that takes what its quarters paid out of R from their run folders, end to end.

In every quarter 7.00 go to T1 2.00, T2 2.00 and C1 3.00, for H1 has no R; of A2 4.00 to each 1.00. The year's
surplus gives C1 a = 30: I = 130, b = 80, R = 48, ρR = 28.80, less 4 · 3.00 = 12.00 leaves r = 16.80. T1: a = 20, R =
190.80, ρR = 114.48 − 8.00 = 106.48, r = 20.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from api import cli
from domain.period import Period
from domain.problems import InputProblems
from engine.folder.execute import check, execute
from engine.folder.explain import explain
from engine.folder.others import EARLIER, Others, taken_over
from engine.folder.output import canonical, digest, hashes
from engine.folder.story_text import say
from engine.folder.verify import verify
from engine.policy.configs import load_configs
from engine.run.result import Result
from tests.engine.folder.test_correction import SMALL, append, codes, content, edit

YEAR = Period.parse("2026")
QUARTERS = tuple(Period(2026, "quarter", at) for at in (1, 2, 3, 4))


def data_of(home: Path, period: Period) -> Path:
    """The small data as those of another period, with little to divide in a quarter."""
    data = home / f"data-{period}"
    shutil.copytree(SMALL / "data", data)
    edit(data / "facts.csv", "2026Q3", str(period))
    edit(data / "money.csv", "2026Q3", str(period))
    edit(data / "money.csv", "A1,pool_amount,1700.00", "A1,pool_amount,7.00")
    edit(data / "money.csv", "A2,pool_amount,100.00", "A2,pool_amount,4.00")
    return data


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plan that pays out of R in quarters and states the two permits of the year; runs of the four quarters."""
    home = tmp_path_factory.mktemp("earlier") / "home"
    shutil.copytree(SMALL, home)
    plan = home / "plan.yaml"
    cap = '      - {use: wage_cap, source: local}\n      - {use: income_cap, params: {share: "0.6"}, source: local}\n'
    edit(plan, "      - {use: wage_cap, source: local}\n", cap)
    text = plan.read_text(encoding="utf-8")
    head, surplus = text.split("  - id: surplus\n")
    plan.write_text(f"{head}  - id: surplus\n{surplus.replace('[quarter]', '[year]')}", encoding="utf-8")
    for period in QUARTERS:
        execute(load_configs(), plan, data_of(home, period), period, home / str(period))
    data_of(home, YEAR)
    return home


@pytest.fixture
def year(paid: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(paid, tmp_path / "home"))


def quarters(home: Path, *numbers: int) -> Others:
    return Others(earlier=tuple(home / f"2026Q{number}" for number in numbers or (1, 2, 3, 4)))


def whole_year(home: Path, others: Others, out: str = "out") -> Result:
    return execute(load_configs(), home / "plan.yaml", home / f"data-{YEAR}", YEAR, home / out, others=others)


def lines(home: Path) -> dict[tuple[str, str], str]:
    with (home / "out" / "permits.csv").open(encoding="utf-8", newline="") as file:
        return {(row["unit_code"], row["line"]): row["amount"] for row in csv.DictReader(file)}


def test_the_year_takes_off_what_the_quarters_paid(year: Path) -> None:
    before = {number: content(year / f"2026Q{number}") for number in (1, 2, 3, 4)}
    with pytest.raises(InputProblems) as caught:
        whole_year(year, Others())
    assert "MONEY-MISSING" in codes(caught)
    whole_year(year, quarters(year))
    found = lines(year)
    assert [found["C1", line] for line in ("reward_paid", "main_left", "r", "kept")] == [
        *("12.00", "16.80"),
        *("16.80", "13.20"),
    ]
    assert [found["T1", line] for line in ("reward_paid", "main_left", "r")] == ["8.00", "106.48", "20.00"]
    assert found["H2", "reward_paid"] == "4.00"
    assert {number: content(year / f"2026Q{number}") for number in (1, 2, 3, 4)} == before


def test_it_names_the_runs_and_stands_by_itself(year: Path) -> None:
    whole_year(year, quarters(year))
    digests = [json.loads((year / str(one) / "manifest.json").read_text("utf-8"))["digest"] for one in QUARTERS]
    manifest = json.loads((year / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["earlier"] == digests
    assert f"2026Q1 {digests[0][:12]}" in say(explain(year / "out", "C1"), full=True)
    for period in QUARTERS:
        shutil.rmtree(year / str(period))
    assert verify(year / "out").problems == ()


def test_the_order_in_which_they_are_named_does_not_matter(year: Path) -> None:
    whole_year(year, quarters(year))
    whole_year(year, quarters(year, 3, 1, 4, 2), "other")
    assert content(year / "out") == content(year / "other")


def test_a_workbook_that_says_otherwise_is_refused(year: Path) -> None:
    append(year / f"data-{YEAR}" / "money.csv", "2026,C1,reward_paid,12.01,\n")
    said = r"money.csv!D54: C1 .*填报 12.01 元, 已有结果 \(2026Q1 [0-9a-f]{12}、.*\) 合计 12.00 元"
    with pytest.raises(InputProblems, match=said) as caught:
        whole_year(year, quarters(year))
    assert codes(caught) == ["EARLIER-DIFFERS"]
    edit(year / f"data-{YEAR}" / "money.csv", "reward_paid,12.01", "reward_paid,12.00")
    whole_year(year, quarters(year))
    assert lines(year)["C1", "r"] == "16.80"


def test_a_missing_quarter_is_refused(year: Path) -> None:
    with pytest.raises(InputProblems, match="缺 2026Q2 的结果") as caught:
        whole_year(year, quarters(year, 1, 3, 4))
    assert codes(caught) == ["EARLIER-GAP"]
    assert not (year / "out").exists()


def test_a_quarter_twice_is_refused(year: Path) -> None:
    with pytest.raises(InputProblems) as caught:
        whole_year(year, quarters(year, 1, 1, 2, 3, 4))
    assert codes(caught) == ["EARLIER-TWICE"]


def test_a_changed_quarter_is_refused(year: Path) -> None:
    edit(year / "2026Q2" / "allocations.csv", "300,3.00", "300,3.01")
    with pytest.raises(InputProblems) as caught:
        check(load_configs(), year / "plan.yaml", year / f"data-{YEAR}", YEAR, others=quarters(year))
    assert codes(caught) == ["RUN-CHANGED"]


def test_from_the_command_line(year: Path) -> None:
    given = [part for number in (1, 2, 3, 4) for part in ("--earlier", str(year / f"2026Q{number}"))]
    plan, data = str(year / "plan.yaml"), str(year / f"data-{YEAR}")
    assert cli.main(["check", plan, data, "--period", "2026", *given]) == 0
    assert cli.main(["run", plan, data, "--period", "2026", "--out", str(year / "out"), *given]) == 0
    assert lines(year)["C1", "reward_paid"] == "12.00"


def test_of_a_settled_pool_counts_what_was_paid_then(tmp_path: Path) -> None:
    """T1 was due 100 of which 70 had been prepaid by quarters: 30 more. T2 was due 40 of 50: 10 taken back.

    In all the quarters and the half-year paid T1 70 + 30 = 100 and T2 50 − 10 = 40.
    """
    part = tmp_path / EARLIER / "1"
    plan = part / "inputs" / "plan" / "small.yaml"
    plan.parent.mkdir(parents=True)
    plan.write_text('id: small\nregion: "330000"\n', encoding="utf-8")
    tables = {
        "allocations": "alliance_code,pool,unit_code,amount\nA1,half,T1,100.00\nA1,half,T2,40.00\nA1,own,T1,5.00\n",
        "permits": "unit_code,line,amount\nT1,r,1.50\nT1,kept,9.00\n",
        "settlements": (
            "alliance_code,pool,unit_code,line,amount\n"
            "A1,half,T1,due,100.00\nA1,half,T1,prepaid/quarter,-70.00\nA1,half,T1,top_up,30.00\n"
            "A1,half,T1,claw_back,0.00\nA1,half,T2,due,40.00\nA1,half,T2,prepaid/quarter,-50.00\n"
            "A1,half,T2,top_up,0.00\nA1,half,T2,claw_back,-10.00\n"
        ),
    }
    for name, text in tables.items():
        (part / f"{name}.csv").write_text(text, encoding="utf-8")
    manifest = {
        "format": "liangyun-run/1",
        "batch": False,
        "plan": "small",
        "period": "2026H1",
        "warnings": [],
        "contradictions": [],
        "versions": {},
        "files": hashes(part),
    }
    manifest["digest"] = digest(manifest)
    (part / "manifest.json").write_text(canonical(manifest), encoding="utf-8")
    (run,) = taken_over(tmp_path).earlier
    assert run.paid == {"half": {"T1": 30_00, "T2": -10_00}, "own": {"T1": 5_00}}
    assert (run.stated, run.region, run.period) == ({"T1": 1_50}, "330000", Period.parse("2026H1"))
