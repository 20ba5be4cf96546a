"""What a plan takes from the packs where they leave a choice: readings, several rules on one item, unsure formulas.

* A rule that can be read in several ways has `readings`; the plan chooses one in `readings: {"pack:RULE": name}`, and
  its fields go before the rule's own. In a chosen entry only that reading is left, so one reading means: chosen.
* `Item.also` names rules of other packs on the same indicator; with `target_from: stricter` the target that is harder
  to meet holds, with the deadline and clause of its own rule.
* What no document says how to compute (口径待核: an entry of `formula_status: background`, or an indicator that is)
  decides no pay unless `accept_background` names the entry, or the indicator of an item without one. So does a money
  rule that is not from its text, where a pool, the permits or the quota stand on its clause.
* An entry that is `unavailable` (数据不可得) can be carried out by no item: nothing is put in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, ValidationError

from allocation.merit import merits
from allocation.pools import score_of
from domain.demand import Target
from domain.facts import Catalogue
from domain.pack import (
    Measurable,
    Pack,
    PackDuty,
    PackEntry,
    PackIndicator,
    PackMilestone,
    PackMoney,
    PackNamed,
    PackPrice,
    PackTrend,
)
from domain.plan import Item, Plan
from domain.step import Basis, Phrase, Value
from domain.values import Cite
from engine.policy.background import assumed, unchecked
from engine.policy.entries import check_indicator, given_measurable
from engine.policy.find import find_entry, parted, target_of
from engine.policy.words import UNAVAILABLE, UNCHECKED
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest, validate
from indicators.registry import indicators

WORDS = {
    "marked": "{rule} [{marks:join ; }]",
    "reading": "读法 {reading}",
    "unchecked": UNCHECKED,
    "assumed": f"[{UNCHECKED}]",
    "also": "{rule}; 另见 {others:join ; }",
    "strictest": "{rule}; 另见 {others:join ; }, 从严取 {strict}",
}
SECTIONS: dict[str, type[PackEntry]] = {
    "indicators": PackIndicator,
    "trends": PackTrend,
    "named": PackNamed,
    "duties": PackDuty,
    "money": PackMoney,
    "prices": PackPrice,
    "milestones": PackMilestone,
}
_KEPT = ("id", "cite", "readings", "at", "changes")  # what a reading cannot change


# ── packs ─────────────────────────────────────────────────────────────────────────────────────────────────


def check_readings(document: Document, pack: Pack, catalogue: Catalogue) -> None:
    """Note readings of a pack that are only one, that change what they may not, or that make no valid entry."""
    for section, model in SECTIONS.items():
        for index, entry in enumerate(getattr(pack, section)):
            path: KeyPath = (section, index, "readings")
            if len(entry.readings) == 1:
                document.add(path, "READING-ONE", "只有一种读法", "至少写两种; 没有歧义的直接写进条目")
            for name, fields in entry.readings.items():
                at = (*path, name)
                for key in sorted(set(fields) & set(_KEPT)):
                    document.add((*at, key), "FIELD-UNKNOWN", "读法不能改这个字段", "删去")
                if set(fields) & set(_KEPT):
                    continue
                made = _fields(entry) | dict(fields)
                if validate(model, document, made, at) is not None and isinstance(made.get("indicator"), str):
                    check_indicator(made, document, at, catalogue, local=frozenset())


def _fields(entry: PackEntry) -> dict[str, Any]:
    return entry.model_dump(by_alias=True, exclude={"readings"})


def chosen(document: Document, packs: Mapping[str, Pack], broken: frozenset[str]) -> dict[str, Pack]:
    """The packs as the plan (raw, in `document`) reads them; wrong choices are noted.

    broken: packs that could not be read; what leans on them is not judged.
    """
    read, given = dict(packs), document.data.get("readings")
    for reference, name in given.items() if isinstance(given, dict) else ():
        at: KeyPath = ("readings", reference)
        pack = reference.partition(":")[0]
        if lost(pack, packs, broken) or not isinstance(name, str):
            continue
        try:
            entry = find_entry(reference, packs)
        except KeyError:
            known = {f"{each.id}:{one.id}" for each in packs.values() for one in each.entries() if one.readings}
            document.add(at, "RULE-UNKNOWN", f"没有条目 {reference}", closest(reference, known))
            continue
        if not entry.readings:
            document.add(at, "READING-NONE", f"{reference} 只有一种读法", "删去")
        elif name not in entry.readings:
            document.add(at, "READING-UNKNOWN", f"{reference} 没有读法 {name}", closest(name, set(entry.readings)))
        else:
            read[pack] = _replaced(read[pack], entry, name)
    return read


def lost(pack: str, packs: Mapping[str, Pack], broken: frozenset[str]) -> bool:
    """Whether what is wrong with a pack is said where it is listed: it cannot be read, or its name is written wrong."""
    return pack in broken or (pack not in packs and bool(get_close_matches(pack, broken, n=1, cutoff=0.8)))


def _replaced(pack: Pack, entry: PackEntry, name: str) -> Pack:
    fields = entry.readings[name]
    try:
        made = type(entry).model_validate(_fields(entry) | dict(fields))
    except ValidationError:
        return pack  # what is wrong with the reading is said of the pack
    made = made.model_copy(update={"readings": {name: fields}, "at": entry.at})
    made = given_measurable(made) if isinstance(made, Measurable) else made
    section = next(section for section, model in SECTIONS.items() if type(entry) is model)
    entries = [made if one.id == entry.id else one for one in getattr(pack, section)]
    return pack.model_copy(update={section: entries})


def unread(entry: PackEntry) -> bool:
    """Whether an entry has several readings and none was chosen."""
    return len(entry.readings) > 1


# ── items ─────────────────────────────────────────────────────────────────────────────────────────────────


def check_item(document: Document, path: KeyPath, item: Mapping[str, Any], packs: Mapping[str, Pack]) -> None:
    """Note what an item (raw, at `path`) does with its rules that it may not. Unknown rules are noted elsewhere."""
    also = [one for one in item.get("also") or () if isinstance(one, str)] if isinstance(item.get("also"), list) else []
    rule = item.get("rule")
    named = [((*path, "rule"), rule), *(((*path, "also", index), one) for index, one in enumerate(also))]
    found = {at: entry for at, one in named if isinstance(one, str) and (entry := _known(one, packs)) is not None}
    told = {at for at, one in named if isinstance(one, str) and document.spoiled(("readings", one))}
    for at, entry in found.items():
        if unread(entry) and at not in told:
            names = ", ".join(sorted(entry.readings))
            said = f"{entry.id} 有几种读法 ({names}), 方案没有选"
            document.add(at, "READING-MISSING", said, "在方案的 readings 中写 政策包:条目: 读法")
        if entry.unavailable:
            document.add(at, "RULE-UNAVAILABLE", f"{entry.id} 的{UNAVAILABLE}, 不以别的指标代替", "删去这一项")
    first = found.get((*path, "rule"))
    if first is not None and first.readings and not unread(first):
        _follow(document, path, item, first)
    if item.get("target_from") == "stricter" and not also:
        document.add((*path, "target_from"), "FIELD-VALUE", "没有写 also, 无从比较", "写出 also, 或删去 target_from")
    curve = item.get("curve")
    own = curve.get("params") if isinstance(curve, dict) else None
    for key in ("target", "band"):
        if item.get("target_from") == "stricter" and isinstance(own, dict) and key in own:
            said = "目标从严取各条规则之中的, 不能又自己写"
            document.add((*path, "curve", "params", key), "STRICTER-OWN", said, "删去, 或删去 target_from")
    if also and not isinstance(rule, str):
        document.add((*path, "also"), "FIELD-VALUE", "写了 also 而没有 rule", "先写 rule")
    for at, entry in found.items():
        if at != (*path, "rule") and first is not None:
            _same(document, at, first, entry, stricter=item.get("target_from") == "stricter")


def _known(reference: str, packs: Mapping[str, Pack]) -> PackEntry | None:
    try:
        return find_entry(reference, packs)
    except KeyError:
        return None


def _params(indicator: str, params: Any) -> Any:
    """Parameters as the indicator reads them, so that what is left out equals its default."""
    try:
        return indicators()[indicator].params.model_validate(dict(params or {}))
    except (KeyError, ValidationError, TypeError, ValueError):
        return params


def _unlike(indicator: str, first: Any, other: Any) -> str:
    """The parameters in which two demands on an indicator differ, each with both values; "" if they are the same."""
    read = [_params(indicator, params) for params in (first, other)]
    if read[0] == read[1]:
        return ""
    a, b = (one.model_dump(mode="json") if isinstance(one, BaseModel) else _mapping(one) for one in read)
    names = [name for name in {**a, **b} if a.get(name) != b.get(name)]
    return ", ".join(f"{name} ({_told(a, name)} / {_told(b, name)})" for name in names) or "params"


def _mapping(params: Any) -> dict[str, Any]:
    return dict(params) if isinstance(params, Mapping) else {"params": params}


def _told(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name)
    return "没有写" if value in (None, [], {}, "") else str(value)


def chosen_params(indicator: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that are not the indicator's defaults: one left out is the same as one written as its default."""
    read = _params(indicator, params)
    return read.model_dump(mode="json", exclude_defaults=True) if isinstance(read, BaseModel) else dict(params)


