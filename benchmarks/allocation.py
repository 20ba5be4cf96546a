"""Allocation: 2,188 alliances of 20 members, exact, against one naive PuLP + CBC max-min program per alliance.

Both start from parsed problems. Ours ends with exact fen, held_by and the certificate; the naive one ends with floats.
The merits once have four decimals, and once are as a run hands them over: ratios whose common denominator has some 200
digits. One problem of 20 is also put to cvxpy_leximin (the extra `bench`). CPU time of this process and its children,
so that a solver in a process of its own counts; pairs one after the other, so that the machine's load falls on both.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from fractions import Fraction
from statistics import median
from typing import Any

import pulp

from allocation.allocated import allocate, held_by
from allocation.rules.min_share import Params as MinShare
from allocation.rules.pay_gap import Params as PayGap
from allocation.statement import Problem
from benchmarks import clock
from engine.exchange.parse import parse

ALLIANCES, MEMBERS = 2188, 20
GOAL, LEXIMIN_GOAL = 20.0, 2000.0


def problem(seed: int) -> dict[str, Any]:
    """One alliance: lead hospital, a county hospital, 15 township hospitals, 3 community centres."""
    rng = random.Random(seed)  # noqa: S311  (a repeatable example, not a secret)
    members = []
    for i in range(MEMBERS):
        tier = "lead" if i == 0 else "county" if i == 1 else "township" if i < MEMBERS - 3 else "community"
        heads = {"lead": 600, "county": 200}.get(tier) or rng.randint(20, 80)
        income = rng.randint(25_000, 35_000) if i < 2 else rng.randint(20_000, 30_000)
        members.append(
            {
                "code": f"U{i:02d}",
                "tier": tier,
                "grassroots": i > 1,
                "signing": i > 1,
                "merit": f"{heads * rng.randint(6000, 9800) / 10000:.4f}",
                "wage_headroom": f"{heads * rng.randint(1000, 9000)}.{rng.randint(0, 99):02d}",
                "reward_base": f"{heads * rng.randint(-500, 9000)}.{rng.randint(0, 99):02d}",
                "headcount": heads,
                "gap_income": f"{heads * income}.00",
            }
        )
    rules = [
        {"use": "wage_cap"},
        {"use": "income_cap", "share": "0.7"},
        {"use": "grassroots_min_share", "share": f"0.{rng.randint(40, 70)}"},
        {"use": "pay_gap", "low": "grassroots", "high": "lead", "ratio": "0.85", "priority": 1},
    ]
    pool = {"code": "reward", "purpose": "staff_reward", "amount": f"{rng.randint(500_000, 6_000_000)}.00"}
    return {"pool": pool, "members": members, "rules": rules, "soft_keep": "0.7"}


def as_run_has_them(data: Problem, seed: int) -> Problem:
    """The problem with merits like a run's: of each member a score over figures of its own, times a quantity."""
    rng = random.Random(seed)  # noqa: S311  (a repeatable example, not a secret)

    def scored(merit: Fraction) -> Fraction:
        figures = [rng.randint(20_000, 500_000) for _ in range(2)]
        return merit * sum((Fraction(rng.randint(1, figure), figure) for figure in figures), Fraction(0))

    return replace(data, members=tuple(replace(one, merit=scored(one.merit)) for one in data.members))


def ours(data: Problem) -> None:
    """Exact fen, what holds whom, and the steps of the proof."""
    made = allocate(data)
    if made is None or not made.optimum.solved.steps:
        raise AssertionError("基准问题没有矛盾, 都有证书")
    held_by(made)


def naive(data: Problem) -> list[float]:
    """The usual approach: one max-min program in floats, the gap as a penalty, CBC."""
    share = next(rule.params.share for rule in data.rules if isinstance(rule.params, MinShare))
    ratio = next(rule.params.ratio for rule in data.rules if isinstance(rule.params, PayGap))
    lp = pulp.LpProblem("naive", pulp.LpMaximize)
    caps = _caps(data)
    x = [lp.add_variable(f"x{i}", 0, cap) for i, cap in enumerate(caps)]
    level, short = lp.add_variable("level", 0), lp.add_variable("short", 0)
    lp += 1e4 * pulp.lpSum(x) + level - 1e2 * short
    lp += pulp.lpSum(x) <= data.pool
    grassroots = [v for v, m in zip(x, data.members, strict=True) if m.grassroots]
    lp += pulp.lpSum(grassroots) >= float(share) * pulp.lpSum(x)
    low = [(v, m) for v, m in zip(x, data.members, strict=True) if m.grassroots]
    high = [(v, m) for v, m in zip(x, data.members, strict=True) if m.tier == "lead"]
    heads = [float(sum(m.fields["headcount"] for _, m in side)) for side in (low, high)]
    per_head = [
        (pulp.lpSum(v for v, _ in side) + sum(m.fen("gap_income") for _, m in side)) / n
        for side, n in zip((low, high), heads, strict=True)
    ]
    lp += per_head[0] + short >= float(ratio) * per_head[1]
    for v, m, cap in zip(x, data.members, caps, strict=True):
        if cap:
            lp += v >= level * float(m.merit)
    lp.solve(pulp.COIN_CMD(path=pulp.PULP_CBC_CMD.pulp_cbc_path, msg=False))
    return [v.value() or 0.0 for v in x]


