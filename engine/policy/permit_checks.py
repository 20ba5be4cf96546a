"""What must hold in the numbers of the two permits, and in what an earlier snapshot may stand for."""

from __future__ import annotations

from fractions import Fraction

from domain.facts import Catalogue, Metric, MoneyItem
from domain.plan import Plan
from engine.policy.entries import closest_code
from engine.yaml.document import Document, KeyPath


def check_permits(document: Document, plan: Plan) -> None:
    """Note shares that are none, 主要 that is not, and funds that take more than there is."""
    permits = plan.permits
    if permits is None:
        return
    shares: dict[str, Fraction] = {}
    for key in ("risk_fund_rate", "risk_fund_limit", "welfare_share", "development_share", "main_share"):
        value = getattr(permits, key)
        if not isinstance(value, Fraction):
            document.add(("permits", key), "FIELD-VALUE", "没有取值", "写出比例, 或 {from, value} 的列表")
            continue
        shares[key] = value
        if not 0 <= value <= 1:
            document.add(("permits", key), "SHARE-RANGE", "须在 0 至 1 之间", '写成小数, 如 "0.4"')
    if shares.get("main_share", Fraction(1)) <= Fraction(1, 2):
        document.add(("permits", "main_share"), "MAIN-SHARE", "“主要”须大于 0.5", "写明本地的比例")
    if shares.get("welfare_share", Fraction(0)) + shares.get("development_share", Fraction(0)) > 1:
        said = "welfare_share 与 development_share 合计大于 1"
        document.add(("permits", "welfare_share"), "SHARE-RANGE", said, "核对两个比例")


def check_carry(document: Document, plan: Plan, catalogue: Catalogue) -> None:
    """Only snapshots are carried over: what adds up over time is of its own period."""
    known: dict[str, Metric | MoneyItem] = {**catalogue.metrics, **catalogue.items}
    stocks = [code for code, one in known.items() if one.kind == "stock"]
    for index, code in enumerate(plan.carry.metrics if plan.carry else ()):
        at: KeyPath = ("carry", "metrics", index)
        if code not in known:
            document.add(at, "NAME-UNKNOWN", f"指标目录没有 {code}", closest_code(code, stocks, catalogue))
        elif code not in stocks:
            said = f"{known[code].title} 不是期末数 (stock), 不能沿用"
            document.add(at, "CARRY-METRIC", said, "只列期末数; 缺的补填")
