"""What cannot be right about attendance, leave, holds and what was measured; what is missing of them."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from domain.money import format_exact
from engine.pay.read.given import Given, at
from engine.pay.read.measures import title
from engine.pay.read.rows import Row
from engine.pay.scheme import HEAD, needs_attendance, person_measures, sharing, team_measures


def check(given: Given) -> None:
    """Tell every problem at its cell."""
    attended, half = _attendance(given)
    _leave(given, attended)
    _holds(given)
    _may_have(given)
    if given.correcting or not given.rows("posts"):
        return
    _time(given, attended, half)
    if not given.teams_only:
        _measured(given)
    _teams(given)


def _attendance(given: Given) -> tuple[dict[str, Row], dict[str, str]]:
    """The rows with both figures, by post, and of the others where the one that is not there should stand."""
    found: dict[str, Row] = {}
    half: dict[str, str] = {}
    for row in given.rows("attendance"):
        due, employed, post = row["days_due"], row["days_employed"], given.by_number.get(row["post_no"])
        if due is None or employed is None:
            half[row["post_no"]] = at(row, "days_due" if due is None else "days_employed")
            continue
        found[row["post_no"]] = row
        if due == 0 or due > given.period.days:
            said = f"应出勤天数 {format_exact(due)} 不在 0 与全期 {given.period.days} 天之间"
            given.problems.add(at(row, "days_due"), "PAY-ATT-RANGE", said, "填全期的应出勤天数")
        elif employed > due:
            said = f"任职期内应出勤 {format_exact(employed)} 天, 大于应出勤 {format_exact(due)} 天"
            given.problems.add(at(row, "days_employed"), "PAY-ATT-RANGE", said, "核对天数")
        elif post is not None and employed > given.days(post):
            said = f"任职期内应出勤 {format_exact(employed)} 天, 大于该任职在期内的 {given.days(post)} 个日历日"
            given.problems.add(at(row, "days_employed"), "PAY-ATT-RANGE", said, "核对天数和任职起止日期")
    return found, half


def _leave(given: Given, attended: dict[str, Row]) -> None:
    """Kinds have a rule; leave lies within the post, and takes no more than its days."""
    off: defaultdict[str, Fraction] = defaultdict(Fraction)
    for row in given.rows("leave"):
        counts = given.pay.counts(row["kind"])
        post = given.by_number.get(row["post_no"])
        if counts is None:
            said = f"方案没有写 {row['kind']} 的一天算多少出勤"
            given.problems.add(at(row, "kind"), "PAY-LEAVE-KIND", said, "改正假别, 或补入方案的 pay.leave")
            continue
        if post is not None and row["days"] > given.days(post):
            said = f"{row['kind']} {format_exact(row['days'])} 天, 该任职在期内只有 {given.days(post)} 天"
            given.problems.add(at(row, "days"), "PAY-LEFT", said, "核对天数和任职起止日期")
            continue
        off[row["post_no"]] += (1 - counts) * row["days"]
        days = attended.get(row["post_no"])
        if days is not None and off[row["post_no"]] > days["days_employed"]:
            said = f"请假扣减合计 {format_exact(off[row['post_no']])} 天, 大于任职期内应出勤天数"
            given.problems.add(at(row, "days"), "PAY-ATT-RANGE", said, "核对天数")


def _holds(given: Given) -> None:
    for row in given.rows("holds"):
        if row["multiplier"] > 1:
            said = f"发放系数 {format_exact(row['multiplier'])} 大于 1"
            given.problems.add(at(row, "multiplier"), "RANGE", said, "填 0 到 1 的数")
        if not row["document"]:
            given.problems.add(at(row, "document"), "PAY-HOLD-NO-DOCUMENT", "停减发没有依据", "填处分或考核决定的文号")


def _may_have(given: Given) -> None:
    """A measure of a post is for a pool that it may share in."""
    reading: defaultdict[str, list[str]] = defaultdict(list)
    for pool, scheme in given.pay.pools.items():
        for measure in person_measures(scheme):
            reading[measure].append(pool)
    for row in given.rows("person_facts"):
        post = given.by_number.get(row["post_no"])
        pools = reading[row["measure"]]
        if post is not None and pools and not may_share_any(given, post, pools):
            tell_share(given, post, at(row, "measure"), title(row["measure"]), pools)


def may_share_any(given: Given, post: Row, pools: list[str]) -> bool:
    """Whether a post may share in one of several pools, whatever its days."""
    paid = given.pay.pools
    hired = post["staffing"] in given.pay.labour_staffing
    return any(
        (post["role"] == HEAD) == (paid[pool].who == HEAD) and (paid[pool].labour or not hired) for pool in pools
    )


def tell_share(given: Given, post: Row, where: str, what: str, pools: list[str]) -> None:
    """Say that a post has something of pools that it may not share in (of members in a head's pool: nothing)."""
    names = "、".join(pools)
    if post["role"] == HEAD:
        said = f"{post['post_no']} 是负责人, 不参加 {names} 的分配, 却填了 {what}"
        given.problems.add(where, "PAY-HEAD-SHARES", said, "清空该格; 负责人只拿本人的薪酬资金池")
    elif post["staffing"] in given.pay.labour_staffing:
        said = f"{post['post_no']} 的编制性质是 {post['staffing']}, 不参加 {names} 的分配, 却填了 {what}"
        given.problems.add(where, "PAY-LABOUR-SHARES", said, "清空该格, 或在方案的资金池写 labour: true")


def _time(given: Given, attended: dict[str, Row], half: dict[str, str]) -> None:
    """Who shares in a pool by time has attendance."""
    part, told = given.parts["attendance"], set()
    for pool, scheme in given.pay.pools.items():
        for post in given.sharers(pool) if needs_attendance(scheme) else ():
            number = post["post_no"]
            if number in attended or number in told or part.loses(post_no=number):
                continue
            told.add(number)
            where = half.get(number) or part.blank.get((str(given.period), number), at(post, "post_no"))
            said = f"{number} 参加 {pool} 的分配, 没有填出勤天数"
            given.problems.add(where, "PAY-ATT-MISSING", said, "在出勤表补填")
    for number, where in half.items():
        if number not in told:
            given.problems.add(where, "VALUE-MISSING", "天数 没有填", "两列都填, 或都不填")


def _measured(given: Given) -> None:
    """Who shares in a pool has every measure of it: a missing score is never 0."""
    part, told = given.parts["person_facts"], set()
    for pool, scheme in given.pay.pools.items():
        for post in given.sharers(pool):
            for measure in person_measures(scheme):
                key = (post["post_no"], measure)
                if key in given.values or key in told or part.loses(post_no=key[0], measure=measure):
                    continue
                told.add(key)
                where = part.blank.get((str(given.period), *key), at(post, "post_no"))
                said = f"{key[0]} 参加 {pool} 的分配, 没有{title(measure)}"
                given.problems.add(where, "PAY-SCORE-MISSING", said, "补填; 缺考核的不当作 0")


def _teams(given: Given) -> None:
    """Teams that share have their measures; teams that have measures have somebody who shares."""
    part, told, peopled = given.parts["team_facts"], set(), set()
    values = {(row["unit_code"], row["team"], row["measure"]) for row in given.rows("team_facts")}
    for pool, scheme in given.pay.pools.items():
        if scheme.teams is None:
            continue
        mask = sharing(given.pay, scheme, given.posts, given.period)
        peopled |= {(row["unit_code"], row["team"]) for row, yes in zip(given.rows("posts"), mask, strict=True) if yes}
        for post in given.sharers(pool):
            if not post["team"]:
                continue
            for measure in team_measures(scheme):
                unit, team = post["unit_code"], post["team"]
                key = (unit, team, measure)
                if key in values or key in told or part.loses(unit_code=unit, team=team, measure=measure):
                    continue
                told.add(key)
                where = part.blank.get((str(given.period), *key), at(post, "team"))
                said = f"{unit} 的 {team} 参加 {pool} 的分配, 没有{title(measure)}"
                given.problems.add(where, "PAY-SCORE-MISSING", said, "在科室考核表补填")
    if not any(scheme.teams for scheme in given.pay.pools.values()):
        return
    empty: set[tuple[str, str]] = set()
    for row in given.rows("team_facts"):
        unit, team = row["unit_code"], row["team"]
        if (unit, team) in peopled | empty or given.parts["posts"].loses(unit_code=unit, team=team):
            continue
        empty.add((unit, team))
        said = f"{unit} 的 {team} 没有参加分配的任职"
        given.problems.add(at(row, "team"), "PAY-TEAM-EMPTY", said, "核对科室名称和任职表, 或删去该科室")