def _follow(document: Document, path: KeyPath, item: Mapping[str, Any], rule: PackEntry) -> None:
    """An item must compute what the chosen reading says."""
    indicator = getattr(rule, "indicator", None)
    if indicator is None:
        return
    name = next(iter(rule.readings))
    if item.get("indicator") != indicator:
        said = f"读法 {name} 的指标是 {indicator}, 此处为 {item.get('indicator')}"
        document.add((*path, "indicator"), "READING-DIFFERS", said, "改成一致")
    elif item.get("params") and (unlike := _unlike(indicator, getattr(rule, "params", {}), item["params"])):
        said = f"与读法 {name} 的参数不同: {unlike}"
        document.add((*path, "params"), "READING-DIFFERS", said, "删去 params, 按所选读法计算")


def _same(document: Document, at: KeyPath, first: PackEntry, other: PackEntry, *, stricter: bool) -> None:
    """Several rules on one item must ask for the same thing the same way."""
    if not (isinstance(first, PackIndicator) and isinstance(other, PackIndicator)):
        entry = other if isinstance(first, PackIndicator) else first
        document.add(at, "ALSO-DIFFERS", f"{entry.id} 不是有目标值的规则", "also 只写数值规则")
        return
    pair = f"{first.id} 与 {other.id}"
    unlike = _unlike(first.indicator, first.params, other.params)
    if first.indicator != other.indicator:
        said = f"{pair} 的指标不同 ({first.indicator}, {other.indicator})"
        document.add(at, "ALSO-DIFFERS", said, "分成两项")
    elif unlike:
        document.add(at, "ALSO-DIFFERS", f"{pair} 的参数不同: {unlike}", "分成两项")
    elif first.op != other.op:
        document.add(at, "ALSO-DIFFERS", f"{pair} 的比较不同 ({first.op}, {other.op})", "分成两项")
    elif stricter and first.op not in {">=", "<="}:
        document.add(at, "ALSO-DIFFERS", f"{pair} 的比较是 {first.op}, 没有更严的一个", "删去 target_from")
    elif stricter and not (isinstance(first.target, Fraction) and isinstance(other.target, Fraction)):
        document.add(at, "ALSO-DIFFERS", f"{pair} 有一个没有目标值", "删去 target_from")


