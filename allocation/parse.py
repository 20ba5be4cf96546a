"""Reading one allocation problem (contracts: JSON), with all its problems at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from allocation.rules import rules as rule_files
from allocation.terms import GROUPS, Member, Row
from allocation.texts import note_unwritable
from domain.facts import Strict
from domain.money import MoneyError, exact, parse_yuan
from domain.problems import InputProblems, Problems

PURPOSES = ("staff_reward", "income", "subsidy")
_MONEY_FIELDS = ("wage_headroom", "reward_base", "gap_income", "previous")
_MEMBER_FIELDS = {"code", "name", "tier", "grassroots", "signing", "merit", "headcount", "exempt", *_MONEY_FIELDS}
_PROBLEM_FIELDS = {"pool", "members", "rules", "soft_keep"}
_EXEMPTIBLE = ("cap_previous", "floor_previous", "income_cap", "pay_gap", "wage_cap")


@dataclass(frozen=True)
class Rule:
    """One rule of a problem: its file, its parameters, and its priority (None: hard)."""

    use: str
    params: Strict
    priority: int | None
    file: ModuleType

    @property
    def kind(self) -> str:
        """cap, floor or group."""
        return str(self.file.KIND)

    def bound(self, member: Member) -> int:
        """A member's own cap (rounded down) or floor (rounded up) in fen."""
        fen: int = self.file.bound(self.params, member)
        return fen

    def rows(self, index: int, members: Sequence[Member]) -> list[Row]:
        """A group rule as rows."""
        made: list[Row] = self.file.rows(self.params, index, members)
        return made

    @property
    def order(self) -> tuple[str, int, str]:
        """Where it stands among the rules, whatever order they were given in."""
        return self.use, self.priority or 0, json.dumps(self.params.model_dump(mode="json"), sort_keys=True)


