"""A fictitious city that carries out the Beijing document of 2021: its workbook for 2022.

A city, four districts (three of them in the centre), in each an alliance of a hospital of the third level, one of the
second and community health centres. Everything is made up; the figures are set so that some targets are met and others
missed: the third district has not one fee standard for everybody, the hilly one has no home care and few stations.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from completions import completions
from sheets import Cell, Table, Yuan, write_xlsx

from engine.policy.configs import load_configs

FOLDER, YEAR, BEFORE = "beijing-2021", 2022, 2021
CITY, CITY_NAME, CITY_REGION = "D00", "示例市", "129900"
WAN = 1_000_000  # 万元 in fen
LATE = "S32"  # joined in the middle of the year: its person-months are those since
CATALOGUE = load_configs().catalogue
Values = dict[str, int]


@dataclass(frozen=True)
class District:
    """One district: its alliance is A and its number. core: in the centre; streets, communities, stations, policies."""

    number: int
    name: str
    core: bool
    streets: int
    communities: int
    stations: int
    home_care: bool = True
    policies: int = 3
    standards: tuple[int, int] = (100, 100)

    @property
    def region(self) -> str:
        """A district code of a city 1299 that does not exist."""
        return f"12991{self.number}"


@dataclass(frozen=True)
class Centre:
    """One centre. quality: per mille of what is done well; committed: per mille of the approval already paid."""

    code: str
    name: str
    residents: int
    heads: int
    quality: int
    committed: int = 660
    public: bool = True

    @property
    def district(self) -> int:
        """The number of its district."""
        return int(self.code[1])


DISTRICTS = (
    District(1, "示例一区", core=True, streets=9, communities=110, stations=57),
    District(2, "示例二区", core=True, streets=8, communities=96, stations=48),
    District(3, "示例三区", core=True, streets=8, communities=90, stations=50, standards=(110, 100)),
    District(4, "示例山区", core=False, streets=6, communities=150, stations=60, home_care=False, policies=2),
)
CENTRES = (
    Centre("S11", "示例一区东示例社区卫生服务中心", 61_000, 118, 950),
    Centre("S12", "示例一区西示例社区卫生服务中心", 54_000, 102, 905),
    Centre("S13", "示例一区南示例社区卫生服务中心", 47_000, 91, 870, committed=990),  # 总量快用完
    Centre("S21", "示例二区东示例社区卫生服务中心", 58_000, 110, 890),
    Centre("S22", "示例二区西示例社区卫生服务中心", 49_000, 94, 820),
    Centre("S23", "示例二区民办社区卫生服务中心", 18_000, 35, 760, public=False),
    Centre("S31", "示例三区东示例社区卫生服务中心", 52_000, 99, 910),
    Centre(LATE, "示例三区新建社区卫生服务中心", 30_000, 48, 800),
    Centre("S41", "示例山区东示例社区卫生服务中心", 33_000, 64, 860),
    Centre("S42", "示例山区西示例社区卫生服务中心", 26_000, 51, 720),
)
# Slots of the core hospitals released to the grassroots, per mille, before and now; experts kept for the hills.
RELEASED = {1: (301, 324), 2: (300, 312), 3: (305, 305), 4: (262, 285)}
SPECIALTY = {1: (9_600, 1_104), 2: (0, 0), 3: (7_200, 648), 4: (0, 0)}
COMMON = {1: 310, 2: 365, 3: 286, 4: 520}  # per mille of the second-level hospital's visits


def centre_facts(centre: Centre) -> Values:
    """Figures of one centre in 2022."""
    people, good = centre.residents, centre.quality
    key = people * 30 // 100
    signed_key, signed = key * (good - 90) // 1_000, people * (good - 80) * 52 // 100_000
    pressure, sugar = people * 9 // 100, people * 4 // 100
    due, items = signed * 30 // 100, signed * 4
    return {
        "resident_population": people,
        "key_population": key,
        "signed_key": signed_key,
        "signed_residents": signed,
        "contracts_due": due,
        "contracts_renewed": due * (good + 20) // 1_000,
        "service_items_due": items,
        "service_items_done": items * (good + 15) // 1_000,
        # some signed in the course of the year, so the months are not twelve times the people
        "signed_person_months": (signed * 12 - people % 977) // (2 if centre.code == LATE else 1),
        "hypertension_managed": pressure,
        "hypertension_controlled": pressure * (good - 190) // 1_000,
        "diabetes_managed": sugar,
        "diabetes_controlled": sugar * (good - 230) // 1_000,
        "heads_on_post": centre.heads,
        **survey(good, 90),
        "home_visits_attending": people * 9 // 1_000,
        "home_visits_associate": people * 4 // 1_000,
        "home_visits_chief": people // 1_000,
        "home_visits_nurse": people * 17 // 1_000,
        "home_bed_visits": people * 6 // 1_000,
        "elderly_visits_waived": people * 11 // 10,
        # read by no score and no pool: how many doctors and nurses sign says what the public may see of their fee
        "signing_staff": centre.heads * 45 // 100,
    }


def survey(good: int, sample: int) -> Values:
    """Satisfaction of residents: points of 100 for each answer."""
    return {
        "resident_survey_sample": sample,
        "resident_satisfaction_full": sample * 100,
        "resident_satisfaction_score": sample * (good + 30) // 10,
    }


def core_hospital(number: int, year: int) -> Values:
    """Figures of the hospital of the third level in a district."""
    slots = 420_000 + 36_000 * number + 15_000 * (year - BEFORE)
    found = {
        "appointment_slots_total": slots,
        "appointment_slots_released": slots * RELEASED[number][year - BEFORE] // 1_000,
        "down_referrals": (2_600 - 310 * number) * (100 + (9 - number) * (year - BEFORE)) // 100,
    }
    experts, kept = SPECIALTY[number]
    now = {
        "specialty_expert_slots": experts,
        "specialty_expert_slots_remote": kept,
        "elderly_visits_referred": 6_300 - 470 * number,
        **survey(900 - 12 * number, 160),
    }
    return found | now if year == YEAR else found


def second_hospital(number: int, year: int) -> Values:
    """Figures of the hospital of the second level in a district."""
    visits = 310_000 + 17_000 * number
    now = {
        "visits": visits,
        "common_disease_visits": visits * COMMON[number] // 1_000,
        "elderly_visits_referred": 3_900 + 130 * number,
        **survey(880 - 20 * number, 120),
    }
    found = {"down_referrals": (900 + 40 * number) * (100 + 3 * number * (year - BEFORE)) // 100}
    return found | now if year == YEAR else found


def district_facts(district: District) -> Values:
    """Figures of one district."""
    key, general = district.standards
    return {
        "urban_core": int(district.core),
        "incentive_policy_done": district.policies,
        "street_count": district.streets,
        "residential_community_count": district.communities,
        "streets_with_centre": district.streets - (not district.core),
        "community_station_count": district.stations,
        "contract_terms_offered": 3,
        "home_care_offered": int(district.home_care),
        "signing_fee_standard_key": key,
        "signing_fee_standard_general": general,
    }


def title(code: str) -> str:
    """The Chinese heading of a metric or money item."""
    return (CATALOGUE.metrics.get(code) or CATALOGUE.items[code]).title


def shown(metric: str, value: int | None) -> Cell:
    """A figure as offices write it: 是 and 否 for yes and no."""
    if value is None or metric not in CATALOGUE.metrics or CATALOGUE.metrics[metric].unit != "是否":
        return value
    return "是" if value else "否"


def wide(sheet: str, heading: str, rows: Sequence[tuple[str, str, Values]]) -> Table:
    """A row per unit, a column per metric."""
    metrics = list(dict.fromkeys(metric for _, _, values in rows for metric in values))
    return Table(
        sheet,
        f"示例市{heading}",
        ("序号", "单位代码", "单位名称", *map(title, metrics)),
        [
            (place, code, name, *(shown(metric, values.get(metric)) for metric in metrics))
            for place, (code, name, values) in enumerate(rows, start=1)
        ],
    )


def money() -> Iterator[tuple[str, str, int, str]]:
    """Amounts of 2022: unit, item, fen, document."""
    for centre in CENTRES:
        if centre.public:
            base = centre.heads * 13 * WAN
            approved = base * 105 // 100
            odd = centre.heads * 2_711 % 9_973
            yield centre.code, "quota_base", base, ""
            yield centre.code, "quota_approved", approved, "示例人社〔2022〕8号"
            yield centre.code, "quota_paid", approved * centre.committed // 1_000 + odd, ""
        yield centre.code, "subsidy_linked", centre.residents * 600 + 7, "示例财社〔2022〕15号"
    for district in DISTRICTS:
        here = [centre for centre in CENTRES if centre.district == district.number]
        heads = sum(centre.heads for centre in here)
        alliance = f"A0{district.number}"
        yield alliance, "pool_amount", heads * 520_000 + 37, "growth"
        yield alliance, "pool_amount", heads * 310_000 + 53, "signing-reward"
        yield alliance, "pool_amount", heads * 180_000 + 71, "graded-subsidy"
        hospital = f"K0{district.number}"
        yield hospital, "quota_approved", (6_400 + 310 * district.number) * WAN, "示例人社〔2022〕9号"
        yield hospital, "quota_paid", (5_980 + 365 * district.number) * WAN + 41, ""  # 山区二院的余额不够
        yield hospital, "subsidy_linked", (240 + 15 * district.number) * WAN + 19, "示例财社〔2022〕14号"


def ledger() -> Table:
    """资金表: approvals, subsidies and pools, a row each with its document."""
    names = {code: name for code, name, *_ in register()[0].rows}
    return Table(
        "资金表",
        f"示例市{YEAR}年资金表",
        ("序号", "单位", "项目", "金额（元）", "文号"),
        [
            (place, unit if place % 3 else names[unit], title(item), Yuan(fen), document or None)
            for place, (unit, item, fen, document) in enumerate(money(), start=1)
        ],
    )


def register() -> list[Table]:
    """机构表 and 成员关系表."""
    lines: list[tuple[Cell, ...]] = [(CITY, CITY_NAME, "区域", "公立", CITY_REGION, None, "否")]
    members: list[tuple[str, str, str, date]] = []
    start = date(2020, 1, 1)
    for district in DISTRICTS:
        number, region = district.number, district.region
        alliance = f"A0{number}"
        hospitals = [
            (f"H0{number}", f"{district.name}示例医院", "牵头医院"),
            (f"K0{number}", f"{district.name}示例第二医院", "县级医院"),
        ]
        lines.append((f"D0{number}", district.name, "区域", "公立", region, None, "否"))
        lines.append((alliance, f"{district.name}综合医联体", "医联体", "公立", region, None, "否"))
        lines += [(code, name, tier, "公立", region, None, "否") for code, name, tier in hospitals]
        here = [centre for centre in CENTRES if centre.district == number]
        lines += [
            (one.code, one.name, "社区卫生服务中心", "公立" if one.public else "民办", region, None, "是")
            for one in here
        ]
        members += [(code, name, alliance, start) for code, name, _ in hospitals]
        members += [(one.code, one.name, alliance, date(YEAR, 7, 1) if one.code == LATE else start) for one in here]
    return [
        Table(
            "机构表（基本信息）",
            "示例市家庭医生签约服务机构表",
            ("机构代码", "机构名称", "机构层级", "举办性质", "行政区划代码", "统一社会信用代码", "是否签约机构"),
            lines,
        ),
        Table(
            "成员关系表",
            "示例市医联体成员关系表",
            ("机构代码", "机构名称", "医联体代码", "加入日期", "退出日期"),
            [(*row, None) for row in members],
        ),
    ]


def tables() -> list[Table]:
    """Every sheet of the workbook."""
    year = [centre for centre in CENTRES if centre.code != LATE]
    late = next(centre for centre in CENTRES if centre.code == LATE)
    numbers = [district.number for district in DISTRICTS]

    def hospitals(when: int) -> list[tuple[str, str, Values]]:
        cores = [(f"H0{n}", f"{DISTRICTS[n - 1].name}示例医院", core_hospital(n, when)) for n in numbers]
        return cores + [(f"K0{n}", f"{DISTRICTS[n - 1].name}示例第二医院", second_hospital(n, when)) for n in numbers]

    return [
        *register(),
        wide(
            "指标表（社区卫生服务中心）",
            f"{YEAR}年指标表（社区卫生服务中心）",
            [(one.code, one.name, centre_facts(one)) for one in year],
        ),
        Table(
            "指标表（年中加入）",
            f"示例市{YEAR}年指标表（年中加入的机构）",
            ("期间", "单位", "指标", "数值", "备注"),
            [
                (
                    YEAR,
                    late.name if place % 2 else late.code,
                    title(metric),
                    value,
                    "只计 7 月加入以后" if metric == "signed_person_months" else None,
                )
                for place, (metric, value) in enumerate(centre_facts(late).items())
            ],
        ),
        wide("指标表（医院）", f"{YEAR}年指标表（医院）", hospitals(YEAR)),
        wide("上年指标表（医院）", f"{BEFORE}年指标表（医院）", hospitals(BEFORE)),
        wide(
            "指标表（区）",
            f"{YEAR}年指标表（区）",
            [(f"D0{one.number}", one.name, district_facts(one)) for one in DISTRICTS],
        ),
        wide(
            "指标表（市）",
            f"{YEAR}年指标表（市）",
            [
                (
                    CITY,
                    CITY_NAME,
                    {
                        "home_care_items": 46,
                        "publicity_events": 1,
                        "signing_fee_standard_key": 100,
                        "signing_fee_standard_general": 100,
                    },
                )
            ],
        ),
        Table(
            "指标表（会商）",
            "示例市会商情况",
            ("期间", "单位", "指标", "数值", "备注"),
            [
                (f"{YEAR}年{quarter}季度", CITY_NAME, title("coordination_meetings"), count, None)
                for quarter, count in zip("一二三四", (1, 2, 1, 1), strict=True)
            ],
        ),
        ledger(),
        completions("beijing-2021"),
    ]


def make(folder: Path) -> Path:
    """Write the workbook below `folder`."""
    path = folder / FOLDER / f"{YEAR}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_xlsx(path, tables())
    return path
