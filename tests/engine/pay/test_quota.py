"""What a payment uses of the approvals, and the balances of deferred pay: by hand, and refused by one fen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest

from domain.money import parse_yuan
from domain.period import Period
from domain.problems import Refused
from engine.pay.balances import balances
from engine.pay.quota import RunLedger, Used, quota, quota_after
from engine.pay.reconciliation import reconcile
from engine.pay.result import TABLES, frame
from engine.run.say import Speaker

from .paying import PERIOD, Json, divided, people, scheme, yuan

QUARTER = Period.parse(PERIOD)
APPROVED = ["U1", "quota_approved", "1000.00", "人社〔2026〕1号", "2026"]
PAID = ["U1", "quota_paid", "300.00", "", "2026Q3"]
CASE: Json = {
    "scheme": {
        "items": [
            {"id": "out", "title": "总量外", "rate": "50.00", "per": "次", "in_total": "no", "document": "文"}
            | {"tax": "wages", "max": "9", "across": "post"}
        ],
        "order": ["perf", "extra"],
    },
    "pools": {
        "perf": {"items": ["out"], "defer": {"share": "0.5", "leaver": "pay", "release": "0.5"}},
        "extra": {"points": ["time"]},
        "apart": {"points": ["time"], "in_total": "separate", "document": "文"},
    },
    "posts": {"P1": {"person": "A", "payer": "U9"}, "P2": {}},
    "earmarks": [["P1", "out", "1"]],
    "deferred": [["2025", "U1", "A", "perf", "8.01"], ["2026", "U1", "A", "perf", "1.00"]],
    "amounts": [["U1", "perf", "650.00"], ["U1", "extra", "100.00"], ["U1", "apart", "70.00"]],
}
HOMES = {"U1": "A1"}
RUN = ("document", "scope", "unit_code", "pool", "approved", "used_before", "used_now", "left")


def used(*money: list[str], run: pd.DataFrame | None = None, at: Mapping[str, str] = HOMES, **case: Any) -> Used:
    """The ledger of the case, with these rows of money; at: the alliances of units, with commas."""
    given = {**CASE, **case, "money": money}
    made = divided(given)
    known = None if run is None else RunLedger(run, {unit: frozenset(of.split(",")) for unit, of in at.items()})
    return quota(scheme(given["pools"], **given["scheme"]), made, people(given)["money"], known, QUARTER)


def ledger(*rows: list[str]) -> pd.DataFrame:
    """A run's ledger, money in yuan: RUN, nothing moved."""
    typed = [[*row[:4], *map(parse_yuan, row[4:])] for row in rows]
    made = pd.DataFrame(typed, columns=list(RUN), dtype=object)
    return made.assign(moved_in=0, moved_out=0, exempt="")


def test_charged_in_the_total_whoever_pays_and_deferred_pay_with_it() -> None:
    # 650 − 50 outside = 600 of perf, half of it paid later; 100 of extra; `apart` has an approval of its own.
    made = used(APPROVED, PAID)
    assert yuan(made.table, "pool", of="used_now") == {"perf": "600.00", "extra": "100.00", "": "700.00"}
    assert yuan(made.table, "pool", of="used_before") == {"perf": "300.00", "extra": "900.00", "": "300.00"}
    assert yuan(made.table, "pool", of="left") == {"perf": "100.00", "extra": "0.00", "": "0.00"}
    assert tuple(made.table.columns) == TABLES["quota"]
    assert made.warnings == ()
    told = Speaker().told(made.steps[0])
    assert told["result"] == "0.00"
    assert told["numbers"] == {"核定总量": "1000.00", "已用": "300.00", "本次占用": "700.00"}
    assert told["cites"] == ["人社〔2026〕1号"]


def test_one_fen_too_much_is_refused() -> None:
    with pytest.raises(Refused, match=r"本次占绩效工资总量 700\.00 元, 批复只余 699\.99 元.*PAY-OVER-TOTAL"):
        used(APPROVED, [*PAID[:2], "300.01", *PAID[3:]])


@pytest.mark.parametrize("rows", [[], [PAID], [[*APPROVED[:3], "", "2026"]], [[*APPROVED[:4], "2025"]]])
def test_no_approval_of_the_year_with_a_document(rows: list[list[str]]) -> None:
    with pytest.raises(Refused, match=r"U1 有 700\.00 元占绩效工资总量.*PAY-NO-QUOTA"):
        used(*rows)


def test_documents_of_a_year_add_up() -> None:
    more = ["U1", "quota_approved", "0.01", "人社〔2026〕2号", "2026"]
    made = used(APPROVED, more, [*PAID[:2], "300.01", *PAID[3:]])
    assert yuan(made.table, "pool", of="left")[""] == "0.00"
    assert set(made.table["document"]) == {"人社〔2026〕1号、人社〔2026〕2号"}


