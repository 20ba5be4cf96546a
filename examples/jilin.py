"""A fictitious city that carries out the Jilin City document of 2017: its workbook for 2018.

One provincial alliance, six municipal ones, seven county communities in five counties, six specialty alliances and the
telemedicine network; a county hospital stands in several of them. Two alliances overspent the insurance fund.
Everything is made up; the figures are set so that some targets are met and others missed.
"""

# fmt: skip keeps a table of cases or codes as a table here: a row a case, read downwards.
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from completions import completions
from county import WAN, noise
from sheets import Cell, Table, Yuan, write_xlsx

from engine.policy.configs import load_configs

FOLDER, YEAR, BEFORE = "jilin-city-2017", 2018, 2017
CITY, SINCE = "129800", date(2016, 12, 1)
NUMERALS = ("一", "二", "三", "四", "五", "六", "七")
CATALOGUE = load_configs().catalogue
TIERS = {"province": "省级医院", "city": "市级医院", "county": "县级医院", "township": "乡镇卫生院",
         "community": "社区卫生服务中心", "village": "村卫生室", "alliance": "医联体", "district": "区域"}  # fmt: skip
FORMS = {"G": "省级医联体", "M": "市级医联体", "K": "县（区）级医疗共同体", "Z": "专科医联体", "N": "远程医疗协作网"}
UPPER, CENTRES = ("province", "city", "county"), ("township", "community")
OVER = {"AM4": 2_600, "AK3": 910}  # 超支的医联体, 万元 ÷ 10
DECIDED = "AM4"
# Disease: three-year outbound rate and that of 2018, per mille; the fourth county sees none of its five leave.
DISEASES = {
    "C34": ("肺恶性肿瘤", 420, 365), "I63": ("脑梗死", 380, 340), "I25": ("慢性缺血性心脏病", 330, 310),
    "S72": ("股骨骨折", 290, 170), "M51": ("椎间盘疾患", 260, 215), "K80": ("胆石病", 190, 185),
    "J44": ("慢性阻塞性肺疾病", 120, 110),
}  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """One institution, alliance or district; alliances: those it belongs to; good: per mille of what is done well."""

    code: str
    name: str
    tier: str
    region: str
    staff: int = 0
    residents: int = 0
    good: int = 0
    alliances: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """Who runs it."""
        return "集体" if self.tier == "village" else "公立"


def _institutions() -> Iterator[Unit]:
    specialty = tuple(f"AZ{at}" for at in range(1, 7))
    yield Unit("P01", "示例省级综合医院", "province", CITY, 3200, 0, 930, ("AG1", "AN1"))
    for at in range(1, 7):
        good = (920, 900, 870, 790, 840, 890)[at - 1]
        staff = 1500 - 130 * at
        yield Unit(
            f"M{at:02d}", f"示例市第{NUMERALS[at - 1]}综合医院", "city", CITY, staff, 0, good, (f"AM{at}", "AN1")
        )
        yield Unit(
            f"S{at:02d}", f"示例市示例{NUMERALS[at - 1]}路社区卫生服务中心", "community", CITY, 88 - 6 * at,
            52_000 - 4_000 * at, good - 20, (f"AM{at}", "AN1"),
        )  # fmt: skip
        kind = ("肿瘤", "妇产", "儿童", "精神卫生", "传染病", "结核病")[at - 1]
        yield Unit(f"Z{at:02d}", f"示例市{kind}医院", "city", CITY, 620 - 60 * at, 0, good - 15, (f"AZ{at}",))
    for at in range(1, 6):
        name, region = f"示例{NUMERALS[at - 1]}县", f"1298{80 + at}"
        good = (930, 880, 770, 830, 900)[at - 1]
        joined = ("AG1", f"AK{at}", "AN1", *specialty[:2])
        yield Unit(f"K{at:02d}", f"{name}医院", "county", region, 760 - 70 * at, 0, good, joined)
        if at < 3:
            yield Unit(
                f"K1{at}", f"{name}中医院", "county", region, 260 - 20 * at, 0, good - 30, (f"AK{at + 5}", "AN1")
            )
        for town in range(1, 4 if at < 3 else 3):
            alliance = f"AK{at + 5}" if town == 3 else f"AK{at}"
            code, place = f"{at}{town}", f"{name}示例{NUMERALS[town - 1]}镇"
            linked = () if (at, town) == (4, 2) else ("AN1",)
            yield Unit(
                f"T{code}", f"{place}卫生院", "township", region, 74 - 6 * at - 4 * town,
                31_000 - 2_000 * at - 900 * town, good - 15 * town, (alliance, *linked),
            )  # fmt: skip
            alone = (at, town) == (5, 2)  # this clinic has not joined
            yield Unit(
                f"V{code}", f"{place}中心村卫生室", "village", region, 3, 1_500, good, () if alone else (alliance,)
            )


