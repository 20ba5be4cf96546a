"""An alliance on its way through its pools, as values: what members had so far, contradictions, steps and warnings.

All on the small plan of test_execute.py, changed in one place each.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from domain.facts import FACTS, INSTITUTIONS, MEMBERSHIPS, MONEY, Facts
from domain.period import Period
from domain.step import Place, RunWarning
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.run.distribution import Distribution
from engine.run.indexed import Indexed
from engine.run.memo import Memo
from engine.run.pools import distribute, districts_of, running, sharing_overspend
from engine.run.run import silent
from engine.run.say import Speaker
from engine.run.scoring import score_all
from engine.run.so_far import SoFar, drawn_totals, with_drawn, with_income, with_taken
from tests.engine.folder.test_execute import QUARTER, edit, small
from tests.engine.run.test_pools import add, moved, paid_out_of_r

__all__ = ["small"]  # the fixture


def distributed(home: Path, *, stories: bool = True, period: Period = QUARTER) -> list[Distribution]:
    configs = load_configs()
    found = load(configs, str(home / "plan.yaml"), period.end)
    facts = read(home / "data", configs.catalogue, found.plan, period, found.packs)
    indexed, memo = Indexed(facts, configs.catalogue, period), Memo()
    scored = score_all(found.plan, found.packs, indexed, memo=memo, stories=False, report=silent)
    return distribute(found.plan, indexed, memo=memo, scores=scored.scores, stories=stories, report=silent)


def contradictory(home: Path) -> None:
    """A1 must give 1400 + 200 + 200 = 1800.00 at least out of 1700.00; T1 was given 33.33 by A2."""
    moved(home)
    edit(
        home / "plan.yaml",
        "      - {use: wage_cap, source: local}\n",
        '      - {use: wage_cap, source: local}\n      - {use: floor_previous, params: {ratio: "1"}, source: local}\n',
    )
    floors = {"H1": "1400.00", "T2": "200.00", "C1": "200.00"}
    units = ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")
    add(home, *(f"{unit},previous_amount,{floors.get(unit, '0.00')},reward" for unit in units))


def test_what_members_had_moves_on_from_pool_to_pool(small: Path) -> None:
    """T1 belongs to both alliances, one after the other: A2 gave it 33.33 of its 100.00, A1 20.00 of its 170.00."""
    moved(small)
    first, second = distributed(small)
    assert first.run.members["T1"].allotted == {("A1", "surplus"): 20_00}
    assert second.run.members["T1"].allotted == {("A1", "surplus"): 20_00, ("A2", "surplus"): 33_33}
    assert second.run.members["T1"].taken == 25_000
    assert second.run.book is not None
    assert second.run.book.brought["T1"] == 25_000


def test_what_is_paid_out_of_r_is_kept_by_pool(small: Path) -> None:
    paid_out_of_r(small)
    first, _ = distributed(small)
    assert first.run.members["T2"].drawn == {("A1", "reward"): 108_00, ("A1", "bonus"): 0}
    assert drawn_totals(first.run.members)["T2"] == 108_00


def test_a_member_exempt_from_the_cap_draws_nothing_out_of_r(small: Path) -> None:
    """C1 is paid beside the cap, so its r is untouched: I = 100 + 30 = 130, e = 0 (the fund is full), b = 80, R = 48.

    r = min(a = 30, 0.6 R = 28.80, headroom) = 28.80; had its pay been drawn out of R, nothing would be left.
    """
    paid_out_of_r(small)
    edit(
        small / "plan.yaml",
        "    unpaid_to: carry_forward\n",
        "    unpaid_to: carry_forward\n    exempt: [{rule: income_cap, units: [C1], reason: 试点}]\n",
    )
    first, _ = distributed(small)
    paid = {one.split.answer.paid["C1"] for one in first.run.pools if one.split and one.here.pool.id == "reward"}
    assert min(paid) > 28_80
    assert first.run.members["C1"].drawn == {}
    assert set(first.run.members["T2"].drawn) == {("A1", "reward"), ("A1", "bonus")}
    assert first.statement is not None
    assert first.statement.reward["C1"] == 28_80


OVERSPEND = """overspend:
  bands: [{alliance: "0.5"}]
  upper: [lead]
  periods: [quarter]
  source: local
