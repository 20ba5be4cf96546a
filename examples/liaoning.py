"""A fictitious province and its six cities for the task notice of Liaoning 2017: what they would have filled in.

Cities report for themselves. The figures are set so that targets are met just so, missed, and not reported at all; the
first city meets LN-I15 only in one of its two readings. Everything is made up.
"""

# fmt: skip keeps a table of cases or codes as a table here: a row a case, read downwards.
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from completions import completions
from sheets import Cell, Table, write_xlsx

from engine.policy.configs import load_configs

FOLDER, YEAR = "liaoning-2017", 2017
PROVINCE, PROVINCE_NAME = "LN", "示例省"
CATALOGUE = load_configs().catalogue


@dataclass(frozen=True)
class City:
    """One city; people in persons, shares of institutions as (done, all), beds as (private, all) of two years.

    pilot: (visits inside the county, all visits) of a national pilot, None elsewhere; days: of the task ledger and of
    the accountability mechanism, 0 where not done.
    """

    code: str
    name: str
    residents: int
    signed: int
    key: tuple[int, int]
    streets: tuple[int, int]
    tertiary: tuple[int, int, int]
    secondary: tuple[int, int]
    grassroots: tuple[int, int]
    alliances: tuple[int, int]
    centres: tuple[int, int]
    townships: tuple[int, int]
    villages: tuple[int, int]
    trained: tuple[int, int]
    hospitals: tuple[int, int]
    planned: int
    beds: tuple[int, int]
    beds_before: tuple[int, int]
    pilot: tuple[int, int] | None
    days: tuple[int, int]


CITIES = (
    City("C1", "示例一市", 2_400_000, 792_000, (520_000, 800_000), (60, 60), (9, 9, 9), (22, 22), (98, 98), (3, 2),
         (42, 60), (40, 62), (520, 900), (240, 240), (34, 34), 3_900, (2_310, 11_200), (2_000, 10_000),
         (9_150_000, 10_000_000), (20170620, 20170911)),
    City("C2", "示例二市", 1_600_000, 480_000, (330_000, 550_000), (48, 48), (6, 6, 5), (15, 15), (70, 70), (1, 1),
         (24, 40), (31, 60), (350, 700), (180, 170), (20, 20), 2_400, (1_495, 6_500), (1_200, 6_000),
         (5_400_000, 6_000_000), (20170628, 20171102)),
    City("C3", "示例三市", 1_200_000, 324_000, (228_000, 400_000), (36, 39), (4, 4, 4), (12, 11), (55, 51), (1, 0),
         (15, 30), (25, 50), (240, 600), (150, 150), (16, 12), 1_500, (812, 4_600), (700, 4_300), None,
         (20170705, 0)),
    City("C4", "示例四市", 900_000, 297_000, (200_400, 300_000), (30, 30), (3, 3, 3), (8, 8), (40, 40), (1, 2),
         (20, 28), (22, 44), (305, 520), (130, 143), (11, 11), 1_395, (720, 3_400), (560, 3_300), None,
         (20170630, 20170828)),
    City("C5", "示例五市", 1_100_000, 275_000, (189_000, 350_000), (33, 35), (3, 3, 2), (10, 10), (48, 45), (1, 1),
         (18, 32), (19, 46), (210, 640), (160, 148), (14, 13), 1_320, (630, 4_000), (610, 3_900),
         (3_402_000, 4_200_000), (20180105, 20171215)),
    City("C6", "示例六市", 700_000, 231_000, (138_600, 220_000), (24, 24), (2, 2, 2), (6, 6), (30, 30), (1, 1),
         (15, 22), (20, 36), (260, 430), (120, 126), (8, 8), 1_085, (442, 2_600), (330, 2_400), None,
         (20170915, 20171020)),
)  # fmt: skip
# Days the province itself answers for, with the document that shows it; 0 is not done
PROVINCE_DAYS = (
    ("signing_scheme_issued_on", 20170714, "示例卫发〔2017〕31号"),
    ("demonstration_created_on", 0, ""),
    ("gp_registration_done_on", 20171030, "注册完成名单（示例科教〔2017〕8号）"),
    ("day_surgery_started_on", 20170901, "示例卫办〔2017〕45号"),
    ("task_ledger_on", 20170612, "示例卫发〔2017〕27号附件"),
    ("accountability_on", 20170825, "示例卫发〔2017〕38号"),
)


def title(code: str) -> str:
    """The Chinese heading of a metric."""
    return CATALOGUE.metrics[code].title