def _aggregates() -> Iterator[Unit]:
    yield Unit("AG1", "示例省级综合医联体", "alliance", CITY)
    for at in range(1, 7):
        yield Unit(f"AM{at}", f"示例市第{NUMERALS[at - 1]}医联体", "alliance", CITY)
    for at in range(1, 8):
        county = at if at < 6 else at - 5
        kind = "县医院" if at < 6 else "中医院"
        yield Unit(f"AK{at}", f"示例{NUMERALS[county - 1]}县{kind}医疗共同体", "alliance", f"1298{80 + county}")
    for at in range(1, 7):
        kind = ("肿瘤", "妇产", "儿童", "精神卫生", "传染病", "结核病")[at - 1]
        yield Unit(f"AZ{at}", f"示例市{kind}专科联盟", "alliance", CITY)
    yield Unit("AN1", "示例市远程医疗协作网", "alliance", CITY)
    yield Unit("D00", "示例市", "district", CITY)
    for at in range(1, 6):
        yield Unit(f"D0{at}", f"示例{NUMERALS[at - 1]}县", "district", f"1298{80 + at}")


INSTITUTIONS = tuple(_institutions())
AGGREGATES = tuple(_aggregates())
PAID = tuple(unit.code for unit in AGGREGATES if unit.code[:2] in ("AM", "AK"))
NAMES = {unit.code: unit.name for unit in (*INSTITUTIONS, *AGGREGATES)}


def members(alliance: str) -> list[Unit]:
    """The members of an alliance."""
    return [unit for unit in INSTITUTIONS if alliance in unit.alliances]


def _count(unit: Unit, metric: str, yearly: float, year: int, growth: int = 20) -> int:
    """A yearly count, a little up or down; growth: per mille from 2017 to 2018."""
    grown = yearly * (1000 + growth * (year - BEFORE)) / 1000
    return round(grown * (0.99 + 0.02 * noise("jilin", metric, unit.code)))


def _upper(unit: Unit, year: int) -> Iterator[tuple[str, int]]:
    good = unit.good / 1000
    yield "visits", _count(unit, "visits", unit.staff * 520, year, 10)
    yield "discharges", _count(unit, "out", unit.staff * 29, year, 5)
    yield (
        "down_referrals",
        _count(unit, "down", unit.staff * 29 * (0.05 + 0.12 * (good - 0.7)), year, round(good * 420 - 250)),
    )
    if unit.tier != "county":
        yield "ordinary_outpatient_visits", _count(unit, "ordinary", unit.staff * 210, year, 40 - round(good * 80))
    if year == BEFORE:
        return
    slots = _count(unit, "slots", unit.staff * 40, year)
    yield "all_slots_total", slots
    yield (
        "all_slots_reserved",
        round(slots * (0.12 + 0.1 * good + 0.02 * (unit.tier == "county") - 0.03 * (good < 0.8))),
    )
    yield "weekend_expert_visits", round(104 * (1 + unit.staff / 420) * good)
    yield "referrals_received", _count(unit, "received", unit.staff * 6, year)
    yield "referrals_received_closed", round(_count(unit, "received", unit.staff * 6, year) * (0.55 + 0.45 * good))
    if "AG1" in unit.alliances and unit.tier == "county":
        yield "posted_managers", 1
    yield "heads_on_post", unit.staff


def _centre(unit: Unit, year: int) -> Iterator[tuple[str, int]]:
    good = unit.good / 1000
    yield "visits", _count(unit, "visits", unit.staff * 900, year, round(good * 120) - 70)
    yield "resident_population", unit.residents
    yield "general_practitioners", max(2, round(unit.residents * good / 9_000)) + (year - BEFORE) * (good > 0.8)
    yield "posting_days", _count(unit, "posting", 300 * good, year, round(good * 300) - 240)
    if year == BEFORE:
        return
    yield "posted_managers", 0 if unit.code == "T42" else 1
    yield "telemedicine_covered", int("AN1" in unit.alliances)
    yield "long_prescription_months", 3 if unit.code == "S04" else 2
    yield "contract_tiers", 3 if good > 0.82 else 2
    poor = round(unit.residents * (0.004 if unit.tier == "community" else 0.021))
    yield "poor_population", poor
    yield "signed_poor", poor if good > 0.8 else round(poor * 0.96)
    for disease, part in (("hypertension", 0.09), ("diabetes", 0.03)):
        managed = round(unit.residents * part * 0.7)
        yield f"{disease}_managed", managed
        yield f"{disease}_controlled", round(managed * (good - 0.22))
    received = _count(unit, "received", unit.staff * 5, year)
    yield "referrals_received", received
    yield "referrals_received_closed", round(received * (0.55 + 0.45 * good))
    yield "down_referrals_received", round(received * (0.6 + 0.3 * noise("jilin", "from above", unit.code)))
    yield "heads_on_post", unit.staff


