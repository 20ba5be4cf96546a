"""The story of each amount: the institution's, its teams', and each post's own, with the cells it stands on. No names.

Steps of a post are of its pool and team, so that one post can be told without another's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from allocation.exact.groups import UNBOUNDED
from domain.pay import HOLD, SCORE, SIZE, TIME, PoolScheme, Sourced
from domain.step import LOCAL, Named, Numbers, Phrase, Place, RunWarning, Step, Value, Words
from engine.pay.scheme import AMOUNT, needs_attendance
from engine.pay.split.earmarks import Earmark
from engine.pay.split.facts import Post
from engine.pay.split.lines import COMPONENTS, DEFERRED, DUE, POINTS
from engine.pay.split.shares import Shares, added
from engine.pay.split.told import Key, Team, Told

_BOUNDS: dict[str, str | Named] = {"exact": Named("精确数 (元)"), "low": "保底", "high": "封顶"}
_FACTORS: dict[str, str | Named] = {
    "position": Named("岗位系数", "factor"),
    "time": Named("出勤折算", "factor"),
    "score": "考核得分",
    "hold": Named("停减发系数", "factor"),
    "coefficient": Named("科室系数", "factor"),
    "size": Named("科室规模 Σ 岗位系数 × 出勤折算 × 停减发系数", "factor"),
}
WORDS: dict[str, Words | str] = {
    "rest": Words("可分额", "机构发放额 − 专项", {"amount": "机构发放额", "marks": "专项合计"}),
    "kept": Words("留存", "可分额 − 分给任职的", {"rest": "可分额", "shared": "分给任职的"}),
    "earmark": Words(
        "专项 {title}", "标准 × 数量, 逐笔四舍五入到分", {"rate": "标准 (元/{it})", "quantity": "数量 ({it} 起)"}
    ),
    "time": Words(
        "出勤折算",
        "工作占比 × (任职期内应出勤 − 假期扣减) ÷ 应出勤天数",
        {"share": "工作占比", "employed": "任职期内应出勤", "away": "{it}扣减 (天)", "due": "应出勤天数"},
        form="factor",
    ),
    "points": Words("积分", "各因素相乘; 考核得分除以 100", _FACTORS, form="factor"),
    "weight": Words("科室权重", "各因素相乘; 考核得分除以 100", _FACTORS, form="factor"),
    "team": Words(
        "科室分配额",
        "可分额按权重分, 不低于保底合计, 不高于封顶合计",
        {"rest": "可分额", "weight": Named("权重", "factor"), "all": Named("全部权重", "factor"), **_BOUNDS},
    ),
    "due": Words(
        "应发",
        "{of}按积分分, 不低于保底, 不高于封顶; 元角分按最大余数",
        {"given": "{it}", "points": Named("积分", "factor"), "all": Named("全部积分", "factor"), **_BOUNDS},
    ),
    "listed": Words("应发", "科室分配单上的数; 合计等于{of}", {"given": "{it}", "low": "保底", "high": "封顶"}),
    "deferred": Words(
        "递延", "应发 × 递延比例, 四舍五入到分, 本次不发", {"due": "应发", "share": Named("递延比例", "factor")}
    ),
    "released": Words(
        "兑现 {year} 年的递延",
        "递延余额 × 兑现比例, 四舍五入到分; 不再占用绩效工资总量",
        {"balance": "递延余额", "share": Named("兑现比例", "factor")},
    ),
    "forfeited": Words("{year} 年递延中不再兑现的", "递延余额 − 兑现的", {"balance": "递延余额", "released": "兑现的"}),
    "of_unit": "可分额",
    "of_team": "科室分配额",
    "hold": "停发: 系数 0",
    "cap": "到封顶为止",
    "floor": "由保底托住",
    "no_points": "积分为 0",
    "stays": "封顶后余下的 {fen} 元不转给别的科室, 留在机构",
    "no_posts": "{unit:where} 在任职表没有任职, 发放额不分, 留在机构",
    "nobody": "没有参加这个池分配的任职",
    "zero": "参加分配的任职积分都是 0",
    "no_weight": "科室权重都是 0, 或有积分的科室权重都是 0",
    "capped": "任职都到了封顶",
    "kept_over": "{unit:where} 的 {pool:title} 有 {fen} 元没有分出, 留在机构: {why}",
}


def phrase(code: str, **values: Value) -> Phrase:
    """Something said of a division."""
    return Phrase(f"{__name__}:{code}", values)


def _words(code: str) -> str:
    return f"{__name__}:{code}"


def _documents(*entries: Sourced | None) -> tuple[str, ...]:
    """The documents and clauses that entries rest on."""
    found: list[str] = []
    for one in entries:
        if one is not None:
            sources = [one.cite] if one.source is None or one.source == LOCAL else [one.source, one.cite]
            found += [one.document, *(str(cite) for cite in sources if cite is not None)]
    return tuple(dict.fromkeys(filter(None, found)))


def warnings(told: Told) -> list[RunWarning]:
    """What institutions with posts keep, and why."""
    found = []
    for (unit, pool), left in _kept(told).items():
        if unit in told.facts.units:
            why = _why(told, (unit, pool))
            said = phrase("kept_over", unit=unit, pool=pool, fen=left, why=why)
            found.append(RunWarning("PAY-KEPT", said, Place(unit=unit, pool=pool)))
    return found


def _kept(told: Told) -> dict[Key, int]:
    """What is not divided of each institution's pool, where there is any."""
    left = {key: told.rest[key] - told.shared[key] for key in sorted(told.paid)}
    return {key: fen for key, fen in left.items() if fen}


