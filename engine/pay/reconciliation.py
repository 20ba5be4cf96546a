"""What must agree in every pay folder: both sides of each check, and their difference. Source: contract of pay, DIR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import pandas as pd

from engine.pay.result import frame

Row: TypeAlias = tuple[str, str, int, int]
"""A check, whose it is, and both sides in fen."""
Sums: TypeAlias = Mapping[tuple[str, ...], int]
Tables: TypeAlias = Mapping[str, pd.DataFrame]


def reconcile(tables: Tables, posts: pd.DataFrame) -> pd.DataFrame:
    """The table `reconciliation` of the typed tables of a payment, in the order of checks and keys.

    posts: the table of people, by which lines are of a team.
    """
    divided = division(tables, posts) if len(tables["units"]) else ()  # a completion pays what was divided before
    checks = (_payslips, _batches, _blank, _accounts, _quota, _deferred)
    rows = [*divided, *(row for check in checks for row in check(tables))]
    return frame("reconciliation", [(check, key, left, right, left - right) for check, key, left, right in rows])


def sums(table: pd.DataFrame, keys: tuple[str, ...], column: str) -> Sums:
    """The sums of a column by keys; None counts as nothing."""
    found: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for *key, fen in table[[*keys, column]].itertuples(index=False, name=None):
        found[tuple(map(str, key))] += 0 if fen is None else int(fen)
    return found


def both(check: str, left: Sums, right: Sums) -> Iterator[Row]:
    """A row for every key that either side has."""
    for key in sorted(left.keys() | right.keys()):
        yield check, "/".join(key), left.get(key, 0), right.get(key, 0)


_POOL = ("period", "unit_code", "pool", "case")


def division(tables: Tables, posts: pd.DataFrame) -> Iterator[Row]:
    """From the institution's amount to the posts: nothing is lost on the way. tables: units, teams, lines."""
    units, teams, lines = (tables[name] for name in ("units", "teams", "lines"))
    column = {
        name: sums(units, _POOL, name) for name in ("amount", "earmarks", "shared", "kept", "in_total", "outside")
    }
    yield from both("unit_amount", column["amount"], total(column["earmarks"], column["shared"], column["kept"]))
    due = lines[lines["component"] == "due"]
    points = due[due["item"] == "points"]
    yield from both("unit_earmarks", column["earmarks"], sums(due[due["item"] != "points"], _POOL, "amount"))
    yield from both("unit_posts", column["shared"], sums(points, _POOL, "amount"))
    inside = due["in_total"] == "yes"
    yield from both("unit_in_total", column["in_total"], sums(due[inside], _POOL, "amount"))
    yield from both("unit_outside", column["outside"], sums(due[~inside], _POOL, "amount"))
    by_team = sums(teams, _POOL, "amount")
    rest = {key: column["amount"].get(key, 0) - column["earmarks"].get(key, 0) for key in by_team}
    yield from both("unit_teams", rest, total(by_team, {key: column["kept"].get(key, 0) for key in by_team}))
    yield from both("team_posts", *_teams(teams, points, posts))


def _teams(teams: pd.DataFrame, points: pd.DataFrame, posts: pd.DataFrame) -> tuple[Sums, Sums]:
    """What teams have, and what their posts have; of a case, which may change a post's team, the unit knows alone."""
    keys, team = ("period", "unit_code", "pool", "team"), dict(zip(posts["post_no"], posts["team"], strict=True))
    first = teams[teams["case"] == ""]
    here = set(first[["unit_code", "pool"]].itertuples(index=False, name=None))
    own = points[points["case"] == ""].assign(team=lambda frame: frame["post_no"].map(team))
    by_teams = [of in here for of in own[["unit_code", "pool"]].itertuples(index=False, name=None)]
    kept = own[pd.Series(by_teams, index=own.index, dtype=bool)]  # a case alone has no line of its own here
    return sums(first, keys, "amount"), sums(kept, keys, "amount")


