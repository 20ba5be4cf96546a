"""What codes there are: of indicators, figures, amounts, rules, pools, formulas, curves, checks and keys of a plan.

terms(configs)                           # all of them
find(terms(configs), "签约率")           # those that a word is in, the nearest first; where there is none, the nearest
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel

from allocation.rules import rules
from domain.facts import Metric, MoneyItem
from domain.keys import key_of_model
from engine.drafting.listed import params_keys, plan_keys
from engine.policy.configs import Configs
from engine.policy.entries import CHECKS, CURVES, MERITS, POOLS, RULES
from engine.policy.places import params_of, titles
from indicators.registry import indicators

Kind = Literal["indicator", "metric", "item", "rule", "pool", "merit", "curve", "check", "role", "key"]
KINDS: Mapping[Kind, str] = {
    "indicator": "指标",
    "metric": "填报数据",
    "item": "金额项目",
    "rule": "分配规则",
    "pool": "资金池",
    "merit": "绩效占比公式",
    "curve": "评分办法",
    "check": "数据核对",
    "role": "角色",
    "key": "方案的键",
}
_FILES: Mapping[Kind, str] = {"rule": RULES, "pool": POOLS, "merit": MERITS, "curve": CURVES, "check": CHECKS}
_NEAREST = 5
"""So many are told where a word is in none."""


@dataclass(frozen=True)
class Term:
    """One code. params: of each its name, Chinese name and meaning; used: where packs, plans and rules name it."""

    kind: Kind
    code: str
    title: str
    unit: str = ""
    definition: str = ""
    params: tuple[tuple[str, str, str], ...] = ()
    used: tuple[str, ...] = ()


def terms(configs: Configs, roles: Mapping[str, str] = MappingProxyType({})) -> list[Term]:
    """Every code, by kind. roles: the Chinese names of the roles of the service, which are known further up."""
    used = _used(configs)
    made = [*_indicators(), *_catalogue(configs), *_files(), *_checks(configs)]
    made += [Term("role", code, title, definition="服务里的角色") for code, title in roles.items()]
    made += [Term("key", one.place, one.words.title, definition=one.words.text) for one in plan_keys()]
    return [replace(one, used=(*one.used, *used.get(one.code, ()))) if one.kind != "key" else one for one in made]


def find(known: Sequence[Term], word: str) -> tuple[list[Term], bool]:
    """The terms that a word is in, the best first; where it is in none, the nearest and False."""
    held = sorted((rank, at) for at, one in enumerate(known) if (rank := _rank(one, word)) is not None)
    if held:
        return [known[at] for _, at in held], True
    return nearest(known, word), False


def nearest(known: Sequence[Term], word: str) -> list[Term]:
    """The terms whose name or code is most like a word."""

    def likeness(one: Term) -> float:
        return max(difflib.SequenceMatcher(None, word, name).ratio() for name in (one.title, one.code))

    return sorted(known, key=likeness, reverse=True)[:_NEAREST]


def _rank(one: Term, word: str) -> int | None:
    """How well a word fits: the whole name, its beginning, a part of it, a part of what it means; None: not at all."""
    names = (one.title, one.code)
    if word in names:
        return 0
    if any(word in name for name in names):
        return 1 if any(name.find(word) == 0 for name in names) else 2
    return 3 if word in one.definition else None


def _indicators() -> Iterator[Term]:
    for code, one in indicators().items():
        below = f" ÷ {one.denominator_def}" if one.denominator_def else ""
        said = f"{one.numerator_def}{below}; {one.window}; {one.attribution}"
        yield Term("indicator", code, one.title, one.unit, said, _params(one.params))


def _catalogue(configs: Configs) -> Iterator[Term]:
    reading: dict[str, list[str]] = {}
    for code, one in indicators().items():
        for fact in one.facts:
            reading.setdefault(fact, []).append(f"指标 {code} {one.title}")
    for use, rule in rules().items():
        for field in rule.fields:
            reading.setdefault(field.metric or field.item, []).append(f"规则 {use} {rule.words.title}")
    for metric in configs.catalogue.metrics.values():
        yield _row("metric", metric, metric.unit, reading)
    for item in configs.catalogue.items.values():
        yield _row("item", item, "元", reading)


def _row(kind: Kind, row: Metric | MoneyItem, unit: str, reading: Mapping[str, list[str]]) -> Term:
    kinds = {"flow": "时期数", "stock": "时点数", "approval": "批复", "to_date": "截至计算时"}
    said = "; ".join(filter(None, (row.definition, f"{row.reporter}填报", kinds.get(row.kind, ""))))
    return Term(kind, row.code, row.title, unit, said, used=tuple(reading.get(row.code, ())))


def _files() -> Iterator[Term]:
    for kind, files in _FILES.items():
        for use, title in titles(files).items():
            model = params_of(files, use)
            if model is not None:
                words = key_of_model(model)
                yield Term(kind, use, title, definition=words.text if words else "", params=_params(model))


def _checks(configs: Configs) -> Iterator[Term]:
    for one in configs.catalogue.checks:
        severity = {"note": "提示", "confirm": "须说明"}[one.severity]
        said = f"指标目录的默认核对; {titles(CHECKS)[one.use]}; {severity}"
        yield Term("check", one.id, one.title, definition=said)


def _params(model: type[BaseModel]) -> tuple[tuple[str, str, str], ...]:
    return tuple((one.place, one.words.title, one.words.text) for one in params_keys(model))


def _used(configs: Configs) -> dict[str, tuple[str, ...]]:
    """By code where packs and plans name it, a line for each file."""
    found: dict[str, dict[str, dict[str, None]]] = {}
    for word, files in (("政策包", configs.packs), ("方案", configs.plans)):
        for name, path in files.items():
            for code, where in _named(configs.document(path).data, ""):
                found.setdefault(code, {}).setdefault(f"{word} {name}", {})[where] = None
    return {code: tuple(_line(name, where) for name, where in files.items()) for code, files in found.items()}


def _line(name: str, where: Iterable[str]) -> str:
    return ": ".join(filter(None, (name, ", ".join(filter(None, where)))))


def _named(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every text and key of a file, with the id of what it stands in."""
    if isinstance(value, Mapping):
        inside = str(value.get("id") or where)
        for key, inner in value.items():
            yield str(key), inside
            yield from _named(inner, inside)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, where)
    elif isinstance(value, str):
        yield value, where
