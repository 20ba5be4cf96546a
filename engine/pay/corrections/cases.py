"""Cases of a correction, and the state of the tables once each has been applied. Source: contract of pay, Corrections.

The new state is the old folder's own tables with the cases applied, in order of case_no, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, cast

import pandas as pd

from domain.money import exact_text, format_yuan
from domain.pay import RESERVE, Pay
from domain.problems import Problem, Problems
from engine.pay.people import COLUMNS, KEYS, People, empty
from engine.pay.read.forms import must_have
from engine.pay.read.measures import Measures
from engine.pay.read.rows import value_of
from engine.read.cells import Bad

OF_POSTS = ("posts", "attendance", "leave", "person_facts", "earmarks", "holds")
OF_TEAMS = "team_facts"
CORRECTED = (*OF_POSTS, OF_TEAMS)
"""The tables that a person's case may change."""
ALL = "*"
_VALUE = {"person_facts": "value", OF_TEAMS: "value"}
"""Tables with a row per measure: the field of a case is the measure."""

_NUMBER = {**_VALUE, "holds": "multiplier", "leave": "days", "earmarks": "quantity"}
"""Tables whose rows may come and go, and the number without which there is no row."""


@dataclass(frozen=True)
class Case:
    """One case. reserve: the reserve that pays for it, "" where the same money is divided anew. at: where it stands."""

    number: str
    level: Literal["unit", "person"]
    pool: str
    unit: str
    post: str
    table: str
    field: str
    old: str
    new: str
    document: str
    reserve: str
    at: str


@dataclass(frozen=True)
class State:
    """The tables and the institutions' amounts at one moment."""

    people: People
    amounts: pd.DataFrame


@dataclass(frozen=True)
class New:
    """What cases go by: the period, its tables and amounts as the correction brings them, the words of the plan."""

    period: str
    brought: People
    amounts: pd.DataFrame
    known: Measures


def cases_of(people: People, pay: Pay, period: str, problems: Problems) -> tuple[Case, ...]:
    """The cases of a period, in the order of their numbers. What is wrong with one is noted at its place."""
    rows = people["cases"]
    found = [_case(row, pay, problems) for row in rows[rows["period"] == period].to_dict("records")]
    seen: dict[str, Case] = {}
    for one in found:
        if one.level == "unit":
            if one.pool in seen:
                said = f"资金池 {one.pool} 本期有两个机构更正案 {seen[one.pool].number}、{one.number}"
                problems.add(one.at, "PAY-CASE-TWICE", said, "一个发放结果里每池每期一个机构更正案")
            seen[one.pool] = one
    return tuple(sorted(found, key=lambda one: _number(one.number)))