def _why(told: Told, key: Key) -> Phrase:
    """Why something of a pool is kept."""
    unit, pool = key
    if unit not in told.facts.units:
        return phrase("no_posts", unit=unit)
    made = next(one for one in told.made if one.pool.id == pool)
    here = made.places == made.pool.units.index(unit)
    if not here.any():
        return phrase("nobody")
    if not made.points.num[here].any():
        return phrase("zero")
    capped = made.given.capped[here].all()
    return phrase("capped" if capped or made.teams is None or made.pool.scheme.over_cap == "keep" else "no_weight")


def steps(told: Told) -> tuple[Step, ...]:
    """Every story of a division, from the institution to the post."""
    return (*_units(told), *_teams(told), *_posts(told), *_earmarks(told), *_lines(told), *_released(told))


def _units(told: Told) -> Iterator[Step]:
    kept = _kept(told)
    for key, amount in sorted(told.paid.items()):
        unit, pool = key
        cites = tuple(
            dict.fromkeys([*filter(None, [amount.document]), *_documents(told.pay.approval, told.pay.pools[pool])])
        )
        numbers: Numbers = {"amount": amount.fen, "marks": amount.fen - told.rest[key]}
        place = Place(unit=unit, pool=pool, line="rest")
        yield Step("pay", place, _words("rest"), told.rest[key], numbers, cites=cites, cells=(amount.source,))
        if key in kept:
            place = Place(unit=unit, pool=pool, line="kept")
            left: Numbers = {"rest": told.rest[key], "shared": told.shared[key]}
            yield Step("pay", place, _words("kept"), kept[key], left, notes=(_why(told, key),))


def _teams(told: Told) -> Iterator[Step]:
    totals: dict[str, list[Fraction]] = {}
    for one in told.teams:
        teams, scheme = one.made.teams, one.made.pool.scheme
        if teams is None or scheme.teams is None:
            continue
        place = {"unit": one.unit, "pool": one.pool, "team": one.team}
        measures = {name: told.facts.team_measures.get((one.unit, one.team, name)) for name in scheme.teams.weight}
        sizes = teams.sizes
        numbers: Numbers = {
            name: sizes[[one.at]].fractions()[0] if name == SIZE and sizes is not None else known and known.value
            for name, known in measures.items()
        }
        cells = tuple(known.source for name, known in measures.items() if known and name != SIZE)
        weight = Place(**place, line="weight")
        cites = _documents(scheme, scheme.teams)
        yield Step("pay", weight, _words("weight"), one.weight, numbers, cites=cites, cells=cells)
        if one.pool not in totals:
            totals[one.pool] = teams.weights.sums(teams.units, len(one.made.pool.units)).fractions().tolist()
        total = totals[one.pool][int(teams.units[one.at])]
        yield _team(one, Place(**place, line="amount"), told.rest[one.unit, one.pool], total)