def filled(city: City) -> dict[str, int | None]:
    """The metrics of one city."""
    return {
        "resident_population": city.residents, "signed_residents": city.signed,
        "signed_key": city.key[0], "key_population": city.key[1], "signing_started": 1,
        "streets_with_public_centre": city.streets[0], "street_count": city.streets[1],
        "tertiary_public_hospitals": city.tertiary[0], "tertiary_public_joined": city.tertiary[1],
        "tertiary_public_leading": city.tertiary[2],
        "secondary_public_hospitals": city.secondary[0], "secondary_public_joined": city.secondary[1],
        "urban_public_grassroots": city.grassroots[0], "urban_public_grassroots_joined": city.grassroots[1],
        "effective_city_alliances": city.alliances[0], "effective_county_alliances": city.alliances[1],
        "standardised_community_centres": city.centres[0], "community_centre_count": city.centres[1],
        "standardised_township_centres": city.townships[0], "township_centre_count": city.townships[1],
        "standardised_village_clinics": city.villages[0], "village_clinic_count": city.villages[1],
        "gp_training_quota": city.trained[0], "gp_trained": city.trained[1],
        "grade_two_a_hospitals": city.hospitals[0], "grade_two_a_timed_real_name": city.hospitals[1],
        "private_beds_planned": city.planned,
        "private_hospital_beds": city.beds[0], "hospital_beds": city.beds[1],
        "tiered_care_pilot": int(city.pilot is not None),
        "insured_visits_in_county": city.pilot[0] if city.pilot else None,
        "insured_visits": city.pilot[1] if city.pilot else None,
    }  # fmt: skip


def wide(sheet: str, heading: str, codes: Sequence[str]) -> Table:
    """A row per city, a column per metric."""
    rows: list[Sequence[Cell]] = [
        (place, city.code, city.name, *(filled(city)[code] for code in codes))
        for place, city in enumerate(CITIES, start=1)
    ]
    return Table(sheet, heading, ("序号", "单位代码", "单位名称", *map(title, codes)), rows)


def tables() -> list[Table]:
    """The sheets of the workbook."""
    codes = list(filled(CITIES[0]))
    beds = [(place, city.code, city.name, *city.beds_before) for place, city in enumerate(CITIES, start=1)]
    days: list[Sequence[Cell]] = [
        (str(YEAR), PROVINCE_NAME, title(code), day, said or None) for code, day, said in PROVINCE_DAYS
    ]
    days += [
        (str(YEAR), city.name, title(code), day, f"{city.name}台账（示例）" if day else None)
        for city in CITIES
        for code, day in zip(("task_ledger_on", "accountability_on"), city.days, strict=True)
    ]
    days += [
        (str(YEAR), PROVINCE_NAME, title("direct_settlement_achieved"), 1, "示例医保结算通报"),
        (str(YEAR), PROVINCE_NAME, title("insurance_unified_done"), 5, "基金管理尚未统一"),
    ]
    return [
        Table(
            "机构表（省和各市）", "示例省分级诊疗任务台账单位表",
            ("机构代码", "机构名称", "机构层级", "举办性质", "行政区划代码"),
            [(PROVINCE, PROVINCE_NAME, "区域", "公立", "210000"),
             *((city.code, city.name, "区域", "公立", f"219{at}00") for at, city in enumerate(CITIES, start=1))],
            note="省、市名称和行政区划代码都是虚构的示例", signed=False,
        ),
        Table("成员关系表", "成员关系表", ("机构代码", "医共体代码", "加入日期"), [],
              note="台账只到市, 不填成员单位", signed=False),
        wide("指标表（签约和医联体）", f"示例省{YEAR}年分级诊疗任务指标表（一）", codes[:18]),
        wide("指标表（能力和就医）", f"示例省{YEAR}年分级诊疗任务指标表（二）", codes[18:]),
        Table("上年同期（床位）", f"示例省{YEAR - 1}年床位情况表",
              ("序号", "单位代码", "单位名称", title("private_hospital_beds"), title("hospital_beds")), beds),
        Table("事实表（完成日期和省级任务）", f"示例省{YEAR}年任务完成情况",
              ("所属期间", "单位", "指标", "数值", "备注"), days),
        completions("liaoning-2017"),
        Table("填报说明", "填报说明", ("序号", "说明", "依据", "备注", "联系"),
              [(1, "日期写成 20171130, 未完成填 0; 备注写佐证文件。", None, None, None),
               (2, "地名、文号和数字都是虚构的示例。", None, None, None)], signed=False),
    ]  # fmt: skip


def make(folder: Path) -> Path:
    """Write the workbook below `folder`."""
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    path = folder / FOLDER / f"{YEAR}.xlsx"
    write_xlsx(path, tables())
    return path