def _clinic(unit: Unit, year: int) -> Iterator[tuple[str, int]]:
    yield "visits", _count(unit, "visits", 5200, year)
    if year == YEAR:
        yield "telemedicine_covered", int(unit.region == "129881")
        yield "referrals_received", 12
        yield "referrals_received_closed", 12


def _alliance(unit: Unit) -> Iterator[tuple[str, int]]:
    yield "charter_total", 8
    yield "charter_done", 8 - (unit.code in ("AM4", "AK3")) - 2 * (unit.code == "AZ6")


def _district(unit: Unit) -> Iterator[tuple[str, int]]:
    if unit.code == "D00":
        yield "tertiary_public_hospitals", 12
        yield "tertiary_public_joined", 12
        yield "telemedicine_alliances", 6
        yield "insured_visits", 9_400_000
        yield "insured_visits_in_county", 8_366_000


def facts(units: Sequence[Unit], year: int) -> list[tuple[Unit, dict[str, int]]]:
    """What each unit fills in for a year; units without anything are left out."""
    found = []
    for unit in units:
        if unit.tier in UPPER:
            rows = dict(_upper(unit, year))
        elif unit.tier in CENTRES:
            rows = dict(_centre(unit, year))
        elif unit.tier == "village":
            rows = dict(_clinic(unit, year)) if unit.alliances else {}
        elif year == BEFORE:
            rows = {}
        else:
            rows = dict(_alliance(unit) if unit.tier == "alliance" else _district(unit))
        if rows:
            found.append((unit, rows))
    return found


def title(code: str) -> str:
    """The Chinese heading of a metric or money item."""
    return (CATALOGUE.metrics.get(code) or CATALOGUE.items[code]).title


def wide(sheet: str, units: Sequence[Unit], year: int) -> Table:
    """A row per unit, a column per metric."""
    rows = facts(units, year)
    metrics = list(dict.fromkeys(metric for _, values in rows for metric in values))

    def cell(metric: str, values: Mapping[str, int]) -> Cell:
        value = values.get(metric)
        return ("是" if value else "否") if CATALOGUE.metrics[metric].unit == "是否" and value is not None else value

    return Table(
        sheet, f"示例市{year}年医联体评价指标（{sheet}）", ("序号", "单位代码", "单位名称", *map(title, metrics)),
        [(at, unit.code, unit.name, *(cell(metric, values) for metric in metrics))
         for at, (unit, values) in enumerate(rows, start=1)],
    )  # fmt: skip