def _number(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdecimal() else (10**9, text)


def _case(row: Mapping[Any, Any], pay: Pay, problems: Problems) -> Case:
    at, funding = str(row["source"]), str(row["funding"] or "")
    funding = funding or (pay.corrections.funding if pay.corrections else "")
    if not funding:
        problems.add(
            at,
            "PAY-CASE-FUNDING",
            "没有写更正的资金怎么来",
            '填 redivide 或 "reserve: 名称", 或在方案写 pay.corrections',
        )
    if not row["document"]:
        problems.add(at, "PAY-CASE-DOCUMENT", f"更正案 {row['case_no']} 没有依据文件", "填会议纪要或复核决定的文号")
    reserve = funding.removeprefix(RESERVE.strip()).strip() if funding.startswith(RESERVE.strip()) else ""
    return Case(
        str(row["case_no"]),
        cast("Literal['unit', 'person']", row["level"]),
        str(row["pool"] or ""),
        str(row["unit_code"] or ""),
        str(row["post_no"] or ""),
        str(row["table"] or ""),
        str(row["field"] or ""),
        str(row["old_value"] or ""),
        str(row["new_value"] or ""),
        str(row["document"] or ""),
        reserve,
        at,
    )


def applied(case: Case, state: State, new: New, problems: Problems) -> State:
    """The state after a case.

    Notes PAY-CASE-OLD where the old value is not what there is, and what cannot be applied.
    """
    if case.level == "unit":
        return replace(state, amounts=_amounts(case, state.amounts, new.amounts))
    if case.field == ALL:
        return replace(state, people=_with_post(case, state.people, new.brought, problems))
    if case.table not in CORRECTED:
        said = f"表 {case.table} 不能由个人更正案改"
        problems.add(case.at, "PAY-CASE-TABLE", said, f"写 {'、'.join(CORRECTED)} 之一")
        return state
    changed = _changed(case, state.people, new, problems)
    return replace(state, people=People({**state.people.tables, case.table: changed}))


def _amounts(case: Case, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """A redividing case takes all amounts of its pool anew, one that a reserve pays for its own unit's."""
    pool = case.pool

    def meant(rows: pd.DataFrame) -> pd.Series[bool]:
        mine = rows["pool"] == pool
        return mine & (rows["unit_code"] == case.unit) if case.reserve else mine

    return pd.concat([old[~meant(old)], new[meant(new)]], ignore_index=True).astype(object)


def _with_post(case: Case, people: People, brought: People, problems: Problems) -> People:
    """The tables with all rows that the correction brings of a forgotten post."""
    if (people["posts"]["post_no"] == case.post).any():
        problems.add(case.at, "PAY-CASE-OLD", f"任职 {case.post} 原来就有", "改写要更正的表和字段")
        return people
    rows = {name: brought[name][brought[name]["post_no"] == case.post] for name in OF_POSTS}
    if rows["posts"].empty:
        problems.add(case.at, "PAY-CASE-NONE", f"任职表没有补入的任职 {case.post}", "在任职表补上它的一行")
    return People(
        {**people.tables, **{name: pd.concat([people[name], rows[name]], ignore_index=True) for name in OF_POSTS}}
    )


def _changed(case: Case, people: People, new: New, problems: Problems) -> pd.DataFrame:
    """The table with the value of the case in its place."""
    table = people[case.table]
    column = _VALUE.get(case.table, case.field)
    unknown = case.table in _VALUE and case.field not in new.known.measures[case.table]
    if unknown or column not in COLUMNS[case.table] or column in {*KEYS[case.table][:2], "source"}:
        problems.add(case.at, "PAY-CASE-FIELD", f"{case.table} 没有可以更正的字段 {case.field}", "写列名或考核项目名")
        return table
    mine = _rows_of(case, table, new.period)
    was, now = (value_of(case.table, column, text, new.known) for text in (case.old, case.new))
    goes = now is None and _NUMBER.get(case.table) == column
    bad = next((one.message for one in (was, now) if isinstance(one, Bad)), "")
    if now is None and not goes and must_have(case.table, column):
        bad = "新值不能为空"
    if bad:
        problems.add(case.at, "PAY-CASE-VALUE", f"{case.old} → {case.new} 不能读成 {column}: {bad}", "照原表的写法填")
        return table
    if was is None and not mine.any():
        return pd.concat([table, _come(case, people, new, column, now, problems)], ignore_index=True)
    same = mine & (table[column] == was) if was is not None else mine & table[column].isna()
    if same.sum() != 1:
        _unlike(case, (shown(one) for one in table.loc[mine, column]), problems)
        return table
    if goes:
        return table[~same].reset_index(drop=True)
    made = table.copy()
    made.loc[same, [column, "source"]] = [now, case.at]
    if case.table in {"holds", "earmarks", "leave"}:
        made.loc[same, "document"] = case.document
    return made


def _unlike(case: Case, there: Iterable[str], problems: Problems) -> None:
    said = f"原值写 {case.old or '空'}, 原结果里是 {'、'.join(there) or '没有这一行'}"
    problems.add(case.at, "PAY-CASE-OLD", said, "核对原值, 照原结果填")


def _rows_of(case: Case, table: pd.DataFrame, period: str) -> pd.Series[bool]:
    """The rows that a case is about; it names a team in the place of the post."""
    if case.table == OF_TEAMS:
        mine = (table["unit_code"] == case.unit) & (table["team"] == case.post)
    else:
        mine = table["post_no"] == case.post
    if "period" in table:
        mine &= table["period"] == period
    if case.table in _VALUE:
        mine &= table["measure"] == case.field
    return mine


def _come(case: Case, people: People, new: New, column: str, value: Any, problems: Problems) -> pd.DataFrame:
    """A row that there was not: as the correction brings it, else of a measure or a hold, which need nothing else."""
    brought, posts = new.brought[case.table], people["posts"]
    mine: pd.DataFrame = brought[_rows_of(case, brought, new.period) & (brought[column] == value)]
    known = (posts["post_no"] == case.post) if case.table != OF_TEAMS else (posts["unit_code"] == case.unit)
    if value is not None and known.any() and case.table in _NUMBER:
        if len(mine) == 1:
            return mine
        if case.table in _VALUE or (case.table, column) == ("holds", "multiplier"):
            return _new_row(case, new.period, column, value)
    _unlike(case, (), problems)
    return empty(case.table)


def _new_row(case: Case, period: str, column: str, value: Any) -> pd.DataFrame:
    row: dict[str, Any] = dict.fromkeys(COLUMNS[case.table])
    row |= {"document": case.document} if "document" in row else {}
    row |= {"period": period, column: value, "source": case.at}
    row |= {"unit_code": case.unit, "team": case.post} if case.table == OF_TEAMS else {"post_no": case.post}
    if case.table in _VALUE:
        row["measure"] = case.field
    return pd.DataFrame([row], columns=[*COLUMNS[case.table], "source"], dtype=object)


def shown(value: Any) -> str:
    """A value as people wrote it."""
    if value is None:
        return "空"
    if isinstance(value, Fraction):
        return exact_text(value)
    return format_yuan(value) if isinstance(value, int) else str(value)


def unnamed(old: People, brought: People, cases: tuple[Case, ...]) -> Iterator[Problem]:
    """Rows that the correction brings, that differ from the old folder's and that no case names (PAY-CASE-NONE)."""
    added = {case.post for case in cases if case.field == ALL}
    named = {(case.table, case.post, case.field) for case in cases if case.level == "person"}
    for name in CORRECTED:
        keys, columns = KEYS[name], [one for one in COLUMNS[name] if one not in KEYS[name]]
        known = {tuple(row[key] for key in keys): row for row in old[name].to_dict("records")}
        for row in brought[name].to_dict("records"):
            who = row["team"] if name == OF_TEAMS else row["post_no"]
            if who in added:
                continue
            there = known.get(tuple(row[key] for key in keys))
            field = row.get("measure")
            if there is None:
                differing = [str(field or columns[0])] if not _names(named, name, who, field) else []
            else:
                unlike = [one for one in columns if not _alike(row[one], there[one])]
                differing = [one for one in unlike if not _names(named, name, who, field or one)]
            if differing:
                what = "、".join(differing)
                said = (
                    f"{name} 里 {who} 的 {what} 与原结果不同, 没有更正案写明"
                    if there
                    else f"{name} 里 {who} 的 {what} 原结果没有"
                )
                yield Problem(str(row["source"]), "PAY-CASE-NONE", said, "在 更正表 写明, 或改回原数")


def _names(named: set[tuple[str, str, str]], table: str, who: str, field: str | None) -> bool:
    """Whether a case names it; of a whole row without a measure, any field of it."""
    if field is None:
        return any(one[:2] == (table, who) for one in named)
    return (table, who, field) in named or (
        table not in _VALUE and field == "document" and _names(named, table, who, None)
    )


def _alike(one: Any, other: Any) -> bool:
    return (None if one == "" else one) == (None if other == "" else other)
