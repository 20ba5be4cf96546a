"""The fictitious county's money: incomes, costs, funds, approvals and what earlier periods paid, in whole fen."""

from __future__ import annotations

from fractions import Fraction

from county import (
    PERFORMANCE,
    PREPAYMENT,
    VILLAGE_FEE,
    WAN,
    Money,
    Paid,
    noise,
    part,
    profile,
)
from units import ALLIANCE, Unit, units

from domain.period import Period

POOLS = {  # 万元 handed in a quarter
    "2025Q3": "210",
    "2025Q4": "236",
    "2026Q1": "220",
    "2026Q2": "226",
    "2026Q3": "236.8",
}
BUDGET_PER_HEAD = {2024: "980", 2025: "1020", 2026: "1065"}  # yuan a year
SPEND = {  # share of the budget
    "2024": "0.986",
    "2025Q3": "0.9655",
    "2025Q4": "0.9810",
    "2026Q1": "0.9585",
    "2026Q2": "0.9630",
    "2026Q3": "0.9612",
    "2025": "0.9668",
}
INSURED = 483_000
# Paid and committed inside the approved total before the alliance's pools, as a share of the approval.
COMMITTED = {"lead": "0.9680", "county": "0.9650", "grassroots": "0.9200"}
TIGHT = {
    ("T02", 2025): "0.9480",
    ("T05", 2025): "0.9413",
    ("C01", 2025): "0.9437",
    ("T02", 2026): "0.9520",
    ("T05", 2026): "0.9545",
    ("C01", 2026): "0.9503",
}
# 核增 of the settled year under the first permit, as a share of the approval; T02 and T05 applied for none.
ADDED = {"lead": "0.0100", "county": "0.0150", "grassroots": "0.0900", "T02": "0", "T05": "0", "T10": "0.0300"}

# Were 2025 overspent: 万元 of each hospital's own budget and spend, and what was found unreasonable.
OWN_FUNDS = {"H01": (20_000, 21_240), "H02": (6_000, 6_400)}
UNREASONABLE = {"H01": 40, "T03": 10}
CHECKED = "示例医保稽〔2026〕1号"

HEAD_CUTS = {"T09": [(800_000, "示例卫健〔2026〕30号 收支亏损"), (150_050, "示例审〔2026〕4号 审计整改")]}


def _odd(fen: int, *key: object) -> int:
    """Real ledgers do not end in 00: some yuan and fen more."""
    return fen + int(noise("odd", *key) * 99_999)


def _year_amount(unit: Unit, per_head: int, item: str, period: Period) -> int:
    swing = Fraction(98 + int(4 * noise(item, unit.code, period)), 100)
    return _odd(int(unit.staff * per_head * part(period) * swing), item, unit.code, period)


def books(unit: Unit, period: Period) -> list[tuple[str, int]]:
    """Income, cost and staff pay of one institution in the period."""
    its = profile(unit, period.year)
    service = _year_amount(unit, its.service, "service", period)
    margin = Fraction(its.cost, its.service)
    drugs = _year_amount(unit, its.drugs, "drugs", period)
    consumables = drugs * 3 // 10
    found = [
        ("medical_service_income", service),
        ("drug_income", drugs),
        ("consumables_income", consumables),
        ("medical_cost", _odd(int(service * margin), "cost", unit.code, period)),
        ("drug_cost", drugs - int(noise("drugcost", unit.code, period) * 9_999)),
        ("consumables_cost", consumables),
        ("staff_income", _odd(int(unit.staff * its.staff_income * part(period)), "staff", unit.code, period)),
    ]
    inpatient = (service + drugs + consumables) * (62 if unit.hospital else 28) // 100
    trim = 1 + Fraction(int(noise("charge", unit.code) * 5) - 2, 100) * (period.year - 2025)
    return [
        *found,
        ("inpatient_charges", int(inpatient * trim)),
        ("outpatient_charges", int((service + drugs + consumables - inpatient) * trim)),
    ]


def approval(unit: Unit, year: int) -> int:
    """核定绩效工资总量 of the year: whole hundreds of yuan, as approvals are."""
    return unit.staff * profile(unit, year).quota // 10_000 * 10_000


