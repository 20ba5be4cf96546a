"""What must hold in a plan beyond its schema.

Entries are checked on the raw data, so that one fault of the schema hides no other; what spans the plan is checked
once its schema holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from allocation.pools import misfit, pools
from allocation.rules import rules
from domain.facts import Catalogue
from domain.money import format_exact
from domain.pack import Pack, PackTrend
from domain.plan import Entry, Plan, Pool, Scorecard
from engine.policy.data_checks import check_data_checks
from engine.policy.entries import (
    CURVES,
    MERITS,
    POOLS,
    RULES,
    check_codes,
    check_entry,
    check_indicator,
    closest_code,
    known_use,
)
from engine.policy.find import cites, find_entry, parted, target_of
from engine.policy.given import given_plan
from engine.policy.mended import mended
from engine.policy.pack_checks import raw_entries, unique
from engine.policy.pay_checks import check_pay
from engine.policy.permit_checks import check_carry, check_permits
from engine.policy.readings import check_background, check_item, demanded, filled, lost, unproved, with_params
from engine.policy.run_checks import check_runnable
from engine.policy.standing import MONEY
from engine.policy.target_checks import check_targets
from engine.policy.words import UNCHECKED
from engine.policy.workflow_checks import check_workflow
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest
from indicators.registry import indicators


@dataclass(frozen=True)
class Surroundings:
    """What a plan stands on.

    broken: packs it names that could not be read; what leans on them is not judged. clauses: those that the document of
    a pack has, by the pack's id, also of packs that the plan does not name; of a document without a list they are not
    looked up.
    """

    packs: Mapping[str, Pack]
    broken: frozenset[str]
    catalogue: Catalogue
    clauses: Mapping[str, frozenset[str]]


def check_plan(document: Document, plan: Plan | None, around: Surroundings) -> Plan | None:
    """The plan (resolved for a day) as it is carried out: what items leave open filled in, params typed.

    Everything wrong is noted; what spans several entries is looked at where these are right.
    """
    data = document.data
    local = _check_local(document, around.catalogue)
    for section, word in (("scorecards", "评分表"), ("pools", "资金池")):
        unique(document, raw_entries(data, (section,)), word)
    cards, ids = ({str(one.get("id")) for _, one in raw_entries(data, (name,))} for name in ("scorecards", "pools"))
    own = {"scorecard": cards, "prepaid_pools": ids, "withheld_from": ids, "claw_back": ids}
    for path, card in raw_entries(data, ("scorecards",)):
        dimensions = list(_children(card, "dimensions", path))
        items = [found for inner, dimension in dimensions for found in _children(dimension, "items", inner)]
        unique(document, dimensions, "维度")
        unique(document, items, "指标项")
        for inner, item in items:
            _check_item(document, inner, item, around, local)
    for path, pool in raw_entries(data, ("pools",)):
        _check_pool_entries(document, path, pool, own, around)
    check_data_checks(document, around.catalogue)
    check_workflow(document, around.catalogue)
    check_pay(document, around.catalogue)
    if plan is not None:
        return _check_whole(document, plan, around)
    rest = mended(document)
    if rest is not None:
        _check_whole(rest[1], rest[0], around)
        document.found += [one for one in rest[1].found if one not in document.found]
    return None


def _check_whole(document: Document, plan: Plan, around: Surroundings) -> Plan:
    """What spans the plan; the plan as it is carried out."""
    plan = given_plan(filled(plan, around.packs), around.packs)
    for index, scorecard in enumerate(plan.scorecards):
        _check_card(document, ("scorecards", index), scorecard)
    for index, formed in enumerate(plan.pools):
        _check_pool(document, ("pools", index), formed, plan)
        _check_order(document, index, plan)
    check_permits(document, plan)
    check_carry(document, plan, around.catalogue)
    if plan.overspend and plan.overspend.capitation:
        check_codes(document, ("overspend", "capitation"), plan.overspend.capitation, around.catalogue)
    check_background(document, plan, around.packs, around.broken)
    _check_cites(document, plan, around)
    check_runnable(document, plan, around.catalogue)
    check_targets(document, plan, around.packs, around.catalogue)
    return plan


def _check_cites(document: Document, plan: Plan, around: Surroundings) -> None:
    """Every citation names a document and clauses it has; what pays stands on what a text says or the plan accepts."""
    told: set[KeyPath] = set()
    for path, cite in cites(plan):
        if cite.document is None:
            document.add(path, "CITE-DOCUMENT", "没有写明是哪份文件", "补上 document: 政策包 id 或文号")
        elif listed := around.clauses.get(cite.document):
            for clause in (one for one in parted(cite.clause) if one not in listed):
                at = (*path, "clause")
                document.add(at, "CITE-CLAUSE", f"{cite.document} 没有条款 {clause}", closest(clause, {*listed}))
        part = path[: 1 + isinstance(path[1], int)]
        rules = unproved(cite, around.packs) if path[0] in MONEY and part not in told else []
        if rules and not {*rules} & {*plan.accept_background}:
            told.add(part)
            remedy = f'核定依据; 或在方案写 accept_background: ["{rules[0]}"]'
            document.add(path, "BACKGROUND-PAY", f"{'、'.join(rules)} {UNCHECKED}, 而据此分配", remedy)


# ── scorecards ────────────────────────────────────────────────────────────────────────────────────────────


def _children(entry: Mapping[str, Any], key: str, path: KeyPath) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    listed = entry.get(key)
    for index, inner in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(inner, dict):
            yield (*path, key, index), inner


def _check_local(document: Document, catalogue: Catalogue) -> frozenset[str]:
    """Local indicators: their ids, and that they are made of catalogue codes. Returns the ids."""
    entries = list(raw_entries(document.data, ("local_indicators",)))
    unique(document, entries, "本地指标")
    codes = {*catalogue.metrics, *catalogue.items}
    for path, entry in entries:
        if isinstance(entry.get("id"), str) and entry["id"] in indicators():
            document.add((*path, "id"), "DUPLICATE-ID", f"{entry['id']} 是内置指标", "换一个 id")
        for key in ("numerator", "denominator"):
            listed = entry.get(key)
            for index, code in enumerate(listed if isinstance(listed, list) else ()):
                if isinstance(code, str) and code not in codes:
                    document.add(
                        (*path, key, index),
                        "NAME-UNKNOWN",
                        f"指标目录没有 {code}",
                        closest_code(code, codes, catalogue),
                    )
        if entry.get("numerator") == []:
            document.add((*path, "numerator"), "FIELD-MISSING", "没有写分子", "补上目录中的代码")
        if entry.get("kind") in ("ratio", "coverage", "per_capita") and not entry.get("denominator"):
            document.add(path, "FIELD-MISSING", f"kind: {entry['kind']} 缺少 denominator", "补上分母")
    return frozenset(str(entry.get("id")) for _, entry in entries)


def _check_item(
    document: Document, path: KeyPath, item: Mapping[str, Any], around: Surroundings, local: frozenset[str]
) -> None:
    known = _known(document, (*path, "rule"), item.get("rule"), around)
    if isinstance(item.get("indicator"), str):
        given = known or bool(item.get("params"))
        read = with_params(item, around.packs)
        check_indicator(read, document, path, around.catalogue, local=local, given=given)
    listed = item.get("also")
    also = [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
    others = [_known(document, (*path, "also", index), one, around) for index, one in enumerate(also)]
    check_item(document, path, item, around.packs)
    curve, at = item.get("curve"), (*path, "curve")
    if not (isinstance(curve, dict) and isinstance(curve.get("use"), str)):
        return
    if known and all(others):
        named = item["rule"] if isinstance(item.get("rule"), str) else None
        rule = demanded(named, also, str(item.get("target_from")), around.packs)
        entry = rule or (find_entry(named, around.packs) if named else None)
        made = check_entry(CURVES, curve, document, at, target=target_of(entry) if entry else None)
        if made is None and rule is not None and rule.target is None:
            said = f"规则 {named} 当日没有目标值 (文件没有给数, 或已终止)"
            document.add(at, "RULE-NO-TARGET", said, "在 curve.params 写明 target 或 band, 或删去此项")
        if made is not None and isinstance(entry, PackTrend):
            _check_needs(document, at, made, entry)
    else:
        known_use(CURVES, curve["use"], document, (*at, "use"))
    if curve.get("priority") is not None:
        document.add((*at, "priority"), "FIELD-VALUE", "priority 只用于资金池的规则", "删去")


def _check_needs(document: Document, at: KeyPath, made: BaseModel, trend: PackTrend) -> None:
    """Note what a trend leaves to the plan and its curve does not state; other curves state a number of their own."""
    for key in trend.needs:
        field = type(made).model_fields.get(key)
        if field is not None and getattr(made, key) == field.default:
            said = f"{trend.id} 没有给幅度, 由方案定, 曲线没有写 {key}"
            document.add(at, "RULE-NEEDS", said, f"在 curve.params 写明 {key} (大于 0)")


def _known(document: Document, at: KeyPath, rule: Any, around: Surroundings) -> bool:
    """Whether the rule an item names is there, noted if not; True where it names none."""
    if not isinstance(rule, str):
        return True
    name, colon, code = rule.partition(":")
    if not colon:
        document.add(at, "RULE-UNKNOWN", f"{rule} 没有写政策包", "写成 政策包:条目, 如 tianjin-2024:TJ-I03")
    elif lost(name, around.packs, around.broken):
        return False  # what is wrong with the pack is said already
    elif name not in around.packs:
        document.add(at, "RULE-UNKNOWN", f"方案的 packs 中没有 {name}", "在 packs 中列出它")
    else:
        try:
            find_entry(rule, around.packs)
        except KeyError:
            known = {entry.id for entry in around.packs[name].entries()}
            document.add(at, "RULE-UNKNOWN", f"政策包 {name} 没有 {code}", closest(code, known))
        else:
            return True
    return False


def _check_card(document: Document, path: KeyPath, card: Scorecard) -> None:
    total = sum((dimension.points for dimension in card.dimensions), Fraction(0))
    if total <= 0:
        document.add(path, "CARD-TOTAL", f"评分表 {card.id} 满分不大于 0", "写出各项分值")
    for first, dimension in enumerate(card.dimensions):
        for second, item in enumerate(dimension.items):
            inner = (*path, "dimensions", first, "items", second)
            if item.points < 0:
                document.add((*inner, "points"), "CARD-TOTAL", "分值小于 0", "扣分项用 deduction 曲线")
            if item.tiers and card.scope != "member":
                document.add((*inner, "tiers"), "FIELD-VALUE", "tiers 只用于成员单位的评分表", "删去")
            if item.forms and card.scope != "alliance":
                document.add((*inner, "forms"), "FIELD-VALUE", "forms 只用于医联体的评分表", "删去")
    if card.forms and card.scope != "alliance":
        document.add((*path, "forms"), "FIELD-VALUE", "forms 只用于医联体的评分表", "删去")
    if card.tiers and card.scope != "member":
        document.add((*path, "tiers"), "FIELD-VALUE", "tiers 只用于成员单位的评分表", "删去")
    if card.levels and card.scope != "district":
        document.add((*path, "levels"), "FIELD-VALUE", "levels 只用于区域的评分表", "删去")
    _check_grades(document, path, card, total)


def _check_grades(document: Document, path: KeyPath, card: Scorecard, total: Fraction) -> None:
    seen: set[Fraction] = set()
    for index, grade in enumerate(card.grades):
        if grade.min in seen:
            document.add((*path, "grades", index), "GRADE", f"等级 {grade.title} 的 min 与另一等级相同", "改一个")
        if grade.min > total:
            said = f"等级 {grade.title} 的 min {format_exact(grade.min)} 大于满分 {format_exact(total)}"
            document.add((*path, "grades", index), "GRADE", said, "核对等级界限")
        seen.add(grade.min)


# ── pools ─────────────────────────────────────────────────────────────────────────────────────────────────


def _check_pool_entries(
    document: Document, path: KeyPath, pool: Mapping[str, Any], own: Mapping[str, set[str]], around: Surroundings
) -> None:
    parts: list[tuple[str, KeyPath, Any]] = [(POOLS, path, pool)]
    merit = pool.get("merit")
    use, by = pool.get("use"), merit.get("use") if isinstance(merit, dict) else None
    wrong = misfit(use, by) if isinstance(use, str) and isinstance(by, str) and use in pools() else None
    if wrong is None:
        parts.append((MERITS, (*path, "merit"), merit))
    else:
        document.add((*path, "merit", "use"), "POOL-MERIT", *wrong)
    parts += [(RULES, inner, rule) for inner, rule in _children(pool, "rules", path)]
    for kind, inner, entry in parts:
        if not (isinstance(entry, dict) and isinstance(entry.get("use"), str)):
            continue
        params = check_entry(kind, entry, document, inner)
        if params is not None:
            check_codes(document, (*inner, "params"), params, around.catalogue, own)
        if kind != RULES and entry.get("priority") is not None:
            document.add((*inner, "priority"), "FIELD-VALUE", "priority 只用于资金池的规则", "删去")


def _check_pool(document: Document, path: KeyPath, pool: Pool, plan: Plan) -> None:
    if not pool.periods:
        document.add((*path, "periods"), "FIELD-VALUE", "没有写期间种类", "写成 [quarter] 或 [year]")
    _check_purpose(document, path, pool)
    if pool.soft_keep is not None and not 0 <= pool.soft_keep <= 1:
        document.add((*path, "soft_keep"), "SHARE-RANGE", "须在 0 至 1 之间", '写成小数, 如 "0.7"')
    _check_rules(document, path, pool, plan)
    for index, exemption in enumerate(pool.exempt):
        inner = (*path, "exempt", index)
        known_use(RULES, exemption.rule, document, (*inner, "rule"))
        if not exemption.reason.strip():
            document.add((*inner, "reason"), "FIELD-VALUE", "豁免没有写理由", "写出理由, 它会印在结果上")
        if not (exemption.ownership or exemption.tiers or exemption.units):
            document.add(inner, "FIELD-MISSING", "没有写明豁免谁", "写 ownership、tiers 或 units")


def _check_rules(document: Document, path: KeyPath, pool: Pool, plan: Plan) -> None:
    """Note rules that a pool of its kind may not have, that lack what they need, or that stand there twice."""
    seen: list[tuple[str, Any, int | None]] = []
    for index, rule in enumerate(pool.rules):
        at = (*path, "rules", index, "use")
        if rule.use not in rules():
            continue
        if pool.purpose == "income" and rules()[rule.use].staff_only:
            said = f"purpose: income 的资金池不用 {rule.use}"
            document.add(at, "RULE-PURPOSE", said, "删去该规则; 分给人员的部分由两个允许计算")
        if not _keeps_dues(pool, rule):
            said = f"各单位发自己的应得数, {rule.use} 会把一家的应得数发给另一家"
            document.add(at, "POOL-RULE", said, "删去该规则; 只可用硬的上限规则")
        if rule.use == "wage_cap" and plan.quota is None:
            document.add(at, "RULE-NEEDS", "wage_cap 需要绩效工资总量, 方案没有 quota", "补上 quota")
        if rule.use == "income_cap" and plan.permits is None:
            document.add(at, "RULE-NEEDS", "income_cap 需要两个允许的参数, 方案没有 permits", "补上 permits")
        key = (rule.use, rule.given if rule.sound else rule.params, rule.priority)
        if key in seen:
            document.add(at, "DUPLICATE-ID", f"规则 {rule.use} 写了两遍", "删去一个")
        seen.append(key)


def _keeps_dues(pool: Pool, rule: Entry) -> bool:
    """Whether a rule may stand in a pool: in one that owes its members, only what holds amounts down, and hard.

    Any other rule would pay one member what is due to another.
    """
    if pool.use not in pools() or not pools()[pool.use].own:
        return True
    return rule.priority is None and rules()[rule.use].only_lowers


def _personal(pool: Pool) -> bool:
    """Whether a pool pays one person of each institution."""
    return pool.use in pools() and pools()[pool.use].personal


def _check_order(document: Document, index: int, plan: Plan) -> None:
    """Heads inside the approved total are paid before the others: what is not left for one, no other may have taken."""
    pool = plan.pools[index]
    if not pool.inside_total or not _personal(pool):
        return
    before = [
        one.id
        for one in plan.pools[:index]
        if one.inside_total and not _personal(one) and set(one.periods) & set(pool.periods)
    ]
    if before:
        said = f"总量内的 {pool.id} 排在 {'、'.join(before)} 之后"
        document.add(("pools", index, "in_total"), "POOL-ORDER", said, "移到同期其他总量内资金池之前")


def _check_purpose(document: Document, path: KeyPath, pool: Pool) -> None:
    """What a pool must state, and may not, by its purpose and basis; and the source of each of its parts."""
    if pool.purpose == "income" and pool.in_total is not None:
        said = "purpose: income 的资金池不发给人员, 不写 in_total"
        document.add((*path, "in_total"), "POOL-IN-TOTAL", said, "删去; 发给人员的部分由两个允许计算")
    if pool.purpose != "income" and pool.in_total is None:
        said = f"purpose: {pool.purpose} 的资金池没有写 in_total (是否占绩效工资总量)"
        document.add(path, "FIELD-MISSING", said, '写 "yes"、"no" 或 separate, 按批复')
    if pool.basis == "estimate" and pool.prepay_ratio is None:
        document.add(path, "FIELD-MISSING", "basis: estimate 的资金池没有写 prepay_ratio (最多预付的比例)", "补上")
    if pool.basis == "settled" and pool.prepay_ratio is not None:
        said = "basis: settled 的资金池按清算数支付, 不写 prepay_ratio"
        document.add((*path, "prepay_ratio"), "POOL-PREPAY", said, "删去, 或改 basis: estimate")
    parts = [(path, pool, f"资金池 {pool.id}"), ((*path, "merit"), pool.merit, "绩效占比公式")]
    parts += [((*path, "rules", at), rule, f"规则 {rule.use}") for at, rule in enumerate(pool.rules)]
    for at, entry, what in parts:
        if entry.source is None:
            document.add(at, "FIELD-MISSING", f"{what} 没有写 source (数字的依据)", "写 {document, clause} 或 local")
