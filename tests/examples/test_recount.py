"""Scores and amounts of every document counted again from its raw workbook: 12 scores and 8 amounts each, equal.

Another reader (`raw`), Fractions, points and targets as the plans print them: no line of the program is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache

import pytest

from . import goldens
from .raw import Raw

pytestmark = pytest.mark.xdist_group("examples")  # one worker: each example is computed once

F = Fraction
Shares = Mapping[str, Fraction | None]
"""Of items: the share of full marks earned; None: not applicable, its points go to the others."""
Card = Mapping[str, Mapping[str, int]]
"""Points of the items by dimension."""


@cache
def raw(name: str) -> Raw:
    return Raw(goldens.EXAMPLES / goldens.RUNS[name][1])


def kept(value: Fraction) -> Fraction:
    return min(max(value, F(0)), F(1))


def between(value: Fraction, target: str, floor: str = "0") -> Fraction:
    """达标得分: the way from floor to target, at most full marks."""
    return kept((value - F(floor)) / (F(target) - F(floor)))


def efficacy(value: Fraction, best: str, worst: str) -> Fraction:
    """功效系数, kept to 60 … 100."""
    return min(max(((value - F(worst)) / (F(best) - F(worst)) * 40 + 60) / 100, F(3, 5)), F(1))


def marked(card: Card, shares: Shares) -> dict[str, Fraction]:
    """Scores: within a dimension, then among dimensions, what applies bears the points of what does not."""
    whole = sum(sum(items.values()) for items in card.values())
    there = {name: [one for one in items if shares[one] is not None] for name, items in card.items()}
    left = sum(sum(items.values()) for name, items in card.items() if there[name])
    made = {}
    for name, items in card.items():
        applies = sum(items[one] for one in there[name])
        for one in there[name]:
            share = shares[one]
            assert share is not None
            made[one] = share * items[one] * F(sum(items.values()), applies) * F(whole, left)
    return made


def six(value: Fraction) -> str:
    """Six decimals, half up, as the tables print them."""
    scaled = (abs(value) * 10**6 * 2 + 1) // 2
    text = f"{scaled // 10**6}.{scaled % 10**6:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if value < 0 and scaled else text


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def half_up(amount: Fraction) -> int:
    """Yuan to whole fen."""
    return int((amount * 200 + 1) // 2)


def largest_remainder(exact: Mapping[str, Fraction], fen: int) -> dict[str, int]:
    """Whole fen of exact shares (in fen), the rest to the largest remainders, ties by code."""
    down = {unit: int(share) for unit, share in exact.items()}
    order = sorted(exact, key=lambda unit: (down[unit] - exact[unit], unit))
    for unit in order[: fen - sum(down.values())]:
        down[unit] += 1
    return down


def scores(name: str) -> dict[tuple[str, str], str]:
    frame = goldens.tables(name)["scores"]
    return dict(zip(zip(frame["unit_code"], frame["indicator"], strict=True), frame["score"], strict=True))


def amounts(name: str) -> dict[tuple[str, str], str]:
    frame = goldens.tables(name)["allocations"]
    return dict(zip(zip(frame["pool"], frame["unit_code"], strict=True), frame["amount"], strict=True))


def equal(found: Mapping[tuple[str, str], str], wanted: Mapping[tuple[str, str], str], least: int) -> None:
    assert len(wanted) >= least
    assert {key: found[key] for key in wanted} == wanted


# ── 天津: demo-county ─────────────────────────────────────────────────────────────────────────────────────

COUNTY_CARD: Card = {
    "sinking": {"M01": 4, "M02": 4, "M03": 4, "M04": 4, "M05": 3, "M13": 3, "M14": 3},
    "outreach": {"M06": 12, "M07": 8},
    "signing": {"M08": 12, "M09": 8},
    "chronic": {"M10": 10, "M11": 10},
    "cost": {"M12": 15},
}
HOSPITALS, CENTRES = ("牵头医院", "县级医院"), ("乡镇卫生院", "社区卫生服务中心")


def county_members(book: Raw, tiers: tuple[str, ...]) -> list[str]:
    return [unit for unit, _ in book.members["A01"] if book.tier[unit] in tiers]


def county_shares(book: Raw, unit: str, months: int) -> Shares:
    shares: dict[str, Fraction | None] = dict.fromkeys((item for items in COUNTY_CARD.values() for item in items), None)
    now, before = book.now, book.before
    cost = now[unit, "住院总费用"] / now[unit, "出院人次"]
    shares["M12"] = between(cost / (before[unit, "住院总费用"] / before[unit, "出院人次"]) - 1, "0.03", "0.10")
    if book.tier[unit] in HOSPITALS:
        shares["M03"] = between(now[unit, "预留给基层转诊的专家号源"] / now[unit, "专家号源总数"], "0.2")
        shares["M04"] = between(now[unit, "预留给基层转诊的床位"] / now[unit, "住院床位数"], "0.2")
        shares["M07"] = between(now[unit, "下转人次"] / before[unit, "下转人次"] - 1, "0.10", "-0.10")
    if book.tier[unit] == "牵头医院":  # it answers for those it sends to all of them
        hosts = county_members(book, CENTRES)
        shares["M01"] = between(min(now[one, "常年服务的牵头医院主治及以上人员数"] for one in hosts), "1")
        shares["M02"] = between(book.sum("派驻满6个月人数", hosts) / book.sum("派驻人员数", hosts), "1")
    if book.tier[unit] in CENTRES:
        clinics = now[unit, "村卫生室数"]
        shares["M05"] = now[unit, "是否接入远程医疗"]
        shares["M13"] = now[unit, "实施国家基本药物制度的村卫生室数"] / clinics if clinics else None
        shares["M14"] = between(now[unit, "合格全科医生数"] * 10_000 / now[unit, "常住人口"], "2.2", "1")
        if clinics:
            each = now[unit, "下村巡诊次数"] / clinics / months
            steps = (("1", "1"), ("0.85", "0.85"), ("0.7", "0.7"), ("0.35", "0.4"), ("0", "0"))
            shares["M06"] = next(F(share) for least, share in steps if each >= F(least))
        signed, due = now[unit, "签约重点人群数"], now[unit, "应履约服务项目数"]
        shares["M08"] = between(signed / now[unit, "重点人群数"], "0.76", "0.45")
        shares["M09"] = between(now[unit, "已履约服务项目数"] / due, "0.98", "0.60") if due else None
        managed = now[unit, "高血压在管人数"] + now[unit, "糖尿病在管人数"]
        standard = now[unit, "高血压规范管理人数"] + now[unit, "糖尿病规范管理人数"]
        shares["M10"] = between(standard / managed, "0.88", "0.50")
        shares["M11"] = efficacy((now[unit, "血压达标人数"] + now[unit, "血糖达标人数"]) / managed, "0.75", "0.45")
    return shares


@pytest.mark.parametrize(("name", "months"), [("county-2026Q3", 3), ("county-2025", 12)])
def test_county_scores(name: str, months: int) -> None:
    book = raw(name)
    everybody = county_members(book, (*HOSPITALS, *CENTRES))
    made = {
        (unit, item): six(score)
        for unit in everybody
        for item, score in marked(COUNTY_CARD, county_shares(book, unit, months)).items()
    }
    equal(scores(name), made, 12)


def test_county_prepayment() -> None:
    name, book = "county-2026Q3", raw("county-2026Q3")
    budget, spend = book.paid("A01", "医保基金总额预算"), book.paid("A01", "医保基金实际支出")
    surplus, first = budget - spend, budget * F(3, 100)
    kept_back = half_up(first * F(4, 5) + (surplus - first) * F(3, 5))  # below 6 % of the budget, graded 优秀
    pool = int((kept_back - half_up(F(kept_back, 1000))) * F(7, 10))
    assert goldens.tables(name)["pools"].set_index("pool").loc["surplus-prepay", "amount"] == yuan(pool)
    merit = {}
    for unit, joined in book.members["A01"]:
        if book.tier[unit] not in (*HOSPITALS, *CENTRES):
            continue
        total = sum(marked(COUNTY_CARD, county_shares(book, unit, 3)).values(), F(0))
        factor = F(6, 5) if book.tier[unit] in CENTRES else F(1)
        months = F(2, 3) if joined == "20260801" else F(1)
        merit[unit] = total * book[unit, "在岗人数"] * factor * months
    signing = [unit for unit in merit if book.tier[unit] in CENTRES and unit != "T11"]
    whole, theirs = sum(merit.values()), sum(merit[unit] for unit in signing)
    assert theirs / whole < F(59, 100)  # so the tilt binds: 59 % to those that sign, 41 % to the others
    exact = {
        unit: pool * (F(59, 100) / theirs if unit in signing else F(41, 100) / (whole - theirs)) * share
        for unit, share in merit.items()
    }
    made = {("surplus-prepay", unit): yuan(fen) for unit, fen in largest_remainder(exact, pool).items()}
    equal(amounts(name), made, 8)


# ── 吉林: demo-jilin ──────────────────────────────────────────────────────────────────────────────────────

JILIN_CARD: Card = {
    "referral": {"B01": 20, "B02": 15, "B03": 15},
    "service": {"B04": 15, "B05": 5, "B06": 15, "B07": 5, "B08": 10},
}


def jilin_shares(book: Raw, unit: str) -> Shares:
    shares: dict[str, Fraction | None] = dict.fromkeys((item for items in JILIN_CARD.values() for item in items), None)
    now = book.now
    shares["B03"] = between(now[unit, "接收已结案数"] / now[unit, "接收转诊数"], "0.95", "0.6")
    if book.tier[unit] in CENTRES:
        shares["B05"] = between(now[unit, "慢性病长处方最长用药月数"], "2", "4")
        shares["B06"] = between(now[unit, "签约贫困人口数"] / now[unit, "贫困人口数"], "1", "0.8")
        shares["B07"] = between(now[unit, "组合签约包含的机构层级数"], "3")
        return shares
    shares["B01"] = between(now[unit, "下转人次"] / book.before[unit, "下转人次"] - 1, "0.1")
    shares["B02"] = between(now[unit, "预留给转诊签约患者的号源"] / now[unit, "号源总数"], "0.2")
    shares["B08"] = between(now[unit, "周末派出专家人次"] / 104, "3")  # 2018 has 52 Saturdays and 52 Sundays
    kind = {"市级医院": "AM", "县级医院": "AK"}[book.tier[unit]]
    below = [
        one
        for alliance, members in book.members.items()
        if alliance.startswith(kind) and unit in dict(members)
        for one in dict(members)
        if book.tier[one] in CENTRES
    ]
    if below:  # those it sends managers to in the alliance that it heads; a specialty hospital has none of them
        shares["B04"] = between(min(now[one, "上级医院派驻管理人员数"] for one in below), "1")
    return shares


def test_jilin_scores() -> None:
    book = raw("jilin-city-2017")
    units = [unit for unit, tier in book.tier.items() if tier in ("市级医院", "县级医院", *CENTRES)]
    made = {
        (unit, item): six(score)
        for unit in units
        for item, score in marked(JILIN_CARD, jilin_shares(book, unit)).items()
    }
    equal(scores("jilin-city-2017"), made, 12)


def test_jilin_referrals_and_subsidies() -> None:
    book, made = raw("jilin-city-2017"), {}
    for at in range(1, 7):  # a hospital 1 for each patient referred down, a centre 6 for each that it received
        pool = int(book.paid(f"AM{at}", "待分配资金", "referral") * 100)
        merit = {f"M0{at}": book[f"M0{at}", "下转人次"], f"S0{at}": 6 * book[f"S0{at}", "接收下转数"]}
        whole = sum(merit.values())
        shared = largest_remainder({unit: pool * share / whole for unit, share in merit.items()}, pool)
        made |= {("referral", unit): yuan(fen) for unit, fen in shared.items()}
    for unit in ("K01", "K02", "K03", "K04", "T42", "M04", "S04", "T31"):
        total = sum(marked(JILIN_CARD, jilin_shares(book, unit)).values(), F(0))
        part = F(1) if total >= 90 else total / 100 if total >= 60 else F(1, 2)
        made["subsidy", unit] = yuan(half_up(book[unit, "与考核结果挂钩的财政补助"] * part))
    equal(amounts("jilin-city-2017"), made, 8)


# ── 北京: demo-beijing ────────────────────────────────────────────────────────────────────────────────────

CENTRE_CARD: Card = {
    "quantity": {"M01": 20, "M02": 10, "M03": 10},
    "quality": {"M04": 20, "M05": 20},
    "said": {"M06": 20},
}


def centre_shares(book: Raw, unit: str) -> Shares:
    now = book.now
    managed = now[unit, "高血压在管人数"] + now[unit, "糖尿病在管人数"]
    return {
        "M01": between(now[unit, "签约重点人群数"] / now[unit, "重点人群数"], "0.85", "0.50"),
        "M02": between(now[unit, "签约居民数"] / now[unit, "常住人口"], "0.45", "0.20"),
        "M03": between(now[unit, "续签人数"] / now[unit, "到期签约人数"], "0.95", "0.60"),
        "M04": between(now[unit, "已履约服务项目数"] / now[unit, "应履约服务项目数"], "0.95", "0.60"),
        "M05": between((now[unit, "血压达标人数"] + now[unit, "血糖达标人数"]) / managed, "0.75", "0.40"),
        "M06": between(now[unit, "群众满意题得分合计"] / now[unit, "群众满意题满分合计"], "0.95", "0.70"),
    }


def test_beijing_scores() -> None:
    book, made = raw("beijing-2021"), {}
    for unit in ("S11", "S12", "S13", "S22", "S23"):
        made |= {(unit, item): six(score) for item, score in marked(CENTRE_CARD, centre_shares(book, unit)).items()}
    equal(scores("beijing-2021"), made, 12)


def test_beijing_fees_and_services() -> None:
    book, made = raw("beijing-2021"), {}
    for unit in ("S11", "S22", "S23"):
        total = sum(marked(CENTRE_CARD, centre_shares(book, unit)).values(), F(0))
        graded = F(1) if total >= 80 else F(9, 10) if total >= 60 else F(7, 10)
        fee = book[unit, "签约人月"] / 12 * 100
        for payer, part, coefficient in (
            ("insurance", "0.6", graded),
            ("public-health", "0.3", graded),
            ("residents", "0.1", F(1)),
        ):
            due = half_up(F(half_up(fee * F(part)), 100) * coefficient)
            staff = half_up(F(due, 100) * F(7, 10))
            made[f"fee-{payer}-staff", unit] = yuan(staff)
            made[f"fee-{payer}-rest", unit] = yuan(due - staff)
    for unit in ("S12", "S13"):
        prices = {"主治及以下医师": 60, "副主任医师": 70, "主任医师": 80, "护士": 50}
        visits = sum(book[unit, f"上门服务次数({who})"] * price for who, price in prices.items())
        made["home-services", unit] = yuan(int((visits + book[unit, "家庭病床查床次数"] * 80) * 100))
        made["signed-elderly", unit] = yuan(int(book[unit, "减免医事服务费自付的签约老年人就诊人次"] * 100))
    equal(amounts("beijing-2021"), made, 8)


# ── 杭州下城: demo-hz-xiacheng ────────────────────────────────────────────────────────────────────────────


def test_xiacheng_scores() -> None:
    book, made = raw("hz-xiacheng-2018"), {}
    for unit in ("S01", "S04", "S06"):
        now = book.now
        managed = now[unit, "高血压在管人数"] + now[unit, "糖尿病在管人数"]
        shares = {
            "C-N01": between(now[unit, "慢性病联合门诊人次"] * 100 / managed, "20") * 5,
            "C-I06": between(now[unit, "基本服务包已落实项数"] / 11, "1", "0.5") * 5,
            "C-N02": between(now[unit, "区级重点学科和特色专科数"], "1") * 5,
            "C-N03": between(now[unit, "已配应配设备种数"] / now[unit, "按标准应配设备种数"], "0.95", "0.6") * 7,
            "C-N08": between(now[unit, "精准转诊到市级医联体医院人次"] / now[unit, "医保备案转诊人次"], "0.5") * 10,
            "C-N09": between(now[unit, "签约居民在基层就诊人次"] / now[unit, "签约居民总就诊人次"], "0.65", "0.35") * 8,
            "C-N10": between(now[unit, "签约重点人群数"] / now[unit, "重点人群数"], "0.6", "0.3") * 12,
            "C-N11": between(now[unit, "已履约服务项目数"] / now[unit, "应履约服务项目数"], "0.95", "0.6") * 10,
            "C-N14": efficacy((now[unit, "血压达标人数"] + now[unit, "血糖达标人数"]) / managed, "0.7", "0.4") * 5,
        }
        made |= {(unit, item): six(score) for item, score in shares.items()}
    equal(scores("hz-xiacheng-2018"), made, 12)


def test_xiacheng_allowances() -> None:
    # 800 a month to every holder, whatever the score
    book = raw("hz-xiacheng-2018")
    found = amounts("hz-xiacheng-2018")
    made = {
        ("gp-allowance", unit): yuan(int(book[unit, "发放全科医生津贴人月"] * 80_000))
        for pool, unit in found
        if pool == "gp-allowance"
    }
    equal(found, made, 7)
    pool = book.paid("A01", "待分配资金", "performance")
    assert goldens.tables("hz-xiacheng-2018")["pools"].set_index("pool").loc["performance", "amount"] == yuan(
        int(pool * 100)
    )


# ── 辽宁: demo-liaoning ───────────────────────────────────────────────────────────────────────────────────


def test_liaoning_scores_and_no_amount() -> None:
    book, made = raw("liaoning-2017"), {}
    for city in ("C1", "C2", "C3", "C4", "C5"):

        def share(above: str, below: str, target: str = "1", *, of: str = city) -> Fraction:
            return between(book[of, above] / book[of, below], target)

        made |= {
            (city, item): six(points * part)
            for item, points, part in (
                ("C01", 5, share("参加医联体的三级公立医院数", "三级公立医院数")),
                ("C02", 4, share("牵头医联体的三级公立医院数", "三级公立医院数")),
                ("C03", 4, share("参加医联体的城市二级公立医院数", "城市二级公立医院数")),
                ("C07", 10, share("签约居民数", "常住人口", "0.3")),
                ("C08", 15, share("签约重点人群数", "重点人群数", "0.6")),
                ("C10", 6, share("标准化建设达标社区卫生服务中心数", "社区卫生服务中心数", "0.6")),
                ("C11", 5, share("标准化建设达标乡镇卫生院数", "乡镇卫生院数", "0.5")),
                ("C12", 5, share("标准化建设达标村卫生室数", "村卫生室数", "0.5")),
            )
        }
    equal(scores("liaoning-2017"), made, 12)
    assert goldens.result("liaoning-2017").frames["allocations"].empty  # the notice pays nothing
