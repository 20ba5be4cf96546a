"""Reading one allocation problem (contracts: JSON), with all its problems at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from pydantic import ValidationError

from allocation.rules import RuleFile, exemptible, fields
from allocation.rules import rules as rule_files
from allocation.statement import PURPOSES, Problem, Rule, group_refusals, misfits, missing
from allocation.terms import GROUPS, Field, Member
from domain.facts import Strict
from domain.money import MoneyError, exact, parse_yuan
from domain.problems import InputProblems
from domain.problems import Problem as Refusal
from engine.exchange.limits import Found, note_too_large
from engine.exchange.texts import survey, writable

_MEMBER_FIELDS = ("code", "name", "tier", "grassroots", "signing", "merit", "exempt")
NOBODY = "\0"
"""A group in the place of one that cannot be read: nobody is of it."""
_PROBLEM_FIELDS = ("pool", "members", "rules", "soft_keep")


def parse(data: object) -> Problem:
    """The problem that `data` (decoded JSON) states. Raises InputProblems with everything wrong in it."""
    found = Found()
    if not isinstance(data, dict):
        raise InputProblems([Refusal("$", "NOT-OBJECT", "一个分配问题须是 JSON 对象")])
    written, longest = survey(data)
    data = data if written else writable(found, data)
    if note_too_large(found, data, longest):
        found.raise_if_any()
    _unknown(found, "$", data, _PROBLEM_FIELDS)
    pool, purpose, code = _pool(found, data.get("pool"))
    members = _members(found, data.get("members"), _uses(data.get("rules")))
    keep = _decimal(found, "$.soft_keep", data["soft_keep"], top=1) if "soft_keep" in data else None
    rules = _rules(found, data.get("rules", []), members, purpose)
    found.raise_if_any()
    usable = tuple(sorted((m for m in members if m), key=lambda m: m.code))
    return Problem(code, purpose, pool, usable, tuple(rules), keep)


def _unknown(found: Found, where: str, data: Mapping[str, object], known: Collection[str]) -> None:
    for key in data:
        if key not in known:
            found.add(f"{where}.{key}", "UNKNOWN-FIELD", f"没有 {key} 这个字段", "删去或改正字段名")


def _text(found: Found, where: str, value: object) -> str:
    if isinstance(value, str) and value:
        return value
    found.add(where, "NOT-TEXT" if value is not None else "MISSING", "缺少此字段" if value is None else "须是非空文本")
    return ""


def _flag(found: Found, where: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    found.add(where, "NOT-BOOLEAN", "须是 true 或 false")
    return False


def _money(found: Found, where: str, value: object, *, signed: bool = False) -> int:
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


def _decimal(found: Found, where: str, value: object, *, top: int | None = None, signed: bool = False) -> Fraction:
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
        if number < 0 and not signed:
            found.add(where, "NEGATIVE", f"{value} 不能小于 0")
        elif top is not None and number > top:
            found.add(where, "OUT-OF-RANGE", f"{value} 不能大于 {top}")
        return number
    return Fraction(0)


def _pool(found: Found, data: object) -> tuple[int, str, str]:
    if not isinstance(data, dict):
        found.add("$.pool", "MISSING" if data is None else "NOT-OBJECT", "须给出资金池 {code, purpose, amount}")
        return 0, "", ""
    _unknown(found, "$.pool", data, ("code", "purpose", "amount"))
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


def _members(found: Found, data: object, uses: set[str]) -> list[Member | None]:
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
    read = all(f"$.members[{i}].merit" not in found.places for i in range(len(members)))
    if read and all(member and not member.merit for member in members):
        found.add("$.members", "NO-MERIT", "全部成员的 merit 都是 0, 无从分配")
    return members


def _member(found: Found, where: str, data: object, uses: set[str]) -> Member | None:
    if not isinstance(data, dict):
        found.add(where, "NOT-OBJECT", "成员须是 JSON 对象")
        return None
    known = fields()
    if not data.keys() <= _member_fields():
        _unknown(found, where, data, _member_fields())
    tier = _text(found, f"{where}.tier", data.get("tier"))
    if tier in GROUPS:
        found.add(f"{where}.tier", "RESERVED-TIER", f"{tier} 是组名, 不能作机构级别")
    numbers = {
        name: _number(found, f"{where}.{name}", field, data[name]) for name, field in known.items() if name in data
    }
    return Member(
        code=_text(found, f"{where}.code", data.get("code")),
        name=_text(found, f"{where}.name", data["name"]) if "name" in data else "",
        tier=tier,
        grassroots=_flag(found, f"{where}.grassroots", data.get("grassroots", False)),
        signing=_flag(found, f"{where}.signing", data.get("signing", False)),
        merit=_decimal(found, f"{where}.merit", data.get("merit")),
        fields=numbers,
        exempt=_exempt(found, f"{where}.exempt", data.get("exempt", {}), uses),
    )


@cache
def _member_fields() -> frozenset[str]:
    return frozenset((*_MEMBER_FIELDS, *fields()))


def _number(found: Found, where: str, field: Field, value: object) -> int | Fraction:
    """What a rule needs of a member: money as text, other numbers whole or as text."""
    if field.kind == "money":
        return _money(found, where, value, signed=field.signed)
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0 and not field.signed:
            found.add(where, "NEGATIVE", f"{value} 不能小于 0")
        return Fraction(value)
    return _decimal(found, where, value, signed=field.signed)


def _exempt(found: Found, where: str, data: object, uses: set[str]) -> dict[str, str]:
    if not isinstance(data, dict):
        found.add(where, "NOT-OBJECT", '须是 {规则: 理由}, 如 {"wage_cap": "民办机构"}')
        return {}
    for use, reason in data.items():
        if use not in exemptible() and (use in uses or use not in rule_files()):
            found.add(f"{where}.{use}", "UNKNOWN-RULE", f"不能豁免 {use}", f"可豁免的规则: {'、'.join(exemptible())}")
        elif not isinstance(reason, str) or not reason.strip():
            found.add(f"{where}.{use}", "NO-REASON", "豁免须写明理由")
    return data


def _rules(found: Found, data: object, members: list[Member | None], purpose: str) -> list[Rule]:
    if not isinstance(data, list):
        found.add("$.rules", "NOT-LIST", "规则须是列表")
        return []
    made = [_rule(found, f"$.rules[{k}]", one, members, purpose) for k, one in enumerate(data)]
    return [rule for rule in made if rule]


def _rule(found: Found, where: str, data: object, members: list[Member | None], purpose: str) -> Rule | None:
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
    barred = file.staff_only and purpose == "income"
    if barred:
        said = f"{file.use} 约束的是个人收入, 不能用于 income 资金池"
        found.add(where, "INCOME-POOL", said, "删去, 或用于 staff_reward 资金池")
    given = {k: v for k, v in data.items() if k not in ("use", "priority")}
    params = _params(found, where, file, given)
    if barred:
        return None
    if params is not None:
        _fits(found, where, file, params, members)
    elif (supposed := _supposed(file, given)) is not None:
        _fits(found, where, file, supposed, members)
    return Rule(file, params, priority) if params is not None else None


def _supposed(file: RuleFile, given: dict[str, Any]) -> Strict | None:
    """The rule with something harmless in the place of what is wrong, so that what else is wrong is told as well."""
    supposed = _as_texts(given)
    for _ in range(2):  # what stands within a mapping first
        try:
            params: Strict = file.params.model_validate(supposed)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_context=False, include_input=False):
                name, *within = map(str, one["loc"])
                known = file.params.model_fields.get(name)
                if within and isinstance(supposed.get(name), dict):
                    supposed[name][within[0]] = "0"
                elif known is None or not known.is_required():
                    supposed.pop(name, None)
                else:
                    supposed[name] = NOBODY if known.annotation is str else "0"
        else:
            return params
    return None


def _params(found: Found, where: str, file: RuleFile, data: dict[str, Any]) -> Strict | None:
    known = file.params.model_fields
    for key in (key for key in data if key in known):
        money = known[key].annotation is int
        for place, value in _numbers(data[key], f"{where}.{key}"):
            if isinstance(value, float):
                like = '金额, 如 "1234.50"' if money else '小数, 如 "0.6"'
                found.add(place, "FLOAT", "不能写成浮点数", f"写成带引号的{like}")
            else:
                found.add(place, "NOT-MONEY" if money else "NOT-DECIMAL", f"{value} 须写成文本", f'写成 "{value}"')
    try:  # as if the numbers had been written as texts, so that what else is wrong is told as well
        params: Strict = file.params.model_validate(_as_texts(data))
    except ValidationError as error:
        if found.full:
            found.count(error.error_count())
            return None
        for place, code, said in misfits(error):
            if where + place not in found.places:  # as a number
                found.add(where + place, code, said)
        return None
    return params


def _as_texts(data: dict[str, Any]) -> dict[str, Any]:
    """Parameters with numbers as texts, and no more within another than any rule takes: a mapping of texts."""

    def text(value: Any) -> Any:
        if isinstance(value, dict | list):
            return "{…}" if isinstance(value, dict) else "[…]"
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value

    return {
        key: {inner: text(one) for inner, one in value.items()} if isinstance(value, dict) else text(value)
        for key, value in data.items()
    }


def _numbers(data: object, where: str, *, within: bool = False) -> Iterator[tuple[str, int | float]]:
    if isinstance(data, dict) and not within:
        for key, value in data.items():
            yield from _numbers(value, f"{where}.{key}", within=True)
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield where, data


def _fits(found: Found, where: str, file: RuleFile, params: Strict, members: Sequence[Member | None]) -> None:
    """A rule's groups have members, and whoever it speaks of has what it needs."""
    known = [member for member in members if member]
    if known:
        for parameter, group, code, said in group_refusals(file, params, known):
            if group != NOBODY and (code != "EMPTY-GROUP" or not _unread(found, group, members)):
                found.add(f"{where}.{parameter}", code, said, "写机构级别" if code == "RESERVED-TIER" else "")
    whole = True
    for i, member in enumerate(members):
        for name in missing(file, params, member) if member else ():
            whole = False
            remedy = f"补填, 或在 exempt 中写明 {file.use} 的理由"
            found.add(f"$.members[{i}].{name}", "MISSING", f"规则 {file.use} 需要 {name}", remedy)
    if whole and not _misread(found, file, params, members):
        for parameter, code, said in file.refusals(params, known):
            found.add(f"{where}.{parameter}", code, said)


def _misread(found: Found, file: RuleFile, params: Strict, members: Sequence[Member | None]) -> bool:
    """Whether a number that the rule needs of somebody could not be read, which is told already."""
    return bool(found.places) and any(
        f"$.members[{i}].{field.name}" in found.places
        for i, member in enumerate(members)
        if member and file.concerns(params, member)
        for field in file.fields
    )


def _unread(found: Found, group: str, members: Sequence[Member | None]) -> bool:
    """Whether a member may belong to the group by a field that could not be read, which is told already."""
    flags = ("grassroots", "signing") if group in GROUPS else ("tier",)
    return any(f"$.members[{i}].{flag}" in found.places for i in range(len(members)) for flag in flags)
