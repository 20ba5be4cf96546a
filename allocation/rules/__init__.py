"""Allocation rules: one file per rule, found by looking into the folder; its name is the rule's `use`.

A rule file has

    Params        its fields besides use and priority
    KEYS          what they are called in Chinese, and the rule as a whole under "Params" (`domain.key`)
    KIND          "cap", "floor" (of each member) or "group"
    WORDS         what it is called in Chinese (`allocation.terms.Words`)
    FIELDS        what it needs to know of a member, and where a run finds it (`allocation.terms.Field`)
    ORDER         where it stands among the rules: in what order group rules restrict whole fen, and fields are told
    STAFF_ONLY    whether it bounds pay, so that income pools refuse it
    check(params, paid) -> findings       the rule looked at again on whole fen, apart from the optimizer

and, by kind

    cap, floor    bounds(params, members) -> list[int]            fen of each; caps round down, floors up
    floor         owed(params, payee) -> int                      the same for the checks, apart from the optimizer
    group         rows(params, index, members) -> list[Row]       as rows that must be ≥ 0
                  groups(params) -> [(parameter, group)]          the groups it names, if any
                  concerns(params, member) -> bool                whose FIELDS it needs, if it has any
    floor, group  loosened(params) -> (params, by how much)       what `relief` tries; int: fen

and may have

    ALIASES       other names of the rule with parameters given beforehand
    impossible(params) -> list[str]       why no amounts could keep to it
    refusals(params, members)             what is wrong with it and members that have all its fields
    ONLY_LOWERS, MISSABLE, GROUPED_BY_TIER   of a group rule: it pays nobody more; its gap counts as missed where rules
                  contradict each other; its groups are tiers alone
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from types import ModuleType
from typing import Any

from allocation.terms import Field, Member, Row, Words
from domain.facts import Strict
from domain.modules import modules
from domain.paid import Check


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name of a rule: its Params with something given beforehand, and its own words."""

    params: type[Strict]
    words: Words


@dataclass(frozen=True)
class RuleFile:
    """One rule by its `use`, as its file declares it."""

    use: str
    params: type[Strict]
    words: Words
    module: ModuleType

    @cached_property
    def kind(self) -> str:
        """cap, floor or group."""
        return str(self.module.KIND)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What it needs to know of a member."""
        fields: tuple[Field, ...] = self.module.FIELDS
        return fields

    @cached_property
    def order(self) -> int:
        """Where it stands among the rules."""
        return int(self.module.ORDER)

    @property
    def staff_only(self) -> bool:
        """Whether it bounds pay, so that an income pool refuses it."""
        return bool(self.module.STAFF_ONLY)

    @property
    def only_lowers(self) -> bool:
        """Whether it only holds amounts down: it pays nobody what another would get."""
        return self.kind == "cap" or bool(getattr(self.module, "ONLY_LOWERS", False))

    @property
    def missable(self) -> bool:
        """Whether, where rules contradict each other, what it lacks counts as missed."""
        return self.kind == "floor" or bool(getattr(self.module, "MISSABLE", False))

    @property
    def grouped_by_tier(self) -> bool:
        """Whether its groups are tiers alone."""
        return bool(getattr(self.module, "GROUPED_BY_TIER", False))

    @cached_property
    def bounds(self) -> Callable[[Strict, Sequence[Member]], list[int]]:
        """Of each member its own cap (rounded down) or floor (rounded up) in fen."""
        found: Callable[[Strict, Sequence[Member]], list[int]] = self.module.bounds
        return found

    def rows(self, params: Strict, index: int, members: Sequence[Member]) -> list[Row]:
        """A group rule as rows."""
        made: list[Row] = self.module.rows(params, index, members)
        return made

    def groups(self, params: Strict) -> list[tuple[str, str]]:
        """The groups it names, each with the parameter that does."""
        named: list[tuple[str, str]] = self.module.groups(params) if hasattr(self.module, "groups") else []
        return named

    def concerns(self, params: Strict, member: Member) -> bool:
        """Whether it needs its fields of this member, leaving exemptions aside."""
        return self.kind != "group" or (bool(self.fields) and bool(self.module.concerns(params, member)))

    def refusals(self, params: Strict, members: Sequence[Member]) -> Iterator[tuple[str, str, str]]:
        """What is wrong with it and members that have all its fields: (parameter, code, message)."""
        if hasattr(self.module, "refusals"):
            yield from self.module.refusals(params, members)

    def impossible(self, params: Strict) -> list[str]:
        """Why no amounts could keep to it, whoever the members are; nothing of most rules."""
        why: list[str] = self.module.impossible(params) if hasattr(self.module, "impossible") else []
        return why

    def loosened(self, params: Strict) -> tuple[Strict, int | Fraction]:
        """The rule a little looser, and by how much: fen (int) or a share."""
        wider: tuple[Strict, int | Fraction] = self.module.loosened(params)
        return wider


@cache
def rules() -> dict[str, RuleFile]:
    """Every rule by its `use`, by name: the modules of this folder and their aliases."""
    found = {use: RuleFile(use, module.Params, module.WORDS, module) for use, module in modules(__name__).items()}
    for file in list(found.values()):
        aliases: Mapping[str, Alias] = getattr(file.module, "ALIASES", {})
        found |= {use: RuleFile(use, alias.params, alias.words, file.module) for use, alias in aliases.items()}
    return dict(sorted(found.items()))


@cache
def fields() -> dict[str, Field]:
    """Every field that some rule needs of a member, by name, in the order of the rules."""
    ordered = sorted(rules().values(), key=lambda rule: rule.order)
    return {field.name: field for rule in ordered for field in rule.fields}


@cache
def exemptible() -> tuple[str, ...]:
    """The rules that may pass over a member: those that need something of it."""
    return tuple(use for use, rule in rules().items() if rule.fields)


def checks() -> dict[str, Check]:
    """How every rule is looked at again, by its `use`."""

    def of(module: Any) -> Check:
        return Check(module.check, getattr(module, "owed", None))

    return {use: of(rule.module) for use, rule in rules().items()}