def demanded(rule: str | None, also: list[str], target_from: str, packs: Mapping[str, Pack]) -> PackIndicator | None:
    """The pack rule whose target holds for an item: its `rule`, or with `stricter` the hardest among all it names.

    None where there is no rule with a number. Among equal targets the earlier deadline holds. Raises KeyError for
    rules that are not there.
    """
    found = [find_entry(one, packs) for one in ([rule] if rule else [])]
    if target_from == "stricter":
        found += [find_entry(one, packs) for one in also]
    rules = [entry for entry in found if isinstance(entry, PackIndicator)]
    if len(rules) < 2 or len(rules) < len(found) or not all(isinstance(one.target, Fraction) for one in rules):
        return rules[0] if rules and found[0] is rules[0] else None
    sign = -1 if rules[0].op == ">=" else 1

    def hardness(one: PackIndicator) -> tuple[Fraction, int]:
        target = one.target if isinstance(one.target, Fraction) else Fraction(0)
        return sign * target, one.deadline.toordinal() if one.deadline else 10**7

    return min(rules, key=hardness)


def cite_of(item: Item, packs: Mapping[str, Pack]) -> Basis:
    """The clauses of an item's rules, with the reading taken and 口径待核 where a formula is not from the text."""
    if item.rule is None:
        return _phrase("assumed") if assumed(item.indicator) else ""
    said = _marked(item.rule, packs)
    if not item.also:
        return said
    others = tuple(_marked(one, packs) for one in item.also)
    holds = demanded(item.rule, item.also, item.target_from, packs)
    if holds is None or item.target_from != "stricter":
        return _phrase("also", rule=said, others=others)
    return _phrase("strictest", rule=said, others=others, strict=holds.id)


def item_target(item: Item, packs: Mapping[str, Pack]) -> Target | None:
    """What the pack rules that an item carries out demand of it, with their clauses; None where it names none."""
    if item.rule is None:
        return None
    rule = demanded(item.rule, item.also, item.target_from, packs) or find_entry(item.rule, packs)
    return target_of(rule, cite_of(item, packs))


def _marked(reference: str, packs: Mapping[str, Pack]) -> Basis:
    entry, pack = find_entry(reference, packs), reference.partition(":")[0]
    marks = [_phrase("reading", reading=next(iter(entry.readings)))] if len(entry.readings) == 1 else []
    marks += [_phrase("unchecked")] if unchecked(entry) else []
    cite = f"{pack} {entry.cite.clause}"
    return _phrase("marked", rule=cite, marks=tuple(marks)) if marks else cite