def _caps(data: Problem) -> list[float]:
    """What each member can have at most, by the pool, its headroom and its reward base."""
    return [min(max(0, m.fen("wage_headroom")), max(0, m.fen("reward_base")) * 0.7, data.pool) for m in data.members]


def leximin(data: Problem) -> list[float]:
    """One problem without its soft rule by cvxpy_leximin: amounts over merits, the pool paid as far as caps allow.

    Its answer is off by some 10⁻⁵; that the sum is as large as can be and the least gap are given to it beforehand.
    """
    import cvxpy  # noqa: PLC0415  (the extra `bench`)
    import cvxpy_leximin  # noqa: PLC0415

    share = next(rule.params.share for rule in data.rules if isinstance(rule.params, MinShare))
    merits = [float(member.merit) for member in data.members]
    x = cvxpy.Variable(len(merits), nonneg=True)
    exact = allocate(replace(data, rules=tuple(rule for rule in data.rules if rule.priority is None)))
    if exact is None:
        raise AssertionError("基准问题没有矛盾")
    total = float(exact.optimum.distributed) / data.pool
    inside = [i for i, member in enumerate(data.members) if member.grassroots]
    constraints = [
        x <= [cap / data.pool for cap in _caps(data)],
        cvxpy.sum(x) == total,
        cvxpy.sum(x[inside]) >= float(share) * total - 1e-9,
    ]
    top = sum(merits)
    program = cvxpy_leximin.Problem(
        cvxpy_leximin.Leximin([x[i] * top / merit for i, merit in enumerate(merits)]), constraints
    )
    program.solve()
    return [float(value) for value in x.value]


def over(
    solve: Callable[[Problem], object], stated: Sequence[Problem], runs: int, *, own: bool = True
) -> Callable[[], None]:
    """The work, so many times, of solving some problems that nothing was reckoned of before.

    own: as the command line does it, which seldom searches for garbage; else as Python does by itself.
    """
    fresh = [[replace(one) for one in stated] for _ in range(runs)]

    def work() -> None:
        left = fresh.pop()
        with clock.seldom_collected() if own else nullcontext():
            while left:  # what was solved is gone, with all that was reckoned of it
                solve(left.pop())

    return work


def measure(alliances: int = ALLIANCES, runs: int = clock.RUNS) -> dict[str, Any]:
    """CPU seconds of both over the same problems, in turns, and the medians of the ratios."""
    decimals = [parse(problem(seed)) for seed in range(alliances)]
    ratios = [as_run_has_them(one, seed) for seed, one in enumerate(decimals)]
    works = [over(ours, decimals, runs), over(naive, decimals, runs, own=False), over(ours, ratios, runs)]
    clock.turns([over(solve, decimals[:20], 1) for solve in (ours, naive)], 1)
    with clock.set_aside():
        own, theirs, long = clock.turns(works, runs)
    return clock.against(
        f"{alliances} 个医联体 × {MEMBERS} 个成员, 四条规则, 单进程, 不含 relief; CPU 时间 (含子进程), "
        f"轮流各 {runs} 次取中位; 垃圾回收各按其运行的样子: 命令行的设置, Python 的默认",
        ("allocate(auto) + held_by + 证书, 绩效四位小数", own),
        ("每个医联体一次 PuLP + CBC max-min", theirs),
        clock.times(theirs, own),
        f"ratio >= {GOAL:.0f}",
        ours_ms_each=round(median(own) / alliances * 1000, 3),
        ours_long="同上, 绩效如 run 所给 (公分母约 200 位)",
        ours_long_seconds=round(median(long), 3),
        ratio_long=clock.times(theirs, long),
    )


def measure_leximin(runs: int = 3, times: int = 100) -> dict[str, Any]:
    """CPU seconds of one problem of 20 by cvxpy_leximin and by ours. ImportError without the extra `bench`."""
    stated = parse(problem(2))
    theirs, own = clock.turns([over(leximin, [stated], runs), over(ours, [stated] * times, runs)], runs)
    return clock.against(
        f"一个医联体 × {MEMBERS} 个成员, 轮流各 {runs} 次取中位, CPU 时间 (含子进程)",
        ("allocate(auto) + held_by + 证书", [spent / times for spent in own]),
        ("cvxpy_leximin (不含软规则; 总额事先给它)", theirs),
        round(clock.times(theirs, own) * times),
        f"ratio >= {LEXIMIN_GOAL:.0f}",
    )
