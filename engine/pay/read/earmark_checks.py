"""What cannot be right about earmarks (专项): dates, the same days twice, more than the plan allows."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction

from domain.money import format_exact
from engine.pay.read.fact_checks import may_share_any, tell_share
from engine.pay.read.given import Given, at
from engine.pay.read.rows import Row
from engine.pay.scheme import last_day


def check(given: Given) -> None:
    """Tell every problem at its cell."""
    spans: defaultdict[tuple[str, str], list[tuple[date, date, Row]]] = defaultdict(list)
    sums: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for row in given.rows("earmarks"):
        item, post = given.pay.item(row["item"]), given.by_number.get(row["post_no"])
        if item is None or post is None:
            continue
        pools = [pool for pool, scheme in given.pay.pools.items() if item.id in scheme.items]
        if not may_share_any(given, post, pools):
            tell_share(given, post, at(row, "item"), item.title, pools)
        if not _within(given, row, post):
            continue
        whose = post["person_code"] if item.across == "person" else post["post_no"]
        first, last = row["from"], last_day(item, row["from"], row["to"], post["to"], given.period)
        for since, until, other in spans[whose, item.id]:
            if first <= until and since <= last:
                said = f"{whose} 的 {item.title} 与 {at(other, 'item')} 的日期 {since} 至 {until} 重叠"
                given.problems.add(at(row, "item"), "PAY-EARMARK-TWICE", said, "同一人同一天只发一次, 删去重复的")
                break
        spans[whose, item.id].append((first, last, row))
        sums[whose, item.id] += row["quantity"]
        if sums[whose, item.id] > item.max:
            said = f"{whose} 的 {item.title} 合计 {format_exact(sums[whose, item.id])} {item.per}"
            told = f"{said}, 超过方案的 {format_exact(item.max)} {item.per}"
            given.problems.add(at(row, "quantity"), "PAY-EARMARK-MAX", told, "核对数量")


def _within(given: Given, row: Row, post: Row) -> bool:
    """Whether an earmark has days, of the period and of its post."""
    first, last = row["from"], row["to"]
    if last is not None and last < first:
        given.problems.add(at(row, "to"), "DATE", f"止 {last} 早于起 {first}", "核对日期")
        return False
    if first > given.period.end or (last is not None and last < given.period.start):
        given.problems.add(at(row, "from"), "DATE", f"起止日期不在 {given.period} 之内", "核对日期和期间")
        return False
    before, after = first < post["from"], post["to"] is not None and first > post["to"]
    if before or after:
        said = f"起 {first} 不在任职 {post['from']} 至 {post['to'] or '今'} 之内"
        given.problems.add(at(row, "from"), "PAY-LEFT", said, "核对日期; 离任以后不发")
        return False
    if last is not None and post["to"] is not None and last > post["to"]:
        said = f"止 {last} 晚于任职止 {post['to']}"
        given.problems.add(at(row, "to"), "PAY-LEFT", said, "核对日期; 离任以后不发")
        return False
    return True
