"""The books of a pay folder, added up again from its own tables and from nothing else. Source: contract of pay, DIR.

Nothing here shares code with what made the tables: whole fen, sums by key, compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import pandas as pd

from domain.money import format_yuan, parse_yuan
from domain.problems import Problem

Sums = Mapping[tuple[str, ...], int]
_PAID = ("ok", "no_payment")


def recheck(tables: Mapping[str, pd.DataFrame]) -> Iterator[Problem]:
    """What does not add up. tables: as they stand in the folder, every cell text."""
    units, teams, lines = (tables[name] for name in ("units", "teams", "lines"))
    slips, batches = tables["payslips"], tables["batches"]
    pool = ("unit_code", "pool", "case")
    whole = _sums(units, pool, "amount")
    if len(units):  # a completion has none
        parts = [_sums(units, pool, name) for name in ("earmarks", "shared", "kept")]
        yield from _differ("机构的金额 ≠ 专项 + 已分 + 留存", whole, _added(*parts))
        by_team = _sums(teams, pool, "amount")
        shared = {key: fen for key, fen in _sums(units, pool, "shared").items() if key in by_team}
        yield from _differ("各科室合计 ≠ 机构已分", shared, by_team)
        due = lines[lines["component"] == "due"]
        points = due[due["item"] == "points"]
        yield from _differ("各人合计 ≠ 机构已分", _sums(units, pool, "shared"), _sums(points, pool, "amount"))
        earmarks = due[due["item"] != "points"]
        yield from _differ("专项各人合计 ≠ 机构专项", _sums(units, pool, "earmarks"), _sums(earmarks, pool, "amount"))
    person = ("paid_through", "person_code")
    payee = ("payer", "person_code")
    counted = lines[lines["component"] != "forfeited"]
    yield from _differ("各行合计 ≠ 工资条应发", _sums(counted, person, "amount"), _sums(slips, payee, "payable"))
    done = slips[slips["status"].isin(_PAID)]
    yield from _differ("工资条实发 ≠ 代发批次", _sums(done, payee, "net"), _sums(batches, payee, "amount"))
    away = lines[lines["charged_unit"] != lines["paid_through"]]
    sides = ("charged_unit", "paid_through", "pool")
    account = ("from_unit", "to_unit", "pool")
    of_lines = _sums(away[away["component"] != "forfeited"], sides, "amount")
    both = _sums(tables["current_account"], account, "amount")
    yield from _differ("代付 ≠ 往来", of_lines, both)
    for row in slips.to_dict("records"):
        payable, net = _fen(row["payable"]), _fen(row["net"])
        right = {"ok": payable - _fen(row["tax"]) - _fen(row["other"]), "no_payment": 0}
        if row["status"] in right and (net != right[row["status"]] or (row["status"] == "no_payment" and payable > 0)):
            where = f"payslips.csv {row['payer']}/{row['person_code']}"
            yield Problem(where, "RULE-BROKEN", "实发 ≠ 应发 − 个税 − 代扣, 或无应付的有应付", "从备份取回")
    for row in tables["reconciliation"].to_dict("records"):
        if _fen(row["difference"]):
            yield Problem(f"reconciliation.csv {row['check']}/{row['key']}", "RULE-BROKEN", "勾稽差额不是 0.00", "")


def _fen(text: str) -> int:
    return parse_yuan(text) if text else 0


def _sums(table: pd.DataFrame, keys: tuple[str, ...], column: str) -> Sums:
    found: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for *key, amount in table[[*keys, column]].itertuples(index=False, name=None):
        found[tuple(key)] += _fen(amount)
    return {key: fen for key, fen in found.items() if fen}


def _added(*several: Sums) -> Sums:
    found: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for one in several:
        for key, fen in one.items():
            found[key] += fen
    return {key: fen for key, fen in found.items() if fen}


def _differ(said: str, one: Sums, other: Sums) -> Iterator[Problem]:
    for key in sorted(one.keys() | other.keys()):
        mine, theirs = one.get(key, 0), other.get(key, 0)
        if mine != theirs:
            told = f"{said}: {format_yuan(mine)} 与 {format_yuan(theirs)}"
            yield Problem("/".join(filter(None, key)), "RULE-BROKEN", told, "从备份取回")