def test_nothing_said_of_what_was_paid_is_told() -> None:
    made = used(APPROVED)
    assert [one.code for one in made.warnings] == ["PAY-QUOTA-PAID"]
    assert Speaker().warnings(made.warnings) == [
        "U1 的资金表没有2026年第3季度的总量内已发与已承诺 (quota_paid), 以前占用的按 0 计 (PAY-QUOTA-PAID)"
    ]
    assert yuan(made.table, "pool", of="left")[""] == "300.00"


def test_what_is_outside_needs_no_approval() -> None:
    made = used(amounts=[["U1", "apart", "70.00"]])
    assert made.table.empty


def test_a_run_s_ledger_without_what_it_charged_for_what_is_paid_here() -> None:
    # The run charged 600 + 100 for the pools paid here and 40 for another: 1000 − 200 − 40 − 700 = 60 is left.
    rows = [
        ["文1", "member", "U1", "perf", "1000.00", "200.00", "600.00", "200.00"],
        ["文1", "member", "U1", "extra", "1000.00", "800.00", "100.00", "100.00"],
        ["文1", "member", "U1", "other", "1000.00", "900.00", "40.00", "60.00"],
        ["文1", "member", "U1", "", "1000.00", "200.00", "740.00", "60.00"],
        ["文2", "alliance", "A1", "", "2000.00", "0.00", "740.00", "1260.00"],
    ]
    made = used(run=ledger(*rows))
    assert yuan(made.table, "pool", of="left") == {"perf": "160.00", "extra": "60.00", "": "60.00"}
    rows[-2][4] = "939.99"
    with pytest.raises(Refused, match="PAY-OVER-TOTAL"):
        used(run=ledger(*rows))
    with pytest.raises(Refused, match="PAY-NO-QUOTA"):
        used(run=ledger(rows[-1]))


@pytest.mark.parametrize(
    ("at", "approved", "refused"),
    [
        ("A1", "1100.00", False),  # 300 before, 200 of the run less 100 for what is paid here, 700 now
        ("A1", "1099.99", True),
        ("A1,A2", "1099.99", True),
        ("A2", "1099.99", False),
    ],
)
def test_members_together_stay_within_the_approval_of_their_alliance(at: str, approved: str, refused: bool) -> None:
    """The run charged 100 for what 700 is charged for here: 600 more than the alliance reckoned with."""
    run = ledger(
        ["文1", "member", "U1", "perf", "5000.00", "0.00", "100.00", "4900.00"],
        ["文1", "member", "U1", "", "5000.00", "0.00", "100.00", "4900.00"],
        ["文2", "alliance", "A1", "", approved, "300.00", "200.00", "0.00"],
    )
    if refused:
        told = r"医联体 A1 的成员本次占绩效工资总量 700\.00 元, 批复 文2 只余 699\.99 元.*PAY-OVER-TOTAL"
        with pytest.raises(Refused, match=told):
            used(run=run, at={"U1": at})
    else:
        assert yuan(used(run=run, at={"U1": at}).table, "unit_code", "pool", of="used_now")["U1/"] == "700.00"


def test_a_unit_of_two_alliances_frees_nothing_that_one_of_them_could_count_on() -> None:
    """It is charged 300 less than the run charged: whose pools they come from no ledger tells."""
    run = ledger(
        ["文1", "member", "U1", "perf", "5000.00", "0.00", "1000.00", "4000.00"],
        ["文1", "member", "U1", "", "5000.00", "0.00", "1000.00", "4000.00"],
        ["文2", "alliance", "A1", "", "1000.00", "0.01", "1000.00", "-0.01"],
    )
    assert not used(run=run, at={"U1": "A1"}).table.empty
    with pytest.raises(Refused, match="PAY-OVER-TOTAL"):
        used(run=run, at={"U1": "A1,A2"})


def test_who_has_no_quota_is_told_why() -> None:
    row = ledger(["", "member", "U1", "", "0.00", "0.00", "0.00", "0.00"]).assign(exempt="民办机构, 无绩效工资总量")
    made = used(run=row)
    assert yuan(made.table, "pool", of="used_now")[""] == "700.00"
    assert yuan(made.table, "pool", of="left")[""] == "0.00"
    assert made.steps == ()


def test_after_a_correction() -> None:
    before = used(APPROVED, PAID).table
    made = divided(CASE)
    lines = made.lines.assign(amount=[-1 if fen > 0 else 0 for fen in made.lines["amount"]], case="1")
    made = type(made)(made.units, made.teams, lines)
    after = quota_after(before, made, people(CASE)["money"], None, QUARTER)
    assert yuan(after, "pool", of="used_before")[""] == "1000.00"
    assert yuan(after, "pool", of="left")[""] == "0.04"
    more = type(made)(made.units, made.teams, lines.assign(amount=[-fen for fen in lines["amount"]]))
    with pytest.raises(Refused, match="PAY-OVER-TOTAL"):
        quota_after(before, more, people(CASE)["money"], None, QUARTER)