@dataclass(frozen=True)
class Problem:
    """One valid problem: members by code, rules in their own order, money in fen."""

    code: str
    purpose: str
    pool: int
    members: tuple[Member, ...]
    rules: tuple[Rule, ...]
    soft_keep: Fraction | None

    @cached_property
    def weights(self) -> list[int]:
        """Merits as whole numbers in the same proportion."""
        scale = lcm(*(m.merit.denominator for m in self.members))
        return [m.merit.numerator * (scale // m.merit.denominator) for m in self.members]

    @cached_property
    def bounds(self) -> list[list[int | None]]:
        """Per rule, every member's own cap or floor in fen (None where the rule passes over it); [] for group rules."""
        return [
            []
            if rule.kind == "group"
            else [None if rule.use in member.exempt else rule.bound(member) for member in self.members]
            for rule in self.rules
        ]

    @cached_property
    def rows(self) -> list[list[Row]]:
        """Per rule, its rows; [] for own caps and floors."""
        return [rule.rows(k, self.members) if rule.kind == "group" else [] for k, rule in enumerate(self.rules)]

    @cached_property
    def has_soft(self) -> bool:
        """Whether any rule is soft."""
        return any(rule.priority for rule in self.rules)


def parse(data: object) -> Problem:
    """The problem that `data` (decoded JSON) states. Raises InputProblems with everything wrong in it."""
    found = Problems()
    if not isinstance(data, dict):
        raise InputProblems([_single("$", "NOT-OBJECT", "一个分配问题须是 JSON 对象")])
    note_unwritable(found, data)
    found.raise_if_any()
    _unknown(found, "$", data, _PROBLEM_FIELDS)
    pool, purpose, code = _pool(found, data.get("pool"))
    members = _members(found, data.get("members"), _uses(data.get("rules")))
    keep = _decimal(found, "$.soft_keep", data["soft_keep"], top=1) if "soft_keep" in data else None
    rules = _rules(found, data.get("rules", []), members, purpose)
    found.raise_if_any()
    usable = tuple(sorted((m for m in members if m), key=lambda m: m.code))
    return Problem(code, purpose, pool, usable, tuple(sorted(rules, key=lambda rule: rule.order)), keep)


def _single(where: str, code: str, message: str) -> Any:
    found = Problems()
    found.add(where, code, message)
    return found.found[0]


def _unknown(found: Problems, where: str, data: Mapping[str, object], known: set[str]) -> None:
    for key in data:
        if key not in known:
            found.add(f"{where}.{key}", "UNKNOWN-FIELD", f"没有 {key} 这个字段", "删去或改正字段名")


def _text(found: Problems, where: str, value: object) -> str:
    if isinstance(value, str) and value:
        return value
    found.add(where, "NOT-TEXT" if value is not None else "MISSING", "缺少此字段" if value is None else "须是非空文本")
    return ""


def _flag(found: Problems, where: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    found.add(where, "NOT-BOOLEAN", "须是 true 或 false")
    return False


def _money(found: Problems, where: str, value: object, *, signed: bool = False) -> int:
    if isinstance(value, float):
        found.add(where, "FLOAT", "金额不能写成浮点数", '写成带引号的元, 如 "1234.50"')
    elif not isinstance(value, str):
        found.add(where, "MISSING" if value is None else "NOT-MONEY", "须是以元为单位的金额文本", '如 "1234.50"')
    else:
        try:
            fen = parse_yuan(value)
        except MoneyError as error:
            found.add(where, "NOT-MONEY", str(error), "元, 至多两位小数, 不带千分位")
            return 0
        if fen < 0 and not signed:
            found.add(where, "NEGATIVE", f"{value} 不能小于 0")
        return fen
    return 0


def _decimal(found: Problems, where: str, value: object, *, top: int | None = None) -> Fraction:
    if isinstance(value, float):
        found.add(where, "FLOAT", "不能写成浮点数", '写成带引号的小数, 如 "0.6"')
    elif not isinstance(value, str):
        found.add(where, "MISSING" if value is None else "NOT-DECIMAL", "须是小数文本", '如 "0.6"')
    else:
        try:
            number = exact(value)
        except ValueError as error:
            found.add(where, "NOT-DECIMAL", str(error), '写成 "0.6" 这样的小数')
            return Fraction(0)
        if number < 0:
            found.add(where, "NEGATIVE", f"{value} 不能小于 0")
        elif top is not None and number > top:
            found.add(where, "OUT-OF-RANGE", f"{value} 不能大于 {top}")
        return number
    return Fraction(0)


def _pool(found: Problems, data: object) -> tuple[int, str, str]:
    if not isinstance(data, dict):
        found.add("$.pool", "MISSING" if data is None else "NOT-OBJECT", "须给出资金池 {code, purpose, amount}")
        return 0, "", ""
    _unknown(found, "$.pool", data, {"code", "purpose", "amount"})
    code = _text(found, "$.pool.code", data.get("code"))
    purpose = data.get("purpose")
    if purpose not in PURPOSES:
        found.add(
            "$.pool.purpose",
            "MISSING" if purpose is None else "UNKNOWN-PURPOSE",
            f"用途须是 {'、'.join(PURPOSES)} 之一",
        )
    return _money(found, "$.pool.amount", data.get("amount")), str(purpose), code


def _uses(rules: object) -> set[str]:
    """What rules the problem has, so far as they can be read."""
    each = [one.get("use") for one in rules if isinstance(one, dict)] if isinstance(rules, list) else []
    return {use for use in each if isinstance(use, str)}


def _members(found: Problems, data: object, uses: set[str]) -> list[Member | None]:
    if not isinstance(data, list) or not data:
        found.add("$.members", "MISSING" if data in (None, []) else "NOT-LIST", "须至少有一个成员单位")
        return []
    members = [_member(found, f"$.members[{i}]", one, uses) for i, one in enumerate(data)]
    seen: dict[str, int] = {}
    for i, member in enumerate(members):
        if member and member.code:
            if member.code in seen:
                found.add(
                    f"$.members[{i}].code", "DUPLICATE-CODE", f"代码 {member.code} 与 members[{seen[member.code]}] 重复"
                )
            seen.setdefault(member.code, i)
    unread = any(problem.where.endswith(".merit") for problem in found.found)
    if all(member and not member.merit for member in members) and not unread:
        found.add("$.members", "NO-MERIT", "全部成员的 merit 都是 0, 无从分配")
    return members


def _member(found: Problems, where: str, data: object, uses: set[str]) -> Member | None:
    if not isinstance(data, dict):
        found.add(where, "NOT-OBJECT", "成员须是 JSON 对象")
        return None
    _unknown(found, where, data, _MEMBER_FIELDS)
    tier = _text(found, f"{where}.tier", data.get("tier"))
    if tier in GROUPS:
        found.add(f"{where}.tier", "RESERVED-TIER", f"{tier} 是组名, 不能作机构级别")
    money = {
        key: _money(found, f"{where}.{key}", data[key], signed=key in ("wage_headroom", "reward_base"))
        if key in data
        else None
        for key in _MONEY_FIELDS
    }
    heads = data.get("headcount")
    if "headcount" not in data:
        headcount = None
    elif isinstance(heads, int) and not isinstance(heads, bool):
        headcount = Fraction(heads)
        if heads < 0:
            found.add(f"{where}.headcount", "NEGATIVE", f"{heads} 不能小于 0")
    else:
        headcount = _decimal(found, f"{where}.headcount", heads)
    return Member(
        code=_text(found, f"{where}.code", data.get("code")),
        name=_text(found, f"{where}.name", data["name"]) if "name" in data else "",
        tier=tier,
        grassroots=_flag(found, f"{where}.grassroots", data.get("grassroots", False)),
        signing=_flag(found, f"{where}.signing", data.get("signing", False)),
        merit=_decimal(found, f"{where}.merit", data.get("merit")),
        headcount=headcount,
        exempt=_exempt(found, f"{where}.exempt", data.get("exempt", {}), uses),
        **money,
    )


def _exempt(found: Problems, where: str, data: object, uses: set[str]) -> frozenset[str]:
    if not isinstance(data, dict):
        found.add(where, "NOT-OBJECT", '须是 {规则: 理由}, 如 {"wage_cap": "民办机构"}')
        return frozenset()
    for use, reason in data.items():
        if use not in _EXEMPTIBLE and (use in uses or use not in rule_files()):
            found.add(f"{where}.{use}", "UNKNOWN-RULE", f"不能豁免 {use}", f"可豁免的规则: {'、'.join(_EXEMPTIBLE)}")
        elif not isinstance(reason, str) or not reason.strip():
            found.add(f"{where}.{use}", "NO-REASON", "豁免须写明理由")
    return frozenset(data)


def _rules(found: Problems, data: object, members: list[Member | None], purpose: str) -> list[Rule]:
    if not isinstance(data, list):
        found.add("$.rules", "NOT-LIST", "规则须是列表")
        return []
    made = [_rule(found, f"$.rules[{k}]", one, members, purpose) for k, one in enumerate(data)]
    return [rule for rule in made if rule]


def _rule(found: Problems, where: str, data: object, members: list[Member | None], purpose: str) -> Rule | None:
    if not isinstance(data, dict):
        found.add(where, "NOT-OBJECT", "规则须是 JSON 对象")
        return None
    use = data.get("use")
    file = rule_files().get(use) if isinstance(use, str) else None
    if not file:
        if use is None:
            found.add(f"{where}.use", "MISSING", "缺少此字段", f"可用的规则: {'、'.join(rule_files())}")
            return None
        found.add(f"{where}.use", "UNKNOWN-RULE", f"没有规则 {use}", f"可用的规则: {'、'.join(rule_files())}")
        return None
    priority = data.get("priority")
    if "priority" in data and (not isinstance(priority, int) or isinstance(priority, bool) or priority < 1):
        found.add(f"{where}.priority", "BAD-PRIORITY", "优先级须是 1、2、… 的整数 (1 最先)")
        priority = None
    if file.STAFF_ONLY and purpose == "income":
        found.add(
            where, "INCOME-POOL", f"{use} 约束的是个人收入, 不能用于 income 资金池", "删去, 或用于 staff_reward 资金池"
        )
    params = _params(found, where, file, {k: v for k, v in data.items() if k not in ("use", "priority")})
    if file.STAFF_ONLY and purpose == "income":
        return None
    if file.KIND != "group":
        _needs(found, file, members)
    elif params is not None:
        _groups(found, where, file, params, members)
    return Rule(str(use), params, priority, file) if params is not None else None


def _params(found: Problems, where: str, file: ModuleType, data: dict[str, Any]) -> Strict | None:
    known = file.Params.model_fields
    for place, value in _numbers({key: value for key, value in data.items() if key in known}, where):
        what, like = (
            ("金额", '"1234.50"') if "amount" in place.removeprefix(where) and "amount" in known else ("小数", '"0.6"')
        )
        if isinstance(value, float):
            found.add(place, "FLOAT", "不能写成浮点数", f"写成带引号的{what}, 如 {like}")
        else:
            found.add(place, "NOT-MONEY" if what == "金额" else "NOT-DECIMAL", f"{value} 须写成文本", f'写成 "{value}"')
    try:  # as if the numbers had been written as texts, so that what else is wrong is told as well
        params: Strict = file.Params.model_validate(_as_texts(data))
    except ValidationError as error:
        told = {problem.where for problem in found.found}
        for one in error.errors():
            place = where + "".join(f".{part}" for part in one["loc"] if part != "[key]")
            if place in told:  # as a number
                continue
            code, said = _PYDANTIC.get(one["type"], ("BAD-VALUE", one["msg"].removeprefix("Value error, ")))
            found.add(place, code, said.format(**one.get("ctx", {})))
        return None
    return params


_PYDANTIC = {
    "missing": ("MISSING", "缺少此字段"),
    "extra_forbidden": ("UNKNOWN-FIELD", "此规则没有这个字段"),
    "greater_than_equal": ("NEGATIVE", "不能小于 {ge}"),
    "less_than_equal": ("OUT-OF-RANGE", "不能大于 {le}"),
    "string_type": ("NOT-TEXT", "须是文本"),
    "dict_type": ("NOT-OBJECT", "须是 JSON 对象"),
    "mapping_type": ("NOT-OBJECT", "须是 JSON 对象"),
    "too_short": ("MISSING", "不能为空"),
}


def _as_texts(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _as_texts(value) for key, value in data.items()}
    return str(data) if isinstance(data, int | float) and not isinstance(data, bool) else data


def _numbers(data: object, where: str) -> Any:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _numbers(value, f"{where}.{key}")
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield where, data


def _groups(found: Problems, where: str, file: ModuleType, params: Strict, members: list[Member | None]) -> None:
    """A group rule's groups have members, and these have what it needs of them."""
    known = [member for member in members if member]
    for parameter, name in file.groups(params):
        if parameter.startswith("shares.") and name in GROUPS:
            found.add(f"{where}.{parameter}", "RESERVED-TIER", f"{name} 是组名, 不是机构级别", "写机构级别")
        elif known and not _unread(found, name, known) and not any(member.belongs(name) for member in known):
            found.add(f"{where}.{parameter}", "EMPTY-GROUP", f"组 {name} 没有成员")
    concerned = [member if member and file.concerns(params, member) else None for member in members]
    if _needs(found, file, concerned) and file.NEEDS:
        unread = {problem.where for problem in found.found if problem.where.endswith(".headcount")}
        bad = any(f"$.members[{at}].headcount" in unread for at, one in enumerate(concerned) if one)
        for side, heads in zip(("low", "high"), file.heads(params, known), strict=True):
            name = getattr(params, side)
            if (
                not heads
                and not bad
                and any(member.belongs(name) and _use(file) not in member.exempt for member in known)
            ):
                found.add(f"{where}.{side}", "NO-HEADS", f"组 {name} 的 headcount 合计为 0, 无法计算人均")


def _unread(found: Problems, group: str, members: Sequence[Member]) -> bool:
    """Whether a member may belong to the group by a field that could not be read, which is told already."""
    if group in ("grassroots", "signing_grassroots"):
        ends = (".grassroots", ".signing")
        return any(one.where.startswith("$.members[") and one.where.endswith(ends) for one in found.found)
    return any(not member.tier for member in members)


def _needs(found: Problems, file: ModuleType, members: list[Member | None]) -> bool:
    """Whether all that are not exempt have the fields that the rule needs; notes those that have not."""
    use, whole = _use(file), True
    for i, member in enumerate(members):
        for key in file.NEEDS if member and use not in member.exempt else ():
            if getattr(member, key) is None:
                whole = False
                remedy = f"补填, 或在 exempt 中写明 {use} 的理由"
                found.add(f"$.members[{i}].{key}", "MISSING", f"规则 {use} 需要 {key}", remedy)
    return whole


def _use(file: ModuleType) -> str:
    return file.__name__.rpartition(".")[2]
