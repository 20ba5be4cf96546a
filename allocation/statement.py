"""One allocation problem as the optimizer takes it: a pool, members, rules with validated parameters. Money in fen."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress
from math import lcm
from operator import attrgetter

from pydantic import ValidationError

from allocation.rules import RuleFile
from allocation.terms import GROUPS, Member, Row, belonging
from domain.facts import Strict
from domain.once import Once

LONG = 192
"""Bits to which long whole numbers are cut before they are divided as floats: far more than a float holds."""
TINY, _RIGHT = 1e-60, 1e-200
"""In place of a rate of 0; and how large the largest merit is, at least, where floats of the merits are right."""
PURPOSES = ("staff_reward", "income", "subsidy")


@dataclass(frozen=True)
class Rule:
    """One rule of a problem: its file, its parameters, and its priority (None: hard)."""

    file: RuleFile
    params: Strict
    priority: int | None = None

    @property
    def use(self) -> str:
        """The name it goes by."""
        return self.file.use

    @property
    def kind(self) -> str:
        """cap, floor or group."""
        return self.file.kind

    @property
    def place(self) -> tuple[str, int, str]:
        """Where it stands among the rules, whatever order they were given in."""
        return self.use, self.priority or 0, json.dumps(self.params.model_dump(mode="json"), sort_keys=True)


@dataclass(frozen=True)
class Problem:
    """One valid problem. members: by code; rules: as they were stated, no matter in what order."""

    code: str
    purpose: str
    pool: int
    members: tuple[Member, ...]
    rules: tuple[Rule, ...]
    soft_keep: Fraction | None = None

    @Once
    def ranked(self) -> tuple[Rule, ...]:
        """The rules in an order of their own, which everything that speaks of a rule by number means."""
        named = {(rule.file.use, rule.priority or 0): rule for rule in self.rules}
        if len(named) == len(self.rules):
            return tuple([named[name] for name in sorted(named)])
        return tuple(sorted(self.rules, key=lambda rule: rule.place))

    @Once
    def weights(self) -> list[int]:
        """Merits as whole numbers in the same proportion."""
        scale = lcm(*[d for _, d in self.merits])
        return [n * (scale // d) for n, d in self.merits]

    @Once
    def merits(self) -> list[tuple[int, int]]:
        """Merits as ratios."""
        return [member.merit.as_integer_ratio() for member in self.members]

    @Once
    def rates(self) -> list[float]:
        """Weights beside the largest, as floats that guesses go by; TINY where one is 0 or too small to tell from 0."""
        found: Sequence[float]
        try:
            found = [n / d for n, d in self.merits]
            top: float = max(found)
        except OverflowError:
            top = 0.0
        if top < _RIGHT:
            cut = max(0, max(self.weights).bit_length() - LONG)
            found = [weight >> cut for weight in self.weights]
            top = max(found)
        return [one / top or TINY for one in found]

    @Once
    def classes(self) -> list[list[int]]:
        """Members with equal coefficients in every row: only their sum matters to the rules."""
        coefs = [row.coefs for rows in self.rows for row in rows]
        if not coefs:
            return [list(range(len(self.members)))]
        alike: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for i, one in enumerate(zip(*coefs, strict=True)):
            alike[one].append(i)
        return list(alike.values())

    @Once
    def bounds(self) -> list[list[int | None]]:
        """Per ranked rule, every member's own cap or floor in fen (None: it is passed over); [] for group rules."""
        exempting = any(map(attrgetter("exempt"), self.members))
        return [[] if rule.file.kind == "group" else self._bounds(rule, exempting=exempting) for rule in self.ranked]

    def _bounds(self, rule: Rule, *, exempting: bool) -> list[int | None]:
        members, use = self.members, rule.file.use
        if not exempting:
            return list(rule.file.bounds(rule.params, members))
        bound = [use not in member.exempt for member in members]
        found = iter(rule.file.bounds(rule.params, tuple(compress(members, bound))))
        return [next(found) if here else None for here in bound]

    @Once
    def rows(self) -> list[list[Row]]:
        """Per ranked rule, its rows; [] for own caps and floors."""
        return [
            rule.file.rows(rule.params, k, self.members) if rule.file.kind == "group" else []
            for k, rule in enumerate(self.ranked)
        ]

    @Once
    def has_soft(self) -> bool:
        """Whether any rule is soft."""
        return any(rule.priority for rule in self.rules)


def missing(file: RuleFile, params: Strict, member: Member) -> list[str]:
    """The fields that a rule needs of a member and that it does not have."""
    concerned = file.use not in member.exempt and file.concerns(params, member)
    return [field.name for field in file.fields if field.name not in member.fields] if concerned else []


def group_refusals(file: RuleFile, params: Strict, members: Sequence[Member]) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with the groups that a rule names: (parameter, group, code, message)."""
    tiers = {member.tier for member in members}
    for parameter, name in file.groups(params):
        if file.grouped_by_tier and name in GROUPS:
            yield parameter, name, "RESERVED-TIER", f"{name} 是组名, 不是机构级别"
        elif not (any(belonging(members, name)) if name in GROUPS else name in tiers):
            yield parameter, name, "EMPTY-GROUP", f"组 {name} 没有成员"


_SAID = {
    "missing": ("MISSING", "缺少此字段"),
    "extra_forbidden": ("UNKNOWN-FIELD", "此规则没有这个字段"),
    "greater_than_equal": ("NEGATIVE", "不能小于 {ge}"),
    "less_than_equal": ("OUT-OF-RANGE", "不能大于 {le}"),
    "string_type": ("NOT-TEXT", "须是文本"),
    "dict_type": ("NOT-OBJECT", "须是 JSON 对象"),
    "mapping_type": ("NOT-OBJECT", "须是 JSON 对象"),
    "too_short": ("MISSING", "不能为空"),
    "literal_error": ("OUT-OF-RANGE", "须是 {expected}"),
}


def misfits(error: ValidationError) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the parameters of a rule: (place as .field.key, code, message)."""
    for one in error.errors(include_url=False, include_input=False):
        place = "".join(f".{part}" for part in one["loc"] if part != "[key]")
        code, said = _SAID.get(one["type"], ("BAD-VALUE", str(one.get("ctx", {}).get("error", one["msg"]))))
        yield place, code, said.format(**one.get("ctx", {})) if one["type"] in _SAID else said