def _team(one: Team, place: Place, rest: int, total: Fraction) -> Step:
    """How a team came to its amount. rest, total: of its institution's pool, in fen and in weights."""
    made, teams = one.made, one.made.teams
    if teams is None:
        raise AssertionError("只有按科室分的才有科室")
    numbers: Numbers = {"rest": rest, "weight": one.weight, "all": total, "exact": teams.given.exact(one.at) / 100}
    notes = [phrase(one.held_by)] if one.held_by else []
    if made.pool.scheme.over_cap == "share":
        numbers |= _within(int(teams.bounds.low[one.at]), int(teams.bounds.high[one.at]))
    if one.fen != one.given:
        notes.append(phrase("stays", fen=one.given - one.fen))
    return Step("pay", place, _words("team"), one.fen, numbers, notes=tuple(notes))


def _within(low: int, high: int) -> Numbers:
    """Bounds that are there."""
    found: Numbers = {"low": low} if low else {}
    return found | ({"high": high} if high < UNBOUNDED else {})


def _place(made: Shares, post: Post, line: str) -> Place:
    return Place(unit=post.unit, pool=made.pool.id, team=post.team if made.teams else "", post=post.post_no, line=line)


def _posts(told: Told) -> Iterator[Step]:
    """Of every sharing post its time, its points and what it is due."""
    for made in told.made:
        size = len(made.given.sound)
        whole, group_fen = added_points(made, size), added(made.groups, made.given.fen, size).tolist()
        if made.teams is not None:
            group_fen = made.teams.given.fen.tolist()
        elif made.pool.scheme.inside == POINTS:
            group_fen = made.rest.tolist()
        timed, points = needs_attendance(made.pool.scheme), made.points.fractions().tolist()
        for at, post in enumerate(made.pool.posts):
            if (post.unit, made.pool.id) not in told.paid:
                continue
            if timed:
                yield _time(told, made, post)
            if made.pool.scheme.points:
                yield _points(told, made, post, points[at])
            group = int(made.groups[at])
            yield _due(told, made, at, points[at], (int(group_fen[group]), whole[group]))


def added_points(made: Shares, size: int) -> list[Fraction]:
    """Σ points of each group."""
    found: list[Fraction] = made.points.sums(made.groups, size).fractions().tolist()
    return found


def _time(told: Told, made: Shares, post: Post) -> Step:
    known = told.facts.attendance[post.post_no]
    numbers: Numbers = {"share": post.share, "employed": known.employed}
    away: dict[str, Fraction] = defaultdict(Fraction)
    for one in known.leave:
        away[one.kind] += (1 - one.counts) * one.days
    numbers |= {("away", kind): days for kind, days in sorted(away.items())}
    numbers["due"] = known.due
    cells = (post.source, *known.cells)
    rules = [rule for rule in told.pay.leave if rule.kind in away]
    place = _place(made, post, TIME)
    return Step(
        "pay", place, _words("time"), told.facts.times[post.post_no], numbers, cites=_documents(*rules), cells=cells
    )


def _points(told: Told, made: Shares, post: Post, points: Fraction) -> Step:
    facts = told.facts
    numbers: Numbers = {}
    cells = [post.source]
    for name in made.pool.scheme.points:
        if name == SCORE or name in made.pool.scheme.quantities:
            known = facts.measures[post.post_no, name]
            numbers[name] = known.value
            cells.append(known.source)
        elif name == HOLD:
            numbers[name] = facts.hold(post)
            cells += [facts.holds[post.post_no].source] if post.post_no in facts.holds else []
        else:
            numbers[name] = facts.times[post.post_no] if name == TIME else post.position
    place = _place(made, post, "points")
    return Step("pay", place, _words("points"), points, numbers, cites=_documents(made.pool.scheme), cells=tuple(cells))


