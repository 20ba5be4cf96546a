"""What cannot be right about posts: dates, shares, labour without a document, what people share in twice."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from domain.money import format_exact
from domain.pay import POSITION, SIZE, Bound, PoolScheme
from engine.pay.read.given import Given, at
from engine.pay.read.rows import Row
from engine.pay.scheme import HEAD, labour, meant, there, untimed

_ALWAYS = date.max


def check(given: Given) -> None:
    """Tell every problem at its cell."""
    rows = given.rows("posts")
    if not rows:
        return
    _dates(given, rows)
    present = [row for row, yes in zip(rows, there(given.posts, given.period), strict=True) if yes]
    _shares(given, present)
    _documents(given, rows)
    _heads(given, present)
    for pool, scheme in given.pay.pools.items():
        sharing = given.sharers(pool)
        _asked(given, scheme, sharing)
        for bound in untimed(scheme):
            _several(given, pool, bound, sharing)


def _dates(given: Given, rows: list[Row]) -> None:
    for row in rows:
        if row["to"] is not None and row["to"] < row["from"]:
            said = f"任职止 {row['to']} 早于任职起 {row['from']}"
            given.problems.add(at(row, "to"), "PAY-POST-DATES", said, "核对日期")


def _shares(given: Given, present: list[Row]) -> None:
    """A share is above 0; all of a person at one time are at most 1, or what the plan allows."""
    second = given.pay.second_post
    most = second.max_time if second else Fraction(1)
    of: defaultdict[str, list[Row]] = defaultdict(list)
    for row in present:
        if row["share"] == 0:
            given.problems.add(at(row, "share"), "RANGE", "工作占比是 0", "填大于 0、不大于 1 的数; 不任职的删去该行")
        elif row["share"] > 1:
            said = f"工作占比 {format_exact(row['share'])} 大于 1"
            given.problems.add(at(row, "share"), "PAY-SHARE-SUM", said, "填大于 0、不大于 1 的数")
        else:
            of[row["person_code"]].append(row)
    for several in of.values():
        before: list[Row] = []
        for row in sorted(several, key=lambda one: one["from"]):
            still = [one for one in before if (one["to"] or _ALWAYS) >= row["from"]]
            total = row["share"] + sum((one["share"] for one in still), Fraction(0))
            if still and total > most and (row["to"] or _ALWAYS) >= row["from"]:
                said = f"{row['person_code']} 同时任职的工作占比合计 {format_exact(total)}, 超过 {format_exact(most)}"
                others = "、".join(at(one, "share") for one in still)
                told = f"{said} (另见 {others})"
                given.problems.add(at(row, "share"), "PAY-SHARE-SUM", told, "核对占比和起止日期; 双绩效须由方案规定")
            before.append(row)


def _documents(given: Given, rows: list[Row]) -> None:
    """What a rehired or outside person is taxed as is a decision with a document, no consequence of 返聘."""
    for row, hired in zip(rows, labour(given.pay, given.posts), strict=True):
        if (hired or row["tax_kind"] == "labour") and not row["document"]:
            said = f"编制性质 {row['staffing']} 的计税项目没有依据文号"
            given.problems.add(at(row, "document"), "PAY-LABOUR-NO-DOCUMENT", said, "在依据列填决定的文号")


def _heads(given: Given, present: list[Row]) -> None:
    """Who leads an institution shares in no other distribution at the same time, under whatever post."""
    heads: defaultdict[str, list[Row]] = defaultdict(list)
    for row in present:
        if row["role"] == HEAD:
            heads[row["person_code"]].append(row)
    for row in present:
        for head in heads[row["person_code"]] if row["role"] != HEAD else ():
            if row["from"] <= (head["to"] or _ALWAYS) and head["from"] <= (row["to"] or _ALWAYS):
                said = f"{row['person_code']} 同时是负责人 ({at(head, 'role')}), 不能再以别的任职分配"
                given.problems.add(at(row, "role"), "PAY-HEAD-SHARES", said, "核对角色和起止日期")


def _asked(given: Given, scheme: PoolScheme, sharing: list[Row]) -> None:
    """Coefficients and teams that a pool is divided by."""
    if given.correcting:
        return
    by_position = POSITION in scheme.points or (scheme.teams is not None and SIZE in scheme.teams.weight)
    for row in sharing:
        if by_position and row["position"] is None:
            given.problems.add(at(row, "position"), "VALUE-MISSING", "岗位系数 没有填", "补填")
        if scheme.teams is not None and not row["team"]:
            given.problems.add(at(row, "team"), "PAY-TEAM-EMPTY", "科室/团队 没有填", "补填, 按科室分配的资金池都要")


def _several(given: Given, pool: str, bound: Bound, sharing: list[Row]) -> None:
    """Under a bound that does not go by time, a person has one post in a pool of an institution."""
    if not sharing:
        return
    index = {row["post_no"] for row in sharing}
    for_it = meant(bound.of, given.posts)
    first: dict[tuple[str, str], Row] = {}
    for row, yes in zip(given.rows("posts"), for_it, strict=True):
        if not yes or row["post_no"] not in index:
            continue
        before = first.setdefault((row["unit_code"], row["person_code"]), row)
        if before["post_no"] != row["post_no"]:
            said = (
                f"{row['person_code']} 在资金池 {pool} 有几个任职 (另见 {at(before, 'post_no')}), 上下限没有按时间折算"
            )
            given.problems.add(
                at(row, "post_no"), "PAY-CAP-POSTS", said, "方案的 caps、floors 写 time: true, 或合并任职"
            )