def test_a_correction_pays_a_unit_that_was_not_written_under_its_approval() -> None:
    """The ledger of the first payment has no row of it, its inputs (a table of money, or a run's ledger) have."""
    nothing, made = used(APPROVED, PAID).table.iloc[:0], divided(CASE)
    told = people({**CASE, "money": [APPROVED, PAID]})["money"]
    run = ledger(["人社〔2026〕1号", "member", "U1", "", "1000.00", "300.00", "0.00", "700.00"])
    for ledger_of_run in (None, RunLedger(run, {})):
        after = quota_after(nothing, made, told, ledger_of_run, QUARTER)
        assert yuan(after, "pool", of="left")[""] == "0.00"
    with pytest.raises(Refused, match="PAY-NO-QUOTA"):
        quota_after(nothing, made, people(CASE)["money"], None, QUARTER)


def test_balances() -> None:
    # A: 300.00·0.5 added this year; of 8.01 of last year half up 4.005 → 4.01 is released and 4.00 forfeited.
    made = divided(CASE)
    pay, known = scheme(CASE["pools"], **CASE["scheme"]), people(CASE)
    table = balances(pay, known, made.lines, QUARTER)
    keys = ("person_code", "accrual_year")
    assert tuple(table.columns) == TABLES["deferred"]
    assert yuan(table, *keys, of="opening") == {"A/2025": "8.01", "A/2026": "1.00", "A-P2/2026": "0.00"}
    assert yuan(table, *keys, of="added") == {"A/2025": "0.00", "A/2026": "150.00", "A-P2/2026": "150.00"}
    assert yuan(table, *keys, of="released") == {"A/2025": "4.01", "A/2026": "0.00", "A-P2/2026": "0.00"}
    assert yuan(table, *keys, of="forfeited") == {"A/2025": "4.00", "A/2026": "0.00", "A-P2/2026": "0.00"}
    assert yuan(table, *keys, of="closing") == {"A/2025": "0.00", "A/2026": "151.00", "A-P2/2026": "150.00"}


def tables(case: Json) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """All tables of a payment without a payer, and its posts."""
    made, known = divided(case), people(case)
    pay = scheme(case["pools"], **case["scheme"])
    found = {name: frame(name, []) for name in TABLES} | {"units": made.units, "teams": made.teams, "lines": made.lines}
    found["quota"] = quota(pay, made, known["money"], None, QUARTER).table
    found["deferred"] = balances(pay, known, made.lines, QUARTER)
    return found, known["posts"]


DIVISION = ("unit_", "team_", "quota_", "deferred_", "lines_added", "lines_released", "lines_forfeited")


def test_the_books_agree_and_a_fen_is_seen() -> None:
    case = {**CASE, "money": [APPROVED, PAID]}
    case["pools"] = {**CASE["pools"], "extra": {"points": ["time"], "teams": {"weight": ["coefficient"]}}}
    case["posts"] = {number: {**one, "team": "A"} for number, one in CASE["posts"].items()}
    case["teams"] = {"U1": {"A": {"coefficient": 1}}}
    found, posts = tables(case)

    def wrong() -> set[str]:
        rows = reconcile(found, posts)
        mine = rows[rows["check"].str.startswith(DIVISION)]
        assert set(mine["check"]) == {
            *(
                "unit_amount",
                "unit_earmarks",
                "unit_posts",
                "unit_in_total",
                "unit_outside",
                "unit_teams",
                "team_posts",
            ),
            *("quota_charged", "quota_left", "deferred_closing", "lines_added", "lines_released", "lines_forfeited"),
        }
        return set(mine.loc[mine["difference"] != 0, "check"])

    assert wrong() == set()
    for table, column, seen in (
        ("units", "kept", {"unit_amount", "unit_teams"}),
        ("units", "earmarks", {"unit_amount", "unit_earmarks", "unit_teams"}),
        ("units", "outside", {"unit_outside"}),
        ("teams", "amount", {"unit_teams", "team_posts"}),
        ("quota", "left", {"quota_left"}),
        ("quota", "used_now", {"quota_charged", "quota_left"}),
        ("deferred", "added", {"deferred_closing", "lines_added"}),
        ("deferred", "forfeited", {"deferred_closing", "lines_forfeited"}),
    ):
        kept = found[table]
        found[table] = kept.assign(**{column: [fen + parse_yuan("0.01") for fen in kept[column]]})
        assert wrong() == seen, (table, column)
        found[table] = kept


def test_a_completion_divides_nothing() -> None:
    found, posts = tables({**CASE, "money": [APPROVED, PAID]})
    rows = reconcile({name: frame(name, []) for name in TABLES} | {"lines": found["lines"]}, posts)
    assert not rows["check"].str.startswith(DIVISION).any()