def total(*several: Sums) -> Sums:
    """Sums added up key by key."""
    found: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for one in several:
        for key, fen in one.items():
            found[key] += fen
    return found


def _quota(tables: Tables) -> Iterator[Row]:
    """Charged in the total = used now of the ledger; approved + moved − used = left."""
    quota, lines = tables["quota"], tables["lines"]
    due = lines[(lines["component"] == "due") & (lines["in_total"] == "yes")]
    if not len(quota):
        return
    keys = ("unit_code", "pool")
    charged = {key: fen for key, fen in sums(due, ("charged_unit", "pool"), "amount").items() if fen}
    yield from both("quota_charged", charged, sums(quota[quota["pool"] != ""], keys, "used_now"))
    whole = quota[(quota["pool"] == "") & (quota["exempt"] == "")]
    left = whole["approved"] + whole["moved_in"] - whole["moved_out"] - whole["used_before"] - whole["used_now"]
    yield from both(
        "quota_left", sums(whole.assign(reckoned=left), keys[:1], "reckoned"), sums(whole, keys[:1], "left")
    )


def _deferred(tables: Tables) -> Iterator[Row]:
    """What was there + added − released − forfeited = closing, and what lines defer, release and forfeit is in it."""
    balances, lines = tables["deferred"], tables["lines"]
    if not len(balances) and not len(tables["units"]):
        return
    keys, year = ("unit_code", "person_code", "pool"), ("accrual_year",)
    reckoned = balances["opening"] + balances["added"] - balances["released"] - balances["forfeited"]
    opened = sums(balances.assign(reckoned=reckoned), (*keys, *year), "reckoned")
    yield from both("deferred_closing", opened, sums(balances, (*keys, *year), "closing"))
    for component, column, sign in (
        ("deferred", "added", -1),
        ("released", "released", 1),
        ("forfeited", "forfeited", 1),
    ):
        told = sums(lines[lines["component"] == component], keys, "amount")
        left = {key: sign * fen for key, fen in told.items()}
        there = {key: fen for key, fen in sums(balances, keys, column).items() if fen or key in left}
        yield from both(f"lines_{column}", left, there)


def _payslips(tables: Tables) -> Iterator[Row]:
    """Σ lines of a person = payslip."""
    lines = tables["lines"]
    paid = lines[lines["component"] != "forfeited"]
    of_lines = sums(paid, ("paid_through", "person_code"), "amount")
    yield from both("lines_payslip", of_lines, sums(tables["payslips"], ("payer", "person_code"), "payable"))


def _batches(tables: Tables) -> Iterator[Row]:
    """Σ payslips ok = Σ batches + no_payment, by payer and kind."""
    slips, keys = tables["payslips"], ("payer", "kind")
    done = slips[slips["status"].isin(["ok", "no_payment"])]
    nothing = sums(slips[slips["status"] == "no_payment"], keys, "net")
    batches = sums(tables["batches"], keys, "amount")
    right = {key: batches.get(key, 0) + nothing.get(key, 0) for key in batches.keys() | nothing.keys()}
    yield from both("payslips_batches", sums(done, keys, "net"), right)


def _blank(tables: Tables) -> Iterator[Row]:
    """Payslips whose net is not known, each with its payable."""
    slips = tables["payslips"]
    blank = slips[~slips["status"].isin(["ok", "no_payment"])]
    found = sums(blank, ("payer", "person_code", "kind", "status"), "payable")
    yield from both("payslips_blank", found, found)


def _accounts(tables: Tables) -> Iterator[Row]:
    """Charged ≠ payer = current account."""
    lines = tables["lines"]
    away = lines[(lines["component"] != "forfeited") & (lines["charged_unit"] != lines["paid_through"])]
    of_lines = sums(away, ("charged_unit", "paid_through", "pool"), "amount")
    yield from both(
        "charged_elsewhere", of_lines, sums(tables["current_account"], ("from_unit", "to_unit", "pool"), "amount")
    )