def _due(told: Told, made: Shares, at: int, points: Fraction, of: tuple[int, Fraction]) -> Step:
    """How a post came to what it is due. of: what its team, or its institution, has to divide, and Σ points."""
    post, scheme, given = made.pool.posts[at], made.pool.scheme, made.given
    source = phrase("of_team" if made.teams else "of_unit")
    place, fields = _place(made, post, DUE), {"of": source}
    bounds = _within(int(made.bounds.low[at]), int(made.bounds.high[at])) if points else {}
    fen, name = int(given.fen[at]), "of_team" if made.teams else "of_unit"
    notes = _held(told, made, at, points)
    cites = _documents(scheme, *scheme.caps, *scheme.floors)
    label = "given", str(WORDS[name])
    if scheme.inside == "list":
        cells = (told.facts.measures[post.post_no, AMOUNT].source,)
        return Step(
            "pay", place, _words("listed"), fen, {label: of[0], **bounds}, fields, cites=cites, cells=cells, notes=notes
        )
    numbers: Numbers = {label: of[0], "points": points, "all": of[1], "exact": given.exact(at) / 100, **bounds}
    return Step("pay", place, _words("due"), fen, numbers, fields, cites=cites, notes=notes)


def _held(told: Told, made: Shares, at: int, points: Fraction) -> tuple[Phrase, ...]:
    """What stopped a post."""
    if HOLD in made.pool.scheme.points and not told.facts.hold(made.pool.posts[at]):
        return (phrase("hold"),)
    if not points:
        return (phrase("no_points"),)
    held = "cap" if made.given.capped[at] else "floor" if made.given.floored[at] else ""
    return (phrase(held),) if held else ()


def _earmarks(told: Told) -> Iterator[Step]:
    found: dict[tuple[str, str, Post, str], list[Earmark]] = defaultdict(list)
    for (unit, pool), several in sorted(told.marked.items()):
        for one in several if (unit, pool) in told.paid else ():
            found[unit, pool, one.post, one.item.id].append(one)
    for (unit, pool, post, item), several in found.items():
        first = several[0].item
        numbers: Numbers = {("rate", first.per): first.rate}
        numbers |= {("quantity", one.start.isoformat()): one.quantity for one in several}
        yield Step(
            "pay",
            Place(unit=unit, pool=pool, post=post.post_no, line=item),
            _words("earmark"),
            sum(one.fen for one in several),
            numbers,
            {"title": first.title},
            cites=tuple(dict.fromkeys([*_documents(first), *(one.document for one in several if one.document)])),
            cells=tuple(one.source for one in several),
        )


def _lines(told: Told) -> Iterator[Step]:
    """What of what is due is paid later."""
    teams = {one.pool.id: one.teams is not None for one in told.made}
    names = {post.post_no: post.team for post in told.facts.posts}
    due = {(one.post, one.pool): one.amount for one in told.lines if one.item == POINTS and not one.component}
    for one in told.lines:
        rule = told.pay.pools[one.pool].defer
        if COMPONENTS[one.component] == DEFERRED and rule is not None:
            team = names[one.post] if teams[one.pool] else ""
            place = Place(unit=one.unit, pool=one.pool, team=team, post=one.post, line=DEFERRED)
            numbers: Numbers = {"due": due[one.post, one.pool], "share": rule.share}
            yield Step("pay", place, _words("deferred"), one.amount, numbers, cites=_cited(told.pay.pools[one.pool]))


def _cited(scheme: PoolScheme) -> tuple[str, ...]:
    return _documents(scheme, scheme.defer)


def _released(told: Told) -> Iterator[Step]:
    """What of former years is paid now, and what of it nobody gets."""
    home = {(post.unit, post.person): post.post_no for post in reversed(told.facts.posts)}
    for one in told.released:
        post = home.get((one.unit, one.person), one.person)
        cites, fields = _cited(told.pay.pools[one.pool]), {"year": str(one.year)}
        numbers: Numbers = {"balance": one.balance, "share": one.share}
        for code, fen in (("released", one.released), ("forfeited", one.forfeited)):
            place = Place(unit=one.unit, pool=one.pool, post=post, line=f"{code}-{one.year}")
            yield Step("pay", place, _words(code), fen, numbers, fields, cites=cites, cells=(one.source,))
            numbers = {"balance": one.balance, "released": one.released}