def _phrase(code: str, **values: Value) -> Phrase:
    return Phrase(f"{__name__}:{code}", values)


def with_params(item: Mapping[str, Any], packs: Mapping[str, Pack]) -> Mapping[str, Any]:
    """An item (raw) with the parameters of its pack rule if it computes that rule's indicator and gives none."""
    rule = item.get("rule")
    entry = _known(rule, packs) if isinstance(rule, str) else None
    params = getattr(entry, "params", None)
    if not params or item.get("params") or getattr(entry, "indicator", None) != item.get("indicator"):
        return item
    return {**item, "params": dict(params)}


def filled(plan: Plan, packs: Mapping[str, Pack]) -> Plan:
    """The plan with what items leave to others: the name, and the parameters where they compute their rule's indicator.

    An item without a name of its own is called as its pack rule, else as its indicator.
    """
    named = {code: one.title for code, one in indicators().items()}
    named |= {one.id: one.title for one in plan.local_indicators}

    def fill(item: Item) -> Item:
        given = {"rule": item.rule, "indicator": item.indicator, "params": item.params}
        rule = _known(item.rule, packs) if item.rule else None
        title = item.title or (rule.title if rule else named.get(item.indicator, ""))
        return item.model_copy(update={"params": with_params(given, packs)["params"], "title": title})

    cards = [
        card.model_copy(
            update={
                "dimensions": [
                    part.model_copy(update={"items": [fill(item) for item in part.items]}) for part in card.dimensions
                ]
            }
        )
        for card in plan.scorecards
    ]
    return plan.model_copy(update={"scorecards": cards})


# ── what may decide pay ───────────────────────────────────────────────────────────────────────────────────


def check_background(document: Document, plan: Plan, packs: Mapping[str, Pack], broken: frozenset[str]) -> None:
    """Note unsure formulas in scorecards that pools look at, and acceptances that accept nothing."""
    for index, reference in enumerate(plan.accept_background):
        entry, at = _known(reference, packs), ("accept_background", index)
        if ":" not in reference:
            if not assumed(reference):
                document.add(at, "FIELD-VALUE", f"{reference} 不是口径待核的指标", "核对指标编码; 条目写 政策包:条目")
        elif entry is None and not lost(reference.partition(":")[0], packs, broken):
            document.add(at, "RULE-UNKNOWN", f"没有条目 {reference}", "核对 政策包:条目")
        elif entry is not None and not unchecked(entry):
            document.add(at, "FIELD-VALUE", f"{reference} 的口径不是待核", "删去")
    deciding = deciding_cards(plan)
    for number, card in enumerate(plan.scorecards):
        if card.id not in deciding:
            continue
        for first, part in enumerate(card.dimensions):
            for second, item in enumerate(part.items):
                base: KeyPath = ("scorecards", number, "dimensions", first, "items", second)
                for reference in unsure(item, packs):
                    if reference not in plan.accept_background:
                        inner = (*base, "rule" if ":" in reference else "indicator")
                        said = f"{reference} {UNCHECKED}, 而评分表 {card.id} 决定分配"
                        remedy = f'核定口径; 或在方案写 accept_background: ["{reference}"]'
                        document.add(inner, "BACKGROUND-PAY", said, remedy)


def unsure(item: Item, packs: Mapping[str, Pack]) -> list[str]:
    """What of an item is computed as no text says: its rules, or its indicator where none of them names it."""
    named = {one: _known(one, packs) for one in (item.rule, *item.also) if one}
    rules = [one for one, entry in named.items() if entry and unchecked(entry)]
    chosen = all(getattr(entry, "indicator", None) != item.indicator for entry in named.values())
    return [*rules, item.indicator] if chosen and not rules and assumed(item.indicator) else rules


def unproved(cite: Cite, packs: Mapping[str, Pack]) -> list[str]:
    """The money rules that a clause rests on where none of them is from its text; nothing where one is."""
    pack = packs.get(cite.document or "")
    clauses = {*parted(cite.clause)}
    rules = [rule for rule in pack.money if clauses.intersection(parted(rule.cite.clause))] if pack is not None else []
    return [f"{cite.document}:{rule.id}" for rule in rules] if all(unchecked(rule) for rule in rules) else []


def deciding_cards(plan: Plan) -> set[str]:
    """The scorecards that a pool's formula or merit, or the deposit looks at."""
    own = [score_of(pool) for pool in plan.pools if pool.sound]
    merit = [merits()[pool.merit.use].scorecard(pool.merit.given) for pool in plan.pools if pool.merit.sound]
    released = {plan.deposit.release.scorecard} if plan.deposit else set[str]()
    return {one.scorecard for one in own if one is not None} | set(merit) - {""} | released