def diseases() -> Table:
    """病种表: seven diseases of every county in four years."""
    rows: list[Sequence[Cell]] = []
    for at in range(1, 6):
        for year in range(YEAR - 3, YEAR + 1):
            for code, (name, usual, now) in DISEASES.items():
                cases = 900 + round(700 * noise("jilin", code, at))
                last = usual - 8 * (code == "S72") if at == 4 or year < YEAR else now
                rate = last - 6 * (year - YEAR + 3) if year < YEAR else last - 12 * (at == 4)
                rows.append((f"{year}年", f"示例{NUMERALS[at - 1]}县", code, name, cases * rate // 1000, cases))
    return Table(
        "病种表", "示例市各县县域外转诊病种情况表",
        ("年度", "单位名称", "病种代码", "病种名称", "县域外转诊人次", "就诊人次"), rows,
        note="名单由程序按前三年合并的外转率排出，各病种都要填。",
    )  # fmt: skip


def _service(unit: Unit) -> int:
    """Income of medical services, fen."""
    per_head = {"city": 23, "county": 19}.get(unit.tier, 8)
    return unit.staff * per_head * WAN + round(noise("jilin", "income", unit.code) * 90 * WAN)


def books() -> Table:
    """收支表: a row per member that shares in a pool, with 合计."""
    items = ("medical_service_income", "medical_cost", "risk_fund_balance", "quota_paid", "subsidy_linked")
    here = [unit for code in PAID for unit in members(code) if unit.tier != "village"]
    rows: list[Sequence[Cell]] = []
    for at, unit in enumerate(sorted(here, key=lambda one: one.code), start=1):
        income = _service(unit)
        margin = 1016 if unit.code == "T31" else 958 if unit.tier in UPPER else 915
        approved = _approved(unit)
        linked = unit.staff * (9_000 if unit.tier in UPPER else 21_000) * 10
        rows.append(
            (at, unit.code, unit.name, Yuan(income), Yuan(income * margin // 1000), Yuan(income * 18 // 10_000),
             Yuan(approved * (985 if unit.code == "K02" else 930) // 1000), Yuan(linked))
        )  # fmt: skip
    return Table(
        "资金表（收支）", "示例市医联体成员单位2018年收支情况表",
        ("序号", "单位代码", "单位名称", *map(title, items)), rows,
        total=tuple(range(3, 8)), note="金额单位：元",
    )  # fmt: skip


def _approved(unit: Unit) -> int:
    per_head = {"city": 11, "county": 9}.get(unit.tier, 7)
    return unit.staff * per_head * WAN


def _fund(code: str) -> Iterator[tuple[str, str, int, str]]:
    """The insurance fund of one alliance: budget, spend, and what the settlement confirmed."""
    people = members(code)
    scale = sum(unit.staff for unit in people)
    budget = scale * 7 * WAN
    settled = f"示例医保清〔2019〕{int(code[-1]) + (10 if code[1] == 'K' else 0)}号"
    over = OVER.get(code)
    left = -over * WAN // 10 if over else budget * (21 + int(code[-1]) * 4) // 1000 + 1_905
    yield code, "fund_budget", budget, ""
    yield code, "fund_spend", budget - left, ""
    yield code, "surplus_confirmed", max(0, left), settled
    if over is None:
        return
    yield code, "overspend_confirmed", -left, settled
    if code == DECIDED:
        yield code, "overspend_decided", -left, "示例医保决〔2019〕2号"
    for unit in people:
        if unit.tier == "village":
            continue
        unreasonable = {"K03": 6 * WAN + 8_450, "T32": WAN // 2, "M04": 31 * WAN}.get(unit.code, 0)
        yield unit.code, "unreasonable_spend", unreasonable, "示例医保核〔2019〕7号" if unreasonable else ""
        if unit.tier in UPPER:
            share = budget * 8 // 10
            yield unit.code, "member_fund_budget", share, ""
            yield unit.code, "member_fund_spend", share - left * 9 // 10 + unreasonable, ""


def ledger() -> Table:
    """资金表: approvals, funds and pools, a row each with its document."""
    rows: list[tuple[str, str, int, str]] = []
    for code in PAID:
        rows += _fund(code)
        people = [unit for unit in members(code) if unit.tier != "village"]
        number = f"示例人社〔2018〕{int(code[-1]) + (20 if code[1] == 'K' else 0)}号"
        rows += [(unit.code, "quota_approved", _approved(unit), number) for unit in people]
        rows.append((code, "quota_approved", sum(_approved(unit) for unit in people), number))
        heads = sum(unit.staff for unit in people)
        rows.append((code, "pool_amount", heads * 260_000, "performance"))
        if code.startswith("AM"):
            rows.append((code, "pool_amount", heads * 31_000, "referral"))
    return Table(
        "资金表（基金、总量、资金池）", "示例市医联体2018年资金表",
        ("序号", "所属期间", "单位", "项目", "金额（元）", "文号"),
        [(at, f"{YEAR}年", NAMES[unit] if at % 5 else unit, title(item), Yuan(fen), number or None)
         for at, (unit, item, fen, number) in enumerate(rows, start=1)],
    )  # fmt: skip


def register() -> list[Table]:
    """机构表 and 成员关系表."""
    return [
        Table(
            "机构表", "示例市医疗联合体机构表",
            ("机构代码", "机构名称", "机构层级", "举办性质", "行政区划代码", "医联体形式"),
            [(unit.code, unit.name, TIERS[unit.tier], unit.owner, unit.region,
              FORMS[unit.code[1]] if unit.tier == "alliance" else None) for unit in (*INSTITUTIONS, *AGGREGATES)],
        ),
        Table(
            "成员关系表", "示例市医疗联合体成员关系表",
            ("机构代码", "机构名称", "医联体代码", "医联体名称", "加入日期", "退出日期"),
            [(unit.code, unit.name, alliance, NAMES[alliance], SINCE, None)
             for unit in INSTITUTIONS for alliance in unit.alliances],
            note="一家医院可以同时属于形式不同的几个医联体。",
        ),
    ]  # fmt: skip


def tables() -> list[Table]:
    """Every sheet of the workbook."""
    kinds = (("上级医院", UPPER), ("基层医疗卫生机构", CENTRES), ("村卫生室", ("village",)))
    found = register()
    for name, tiers in kinds:
        here = [unit for unit in INSTITUTIONS if unit.tier in tiers]
        found += [wide(f"指标表（{name}）", here, YEAR), wide(f"上年（{name}）", here, BEFORE)]
    for name, tier in (("医联体", "alliance"), ("区域", "district")):
        found.append(wide(f"指标表（{name}）", [unit for unit in AGGREGATES if unit.tier == tier], YEAR))
    return [*found, diseases(), books(), ledger(), completions("jilin-city-2017")]


def make(folder: Path) -> Path:
    """Write the workbook below `folder`."""
    path = folder / FOLDER / f"{YEAR}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_xlsx(path, tables())
    return path