"""


def test_an_overspend_that_nobody_decided_on_is_warned_of(small: Path) -> None:
    """A1 spent 1100.00 of 1000.00, A2 all of its 1000.00."""
    edit(small / "plan.yaml", "quota:\n", OVERSPEND + "quota:\n")
    add(
        small,
        *(f"{unit},fund_budget,1000.00," for unit in ("A1", "A2")),
        "A1,fund_spend,1100.00,",
        "A2,fund_spend,1000.00,",
        "A1,overspend_confirmed,100.00,县医保清〔2026〕1号",
        "H1,member_fund_budget,500.00,",
        "H1,member_fund_spend,600.00,",
        "H1,unreasonable_spend,0.00,",
    )
    with (small / "data" / "facts.csv").open("a", encoding="utf-8") as file:
        file.write("2026Q3,H1,down_referrals,1,\n2026Q3,H1,discharges,10,\n")

    def told() -> list[tuple[str, Place]]:
        return [(one.code, one.place) for found in distributed(small) for one in found.warnings]

    assert told() == [("OVERSPEND-UNDECIDED", Place("A1"))]
    add(small, "A1,overspend_decided,100.00,县医保决〔2026〕1号")
    assert told() == []


def test_pools_and_overspend_are_of_their_forms_and_periods_only(small: Path) -> None:
    edit(small / "plan.yaml", "quota:\n", OVERSPEND + "  forms: [county]\nquota:\n")
    edit(small / "plan.yaml", "    unpaid_to: carry_forward\n", "    unpaid_to: carry_forward\n    forms: [county]\n")
    plan = load(load_configs(), str(small / "plan.yaml"), QUARTER.end).plan
    found = {form: [pool.id for pool in running(plan, QUARTER, form)] for form in ("county", "municipal", None)}
    assert found == {"county": ["reward", "surplus"], "municipal": ["surplus"], None: ["reward", "surplus"]}
    assert [sharing_overspend(plan, QUARTER, form) for form in ("county", "municipal", None)] == [True, False, True]
    year = Period.parse("2026")
    assert (running(plan, year, "county"), sharing_overspend(plan, year, "county")) == ([], False)


def test_an_alliance_lies_in_the_smallest_district_around_it() -> None:
    """A1 in the county, A2 in a county that is no unit and so in its city, A3 elsewhere, A4 is no unit."""
    units = {
        "CITY": ("district", "330100"),
        "COUNTY": ("district", "330102"),
        "A1": ("alliance", "330102"),
        "A2": ("alliance", "330105"),
        "A3": ("alliance", "340102"),
    }
    rows = [(code, code, tier, "public", region, "", False, "", "", "in") for code, (tier, region) in units.items()]
    tables = (pd.DataFrame(columns=list(columns)) for columns in (MEMBERSHIPS, FACTS, MONEY))
    facts = Facts(pd.DataFrame(rows, columns=list(INSTITUTIONS)), *tables)
    assert districts_of(facts, ["A1", "A2", "A3", "A4"]) == {"A1": "COUNTY", "A2": "CITY"}


def test_a_contradiction_is_a_value(small: Path) -> None:
    """What stands before A1 stands after it; the second alliance is paid."""
    contradictory(small)
    first, second = distributed(small)
    found = first.run.contradiction
    assert found is not None
    assert (found.here.pool.id, {one.short for one in found.answer.conflict}) == ("reward", {100_00})
    assert first.allocations == [found.allocation]
    assert first.run.members["T1"] == SoFar()
    assert second.run.contradiction is None
    assert {step.kind for step in first.steps} == {"pool", "permits"}
    assert [step.place.line for step in first.steps if step.kind == "permits"] == ["a", "r", "kept"]


def test_warnings_name_their_place_and_numbers(small: Path) -> None:
    contradictory(small)
    first, _ = distributed(small)
    pool, permits = first.warnings
    assert (pool.code, pool.place) == ("POOL-CONTRADICTION", Place("A1", "reward"))
    assert (permits.code, permits.place) == ("PERMITS-CONTRADICTION", Place("A1", unit="T1"))
    assert permits.said.values["fen"] == 33_33
    said = Speaker().warning(permits)
    assert said.startswith("T1 在其他医联体分得 33.33 元, 而 A1 规则互相矛盾, 待修改方案后重算, ")
    assert said.endswith("两个允许测算暂不作数 (PERMITS-CONTRADICTION)")


def test_a_member_under_no_cap_is_warned_of(small: Path) -> None:
    edit(
        small / "plan.yaml",
        "    unpaid_to: carry_forward\n",
        "    unpaid_to: carry_forward\n    exempt: [{rule: wage_cap, units: [C1], reason: 试点}]\n",
    )
    (warning,) = (one for found in distributed(small) for one in found.warnings)
    assert isinstance(warning, RunWarning)
    assert (warning.code, warning.place) == ("CAP-FREE-MEMBER", Place("A1", "reward", unit="C1"))
    assert (warning.said.values["fen"], warning.said.values["reasons"]) == (462_00, ("试点",))


def test_a_pool_that_pays_nobody_is_warned_of(small: Path) -> None:
    """Nobody's approved total leaves anything."""
    money = small / "data" / "money.csv"
    kept = [line for line in money.read_text(encoding="utf-8").splitlines() if ",quota_paid," not in line]
    units = ("H1", "T1", "T2", "C1", "H2", "T3", "T4", "C2")
    approved = {"T1": "500.00", "T3": "100.00"}
    spent = [f"2026Q3,{unit},quota_paid,{approved.get(unit, '10000.00')}," for unit in units]
    money.write_text("\n".join((*kept, *spent, "")), encoding="utf-8")
    codes = [(one.code, one.place) for found in distributed(small) for one in found.warnings]
    assert codes == [
        ("POOL-NOTHING-PAID", Place("A1", "reward")),
        ("POOL-NOTHING-PAID", Place("A2", "reward")),
    ]


def test_stories_are_told_only_where_they_are_asked_for(small: Path) -> None:
    """Amounts are the same; how pools are formed and the statement of the two permits are there either way."""
    paid_out_of_r(small)
    told, untold = distributed(small), distributed(small, stories=False)
    kinds = [{step.kind for one in found for step in one.steps} for found in (told, untold)]
    assert kinds == [{"pool", "permits", "allocation", "quota", "reward"}, {"pool", "permits"}]
    assert [one.run.members for one in told] == [one.run.members for one in untold]
    plain = [step for one in untold for step in one.steps]
    keys = {step.key for step in plain}
    assert plain == [step for one in told for step in one.steps if step.key in keys]


def test_members_are_never_changed_in_place() -> None:
    before = {"T1": SoFar(5, {("A1", "P"): 1}), "T2": SoFar()}
    after = with_taken(with_drawn(with_income(before, ("A2", "P"), {"T1": 2}), ("A2", "Q"), {"T1": 3}), {"T1": 9}, {})
    assert after["T1"] == SoFar(9, {("A1", "P"): 1, ("A2", "P"): 2}, {("A2", "Q"): 3})
    assert before == {"T1": SoFar(5, {("A1", "P"): 1}), "T2": SoFar()}
    assert after["T2"] == SoFar()
