"""Allocation: 2,188 alliances of 20 members, `auto` against one naive PuLP + CBC max-min program per alliance.

Both start from parsed problems. Ours ends with exact fen and held_by; the naive one ends with floats.
"""

from __future__ import annotations

import random
import time
from typing import Any

import pulp

from allocation.allocated import allocate, held_by
from allocation.statement import Problem
from engine.exchange.parse import parse

ALLIANCES, MEMBERS, GOAL = 2188, 20, 10.0


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
                "code": f"U{i:02d}", "tier": tier, "grassroots": i > 1, "signing": i > 1,
                "merit": f"{heads * rng.randint(6000, 9800) / 10000:.4f}",
                "wage_headroom": f"{heads * rng.randint(1000, 9000)}.{rng.randint(0, 99):02d}",
                "reward_base": f"{heads * rng.randint(-500, 9000)}.{rng.randint(0, 99):02d}",
                "headcount": heads, "gap_income": f"{heads * income}.00",
            }
        )  # fmt: skip
    rules = [
        {"use": "wage_cap"},
        {"use": "income_cap", "share": "0.7"},
        {"use": "grassroots_min_share", "share": f"0.{rng.randint(40, 70)}"},
        {"use": "pay_gap", "low": "grassroots", "high": "lead", "ratio": "0.85", "priority": 1},
    ]
    pool = {"code": "reward", "purpose": "staff_reward", "amount": f"{rng.randint(500_000, 6_000_000)}.00"}
    return {"pool": pool, "members": members, "rules": rules, "soft_keep": "0.7"}


def naive(data: Problem) -> list[float]:
    """The usual approach: one max-min program in floats, the gap as a penalty, CBC."""
    share = next(r.params.share for r in data.rules if r.use == "grassroots_min_share")  # type: ignore[attr-defined]
    ratio = next(r.params.ratio for r in data.rules if r.use == "pay_gap")  # type: ignore[attr-defined]
    lp = pulp.LpProblem("naive", pulp.LpMaximize)
    caps = [min(max(0, m.fen("wage_headroom")), max(0, m.fen("reward_base")) * 0.7, data.pool) for m in data.members]
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


def measure(alliances: int = ALLIANCES) -> dict[str, Any]:
    """Seconds of both over the same problems, and the ratio."""
    data = [problem(seed) for seed in range(alliances)]
    ours_in = [parse(one) for one in data]
    start = time.perf_counter()
    for one in ours_in:
        made = allocate(one)
        if made is None:
            raise AssertionError("基准问题没有矛盾")
        held_by(made)
    ours = time.perf_counter() - start
    naive_in = [parse(one) for one in data]
    start = time.perf_counter()
    for one in naive_in:
        naive(one)
    theirs = time.perf_counter() - start
    return {
        "what": f"{alliances} 个医联体 × {MEMBERS} 个成员, 单进程, 不含 relief",
        "ours": "allocate(auto) + held_by", "ours_seconds": round(ours, 3),
        "ours_ms_each": round(ours / alliances * 1000, 3),
        "baseline": "每个医联体一次 PuLP + CBC max-min", "baseline_seconds": round(theirs, 3),
        "ratio": round(theirs / ours, 2), "goal": f"ratio >= {GOAL}",
    }  # fmt: skip