def committed(unit: Unit, year: int) -> int:
    """Paid and committed to 31 December before anything that the alliance's pools paid."""
    kind = unit.tier if unit.hospital else "grassroots"
    share = Fraction(TIGHT.get((unit.code, year), COMMITTED[kind]))
    return _odd(int(approval(unit, year) * share), "committed", unit.code, year)


def _added(unit: Unit, year: int) -> int:
    """核增 after the settlement, in whole hundreds of yuan."""
    kind = unit.tier if unit.hospital else "grassroots"
    return int(approval(unit, year) * Fraction(ADDED.get(unit.code, ADDED[kind]))) // 10_000 * 10_000


def _fund(period: Period) -> list[tuple[str, int, str]]:
    budget = int(INSURED * Fraction(BUDGET_PER_HEAD[period.year]) * 100 * part(period))
    spend = _odd(int(budget * Fraction(SPEND[str(period)])), "spend", period)
    return [
        ("fund_budget", budget, f"示例医保〔{period.year}〕3号"),
        ("fund_spend", spend, ""),
        ("fund_spend_out_of_area", _odd(spend * 23 // 100, "out", period), ""),
        ("fund_spend_grassroots", _odd(spend * 77 * 24 // 10_000, "grassroots", period), ""),
        ("fund_spend_pharmacy", _odd(spend * 4 // 100, "pharmacy", period), ""),
    ]


def _paid_before(paid: Paid, period: Period, unit: Unit) -> int:
    """What earlier performance pools of the same year paid to a member."""
    return sum(
        fen
        for (when, pool, code), fen in paid.items()
        if pool == PERFORMANCE and code == unit.code and when.startswith(str(period.year)) and when < str(period)
    )


def _paid_in_year(paid: Paid, year: str, pool: str, unit: Unit) -> int:
    """What a pool paid to a member over the year."""
    return sum(
        fen for (when, what, code), fen in paid.items() if (what, code) == (pool, unit.code) and when[:4] == year
    )


def _previous(paid: Paid, period: Period, pool: str, unit: Unit) -> int:
    return paid.get((str(period.previous), pool, unit.code), 0)


def sharing(pool: str, unit: Unit) -> bool:
    """Whether a unit shares in a pool (as the plan's tiers and ownership say)."""
    if unit.tier in ("alliance", "district"):
        return False
    if pool == VILLAGE_FEE:
        return unit.tier == "village"
    return unit.tier != "village" and (pool != PERFORMANCE or unit.ownership == "public")


def quarter(period: Period, paid: Paid) -> list[Money]:
    """Everything the quarter's run needs, beside the comparison periods."""
    text, year = str(period), str(period.year)
    rows: list[Money] = [(text, ALLIANCE, item, fen, number) for item, fen, number in _fund(period)]
    rows.append((text, ALLIANCE, "pool_amount", int(Fraction(POOLS[text]) * WAN), PERFORMANCE))
    clinics = [unit for unit in units() if unit.tier == "village"]
    rows.append((text, ALLIANCE, "pool_amount", sum(unit.residents for unit in clinics) * 240, VILLAGE_FEE))
    for unit in units():
        if unit.tier in ("alliance", "district") or unit.joined > period.end:
            continue
        if unit.tier != "village":
            rows.extend((text, unit.code, item, fen, "") for item, fen in books(unit, period))
        if unit.ownership == "public":
            rows.append((year, unit.code, "risk_fund_balance", _balance(unit, period.year), ""))
            rows.append((year, unit.code, "annual_medical_income", _budgeted_income(unit, period.year), ""))
            rows.append((year, unit.code, "quota_approved", approval(unit, period.year), _number(unit, period.year)))
            rows.append(
                (text, unit.code, "quota_paid", committed(unit, period.year) + _paid_before(paid, period, unit), "")
            )
        rows.extend(
            (text, unit.code, "previous_amount", _previous(paid, period, pool, unit), pool)
            for pool in (PREPAYMENT, PERFORMANCE)
            if sharing(pool, unit) and unit.ownership == "public"
        )
    return rows


def _budgeted_income(unit: Unit, year: int) -> int:
    """Medical service income of the year's approved budget: whole hundreds of yuan."""
    return unit.staff * profile(unit, year).service // 10_000 * 10_000


def _balance(unit: Unit, year: int) -> int:
    """Opening balance of the risk fund, a little under its limit."""
    return _odd(
        unit.staff * profile(unit, year).service // 1000 * (18 + int(9 * noise("risk", unit.code))) // 10,
        "risk",
        unit.code,
    )


def _number(unit: Unit, year: int) -> str:
    return f"示例人社〔{year}〕{11 if unit.hospital else 12}号"


def settlement(period: Period, paid: Paid) -> list[Money]:
    """Everything the annual settlement needs: the confirmed surplus, the year's books, what was prepaid and paid."""
    text = str(period)
    rows: list[Money] = [(text, ALLIANCE, item, fen, number) for item, fen, number in _fund(period)]
    budget, spend = (
        next(fen for item, fen, _ in _fund(period) if item == code) for code in ("fund_budget", "fund_spend")
    )
    rows.append((text, ALLIANCE, "surplus_confirmed", budget - spend - 4_318_205, "示例医保清〔2026〕6号"))
    for unit in units():
        if unit.tier in ("alliance", "district") or unit.joined > period.end:
            continue
        rows.append((text, unit.code, "surplus_prepaid", _paid_in_year(paid, text, PREPAYMENT, unit), PREPAYMENT))
        if unit.tier == "village":
            continue
        rows.extend((text, unit.code, item, fen, "") for item, fen in books(unit, period))
        if unit.ownership == "public":
            used = committed(unit, period.year) + _paid_in_year(paid, text, PERFORMANCE, unit)
            rows.append((text, unit.code, "risk_fund_balance", _balance(unit, period.year), ""))
            rows.append((text, unit.code, "quota_approved", approval(unit, period.year), _number(unit, period.year)))
            if more := _added(unit, period.year):
                rows.append((text, unit.code, "quota_approved", more, f"示例人社〔{period.year + 1}〕5号"))
            rows.append((text, unit.code, "quota_paid", used, ""))
            rows.append((text, unit.code, "reward_paid", _paid_in_year(paid, text, PERFORMANCE, unit), ""))
            rows.extend((text, unit.code, item, fen, number) for item, fen, number in head_salary(unit, period.year))
            if not unit.hospital:
                rows.append((text, unit.code, "subsidy_linked", unit.residents * 1_860, "示例财社〔2025〕9号"))
    return rows


def reason(row: Money) -> str | None:
    """备注 of a row: why the confirmed surplus is not budget − spend."""
    confirmed = row[2] == "surplus_confirmed" and row[3] > 0
    return "清算核减: 上年度跨年结算的住院费用计入本年支出" if confirmed else None


def overspent(period: Period, paid: Paid) -> list[Money]:
    """The same settlement had the year ended otherwise: an overspend of 25 million yuan instead of the surplus."""
    text, over = str(period), 2_500 * WAN
    kept = [row for row in settlement(period, paid) if row[2] not in ("fund_spend", "surplus_confirmed")]
    budget = next(fen for _, _, item, fen, _ in kept if item == "fund_budget")
    rows: list[Money] = [
        (text, ALLIANCE, "fund_spend", budget + over, ""),
        (text, ALLIANCE, "surplus_confirmed", 0, "示例医保清〔2026〕6号"),
        (text, ALLIANCE, "overspend_confirmed", over, "示例医保清〔2026〕6号"),
        (text, ALLIANCE, "overspend_decided", over, "示例政办纪〔2026〕2号"),
    ]
    for code, (own, spent) in OWN_FUNDS.items():
        rows.append((text, code, "member_fund_budget", own * WAN, ""))
        rows.append((text, code, "member_fund_spend", spent * WAN, ""))
    for unit in units():
        if unit.joined <= period.end and unit.tier in ("lead", "county", "township", "community"):
            wrong = UNREASONABLE.get(unit.code, 0)
            rows.append((text, unit.code, "unreasonable_spend", wrong * WAN, CHECKED if wrong else ""))
    return kept + rows


def head_salary(unit: Unit, year: int) -> list[tuple[str, int, str]]:
    """The approved base of the head's annual salary, and what was decided to deduct from it."""
    base = {"lead": "35", "county": "25"}.get(unit.tier, "16")
    found = [("head_salary_base", int(Fraction(base) * WAN), f"示例人社〔{year}〕21号")]
    cuts = HEAD_CUTS.get(unit.code) or [(0, "")]
    return [*found, *(("head_salary_deduction", fen, reason) for fen, reason in cuts)]
