"""Problems for the property tests: small, valid, and drawn to where the corners are.

Ties and zeros in merit, pools of a few fen, caps at 0, floors above caps, shares that contradict each other,
groups that overlap, exempt members, several rules of one use or one priority.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

from hypothesis import strategies as st

from domain.money import format_yuan

Json = dict[str, Any]
MERITS = ("0", "1", "1", "1.0", "2", "3", "0.1", "33.333", "61.25", "47.35", "0.8", "100", "0.001")
SHARES = ("0", "0.1", "0.25", "0.3", "0.3", "0.333", "0.4", "0.5", "0.5", "0.60", "0.60", "0.8", "0.9", "1")
RATIOS = ("0", "0.5", "0.8", "0.95", "1", "1.00", "1.2", "0.777")
KEEPS = ("0", "0.5", "0.70", "1", "0.333")
TIERS = ("lead", "township", "village", "民办")
KINDS = tuple((t, g, s) for t in TIERS for g in (t != "lead", t != "lead", True, False) for s in (False, True))
SIGNS = (1, 1, 1, 1, -1)
CODES = ("H01", "H1", "T10", "T9", "T2", "V07", "a", "卫1", "卫生院", "Z")
PARTS = ("0", "1/100", "1/7", "1/6", "1/5", "1/4", "1/4", "1/3", "1/3", "1/2", "1/2", "2/3", "1", "1", "3/2", "3")
OWN_USES = ("wage_cap", "income_cap", "cap_previous", "floor_previous")
GROUP_USES = ("grassroots_min_share", "signing_min_share", "tier_shares", "total_cap", "pay_gap", "pay_gap")


@cache
def one_of(*options: Any) -> st.SearchStrategy[Any]:
    """`sampled_from`, made once for the same options: making it costs more than drawing from it."""
    return st.sampled_from(options)


@cache
def some_of(*options: str, most: int | None = None) -> st.SearchStrategy[list[str]]:
    """Different ones of the options, at least one, made once."""
    return st.lists(st.sampled_from(options), min_size=1, max_size=most, unique=True)


@cache
def near_parts(part: str, signs: tuple[int, ...] = (1,)) -> st.SearchStrategy[tuple[Fraction, int, int]]:
    """The simple parts of a pool up to one of them, fen beside it, and a sign: one draw for the three."""
    parts = [Fraction(text) for text in PARTS if Fraction(text) <= Fraction(part)]
    return st.sampled_from(list(product(parts, (0, 0, 0, 1, -1, 7), signs)))


@cache
def pools() -> st.SearchStrategy[int]:
    """Pools in fen: a few fen, some yuan, hundreds of millions."""
    large = (123_456_789, 10**10, 10**10 + 1, 999_999_999_999)
    return st.integers(1, 50) | st.integers(51, 100_000) | st.sampled_from(large)


def amount(draw: st.DrawFn, pool: int, part: str = "3", signs: tuple[int, ...] = (1,)) -> str:
    """An amount near a simple part of the pool, at most `part` of it."""
    near, beside, sign = draw(near_parts(part, signs))
    return format_yuan(max(0, int(pool * near) + beside) * sign)


@cache
def codes_up_to(most: int) -> st.SearchStrategy[list[str]]:
    """The codes of at most `most` members."""
    if most <= len(CODES):
        return some_of(*CODES, most=most)
    return st.lists(st.integers(0, 999).map("M{}".format), min_size=1, max_size=most, unique=True)


@st.composite
def members(draw: st.DrawFn, pool: int, most: int) -> list[Json]:
    """Members with every field any rule may ask for; at least one has merit."""
    codes = draw(codes_up_to(most))
    spread = draw(one_of("1/100", "1/4", "1", "3"))
    floors = draw(one_of("1/100", "1/7", "1/5", "1/2", "3"))
    found = []
    for code in codes:
        tier, grassroots, signing = draw(one_of(*KINDS))
        found.append(
            {
                "code": code,
                "tier": tier,
                "grassroots": grassroots,
                "signing": signing,
                "merit": draw(one_of(*MERITS)),
                "wage_headroom": amount(draw, pool, signs=SIGNS),
                "reward_base": amount(draw, pool, signs=SIGNS),
                "headcount": draw(one_of(1, 1, 2, 2, 3, 820, "2.5", "1.0")),
                "gap_income": amount(draw, pool, spread),
                "previous": amount(draw, pool, floors),
            }
        )
    if all(Fraction(member["merit"]) == 0 for member in found):
        found[0]["merit"] = "2.5"
    return found


def groups(found: list[Json], *, counted: bool = False) -> list[str]:
    """The names of groups that have members (`counted`: members that pay_gap counts)."""
    those = [member for member in found if not counted or "pay_gap" not in member.get("exempt", {})]
    names = {member["tier"] for member in those} | ({"all"} if those else set())
    if any(member["grassroots"] for member in those):
        names.add("grassroots")
    if any(member["grassroots"] and member["signing"] for member in those):
        names.add("signing_grassroots")
    return sorted(names)


@st.composite
def rules(draw: st.DrawFn, use: str, pool: int, found: list[Json]) -> Json:
    """One rule of this use, hard or soft; its group has members."""
    rule: Json = {"use": use}
    if use in ("grassroots_min_share", "signing_min_share"):
        rule["share"] = draw(one_of(*SHARES))
    elif use == "income_cap":
        rule["share"] = draw(one_of("0.5", "0.70", "0.333", "1"))
    elif use == "total_cap":
        rule["amount"] = amount(draw, pool)
    elif use == "tier_shares":
        tiers = sorted({member["tier"] for member in found})
        chosen = draw(some_of(*tiers))
        rule["shares"] = {tier: draw(one_of(*SHARES)) for tier in chosen}
        tolerance = draw(one_of(None, "0", "0.05", "0.1", "0.3"))
        rule |= {} if tolerance is None else {"tolerance": tolerance}
    elif use == "pay_gap":
        names = one_of(*groups(found, counted=True))
        rule |= {"low": draw(names), "high": draw(names)}
        rule["ratio"] = draw(one_of(*RATIOS))
    elif use != "wage_cap":
        rule["ratio"] = draw(one_of(*RATIOS))
    if draw(st.booleans()):
        rule["priority"] = draw(one_of(1, 1, 2, 3))
    return rule


@st.composite
def problems(
    draw: st.DrawFn, *, most: int = 7, uses: tuple[str, ...] = OWN_USES + GROUP_USES, exempt: bool = True
) -> Json:
    """A valid problem of at most `most` members with up to five rules."""
    pool = draw(pools())
    found = draw(members(pool, most))
    purpose = draw(one_of("staff_reward", "staff_reward", "subsidy", "income"))
    barred = {"wage_cap", "income_cap"} if purpose == "income" else set()
    if not any(member["grassroots"] for member in found):
        barred.add("grassroots_min_share")
    if not any(member["grassroots"] and member["signing"] for member in found):
        barred.add("signing_min_share")
    open_uses = [use for use in uses if use not in barred]
    count = draw(one_of(0, 1, 2, 3, 3, 4, 4, 5)) if open_uses else 0
    chosen = [draw(one_of(*open_uses)) for _ in range(count)]
    if exempt:
        excuse(draw, found, chosen)
    problem: Json = {
        "pool": {"code": "p", "purpose": purpose, "amount": format_yuan(pool)},
        "members": found,
        "rules": [draw(rules(use, pool, found)) for use in chosen],
    }
    if draw(one_of(False, False, True)):
        problem["soft_keep"] = draw(one_of(*KEEPS))
    return problem


def excuse(draw: st.DrawFn, found: list[Json], chosen: list[str]) -> None:
    """Exempt some members from some rules, some of them without the field; pay_gap keeps its first member."""
    fields = {"wage_cap": "wage_headroom", "income_cap": "reward_base", "pay_gap": "gap_income"}
    for number, member in enumerate(found):
        if draw(st.integers(0, 5)):
            continue
        names = [
            use
            for use in ("wage_cap", "income_cap", "cap_previous", "floor_previous", "pay_gap")
            if number or use != "pay_gap"
        ]
        for use in draw(some_of(*names, most=2)):
            member.setdefault("exempt", {})[use] = "民办机构"
            if use in fields and draw(st.booleans()):
                member.pop(fields[use], None)
        if {"cap_previous", "floor_previous"} <= set(member["exempt"]) and draw(st.booleans()):
            member.pop("previous")


@st.composite
def conflicts(draw: st.DrawFn) -> Json:
    """Small problems whose hard rules often contradict each other."""
    problem: Json = draw(
        problems(
            most=4,
            uses=(
                "wage_cap",
                "cap_previous",
                "floor_previous",
                "pay_gap",
                "total_cap",
                "tier_shares",
                "grassroots_min_share",
            ),
        )
    )
    for rule in problem["rules"]:
        rule.pop("priority", None)
    if not any(rule["use"] == "floor_previous" for rule in problem["rules"]):
        problem["rules"].append({"use": "floor_previous", "ratio": "0.95"})
        for member in problem["members"]:
            member.setdefault("previous", "0.00")
    return problem


def bounded() -> st.SearchStrategy[Json]:
    """Problems with nothing but hard caps and floors of members."""
    return problems(uses=OWN_USES).map(_hardened)


def _hardened(problem: Json) -> Json:
    for rule in problem["rules"]:
        rule.pop("priority", None)
    return problem
