"""A fictitious city district that carries out the Xiacheng document of 2018 (repealed): its workbook for 2020.

Eight community health centres under a city hospital; three appraisals read the same figures. Everything is made up; the
figures are set so that some targets are met and others missed, and so that every way of being held back shows once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from completions import completions
from sheets import Cell, Table, Yuan, words, write_xlsx

from engine.policy.configs import load_configs

FOLDER, YEAR, BEFORE = "hz-xiacheng-2018", 2020, 2019
REGION, ALLIANCE, DISTRICT, HOSPITAL = "129902", "A01", "D01", "H01"
HOSPITAL_NAME = "示例市第一示例医院"
WAN = 1_000_000  # 万元 in fen
CATALOGUE = load_configs().catalogue


@dataclass(frozen=True)
class Centre:
    """One centre.

    heads, signers, gps, trained: people; quality: per mille of what is done well; cost: per mille of income;
    committed: per mille of the approved total paid before the pools; short: 万元 by which the approval is below the
    application.
    """

    code: str
    name: str
    residents: int
    heads: int
    signers: int
    gps: int
    trained: int
    quality: int
    cost: int = 740
    committed: int = 840
    short: int = 0
    public: bool = True


CENTRES = (
    Centre("S01", "示例一街道社区卫生服务中心", 52_000, 128, 74, 28, 12, 925),
    Centre("S02", "示例二街道社区卫生服务中心", 46_000, 112, 60, 25, 9, 880),
    Centre("S03", "示例三街道社区卫生服务中心", 41_000, 98, 55, 21, 8, 910, committed=890),  # 总量快用完
    Centre("S04", "示例四街道社区卫生服务中心", 44_000, 105, 51, 22, 6, 790, cost=955),  # 收支勉强持平
    Centre("S05", "示例五街道社区卫生服务中心", 38_000, 92, 52, 20, 7, 850, short=3),
    Centre("S06", "示例六街道社区卫生服务中心", 35_000, 84, 38, 16, 4, 640),
    Centre("S07", "示例七街道社区卫生服务中心", 47_000, 110, 63, 25, 10, 900, cost=1_015),  # 亏损
    Centre("S08", "示例民办社区卫生服务中心", 21_000, 46, 20, 9, 2, 720, public=False),
)


def facts(centre: Centre, year: int) -> Iterator[tuple[str, int]]:
    """Figures of one centre: all of 2020, and of 2019 what is compared with."""
    people, good, last = centre.residents, centre.quality, year == BEFORE
    key = people * 34 // 100
    signed = key * (good - 40 * last) * 72 // 100_000
    every = people * (good - 40 * last) * 42 // 100_000
    visits = people * (58 if last else 60) // 10
    yield "key_population", key
    yield "signed_residents", every
    yield "shared_centre_services", every * (good - (60 if last else 120 * (centre.code == "S06"))) // 4_000
    yield "key_served_by_appointment", signed * (good - 80 * last) // 1_400
    yield "drug_kinds", 420 + centre.heads
    yield "chronic_drug_kinds", (420 + centre.heads) * (good - 30 * last) // 5_000
    yield "general_practitioners", centre.gps - last * (centre.code not in ("S04", "S06"))
    yield "visits", visits
    if last:
        return
    managed, sugar = people * 11 // 100, people * 4 // 100
    registered = people * 5 // 100
    yield "resident_population", people
    yield "trained_gps", centre.trained
    yield "signing_staff", centre.signers
    yield "heads_on_post", centre.heads
    yield "gp_allowance_months", centre.gps * 12 - centre.heads % 5
    yield "signed_key", signed
    yield "service_package_done", 11 if good > 800 else 9
    yield "service_items_due", every * 3
    yield "service_items_done", every * 3 * (good + 30) // 1_000
    yield "hypertension_managed", managed
    yield "hypertension_controlled", managed * (good - 210) // 1_000
    yield "diabetes_managed", sugar
    yield "diabetes_controlled", sugar * (good - 260) // 1_000
    yield "joint_clinic_visits", (managed + sugar) * (good - 590) // 1_500
    yield "key_specialties", int(good > 700) + int(good > 900)
    yield "equipment_required", 68
    yield "equipment_in_place", 68 * (good + 40) // 1_000
    yield "platform_functions_due", 6
    yield "platform_functions_connected", 6 if good > 800 else 4
    yield "up_referrals", visits * (18 if good > 700 else 62) // 1_000
    yield "registered_referrals", registered
    yield "precise_referrals", registered * (good - 360) // 1_000
    yield "signed_visits", every * 7
    yield "signed_visits_grassroots", every * 7 * (good - 270) // 1_000
    yield from survey(good)


def survey(good: int) -> Iterator[tuple[str, int]]:
    """Satisfaction of residents and of staff."""
    for who, sample, lift in (("resident", 120, 10), ("staff", 40, -90)):
        yield f"{who}_survey_sample", sample
        yield f"{who}_satisfaction_full", sample * 100
        yield f"{who}_satisfaction_score", sample * (good + lift) // 10


def base(centre: Centre) -> int:
    """Last year's approved total: whole hundreds of yuan."""
    return centre.heads * 118_000_00 // 10_000 * 10_000


def money(centre: Centre) -> Iterator[tuple[str, int, str]]:
    """Amounts of one centre in 2020: item, fen, document."""
    odd = centre.heads * 3_137 % 9_973
    income = centre.heads * 18 * WAN + odd
    yield "medical_service_income", income, ""
    yield "medical_cost", income * centre.cost // 1_000 + odd, ""
    yield "fund_spend_signed", spent(centre, YEAR), ""
    if centre.public:
        growth, addition = base(centre) * 6 // 100, centre.trained * 12_000_00
        approved = base(centre) + growth + addition - centre.short * WAN
        yield "quota_base", base(centre), ""
        yield "quota_approved", base(centre) + growth, "示例人社〔2020〕9号"
        yield "quota_approved", addition - centre.short * WAN, "示例人社〔2020〕10号"
        yield "quota_paid", approved * centre.committed // 1_000 + odd, ""
        yield "risk_fund_balance", income * 2 // 1_000, ""
    yield "subsidy_linked", centre.residents * 12_00 + odd, "示例财社〔2020〕17号"


def spent(centre: Centre, year: int) -> int:
    """Insurance fund spent on the signed residents, fen."""
    signed = dict(facts(centre, year))["signed_residents"]
    rise = 104 + (1_000 - centre.quality) // 40
    return signed * 3_150 * (rise if year == YEAR else 100)


def title(code: str) -> str:
    """The Chinese heading of a metric or money item."""
    return (CATALOGUE.metrics.get(code) or CATALOGUE.items[code]).title


def wide(sheet: str, heading: str, rows: Sequence[tuple[str, str, dict[str, int]]]) -> Table:
    """A row per institution, a column per metric; what one does not report stays empty."""
    metrics = list(dict.fromkeys(metric for _, _, values in rows for metric in values))
    return Table(
        sheet,
        f"示例城区{heading}",
        ("序号", "单位代码", "单位名称", *map(title, metrics)),
        [
            (place, code, name, *(values.get(metric) for metric in metrics))
            for place, (code, name, values) in enumerate(rows, start=1)
        ],
    )


def amounts() -> list[Table]:
    """收支表 of the centres and the ledger of approvals, subsidies and the pool."""
    books = ("medical_service_income", "medical_cost")
    rows = [(centre, item, fen, document) for centre in CENTRES for item, fen, document in money(centre)]
    income = {(centre.code, item): Yuan(fen) for centre, item, fen, _ in rows if item in books}
    earlier = [(str(BEFORE), centre, "fund_spend_signed", spent(centre, BEFORE), "") for centre in CENTRES]
    listed: list[tuple[str, str, str, int, str]] = [
        (when, centre.code if place % 4 else centre.name, item, fen, document)
        for place, (when, centre, item, fen, document) in enumerate(
            [*((str(YEAR), *row) for row in rows if row[1] not in books), *earlier]
        )
    ]
    listed.append((str(YEAR), ALLIANCE, "pool_amount", 620 * WAN, "performance"))
    keys = [
        (when, centre.code, item)
        for when, centre, item, *_ in [*((str(YEAR), *row) for row in rows if row[1] not in books), *earlier]
    ]
    keys.append((str(YEAR), ALLIANCE, "pool_amount"))
    return [
        Table(
            "资金表（收支）",
            f"示例城区{YEAR}年收支情况表",
            ("序号", "单位代码", "单位名称", *map(title, books)),
            [
                (place, centre.code, centre.name, *(income[centre.code, item] for item in books))
                for place, centre in enumerate(CENTRES, start=1)
            ],
            total=(3, 4),
            note="金额单位：元",
        ),
        Table(
            "资金表（总量、补助、资金池）",
            f"示例城区{YEAR}年资金表",
            ("序号", "所属期间", "单位", "项目", "金额（元）", "文号", "口径"),
            [
                (place, when, unit, title(item), Yuan(fen), document or None, word)
                for place, ((when, unit, item, fen, document), word) in enumerate(
                    zip(listed, words(keys), strict=True), start=1
                )
            ],
        ),
    ]


def register() -> list[Table]:
    """机构表 and 成员关系表."""
    others = [
        (HOSPITAL, HOSPITAL_NAME, "牵头医院"),
        (ALLIANCE, "示例城区医联体", "医联体"),
        (DISTRICT, "示例城区", "区域"),
    ]
    lines: list[Sequence[Cell]] = [
        (centre.code, centre.name, "社区卫生服务中心", "公立" if centre.public else "民办", REGION, None, "是")
        for centre in CENTRES
    ]
    lines += [(code, name, tier, "公立", REGION, None, "否") for code, name, tier in others]
    return [
        Table(
            "机构表（基本信息）",
            "示例城区机构表",
            ("机构代码", "机构名称", "机构层级", "举办性质", "行政区划代码", "统一社会信用代码", "是否签约机构"),
            lines,
        ),
        Table(
            "成员关系表",
            "示例城区医联体成员关系表",
            ("机构代码", "机构名称", "医联体代码", "加入日期", "退出日期"),
            [
                (code, name, ALLIANCE, date(2018, 3, 1), None)
                for code, name in ((HOSPITAL, HOSPITAL_NAME), *((one.code, one.name) for one in CENTRES))
            ],
        ),
    ]


def tables() -> list[Table]:
    """Every sheet of the workbook."""
    people = sum(centre.residents for centre in CENTRES)
    district = {
        "resident_population": people,
        "street_count": 9,
        "community_centre_count": 8,
        "community_station_count": 76,
    }
    visits = people * 31 // 10
    return [
        *register(),
        wide(
            "指标表（社区卫生服务中心）",
            f"{YEAR}年指标表（社区卫生服务中心）",
            [(one.code, one.name, dict(facts(one, YEAR))) for one in CENTRES],
        ),
        wide(
            "上年指标表",
            f"{BEFORE}年指标表",
            [
                *((one.code, one.name, dict(facts(one, BEFORE))) for one in CENTRES),
                (HOSPITAL, HOSPITAL_NAME, {"visits": visits + 9_000}),
            ],
        ),
        wide(
            "指标表（医院和区域）",
            f"{YEAR}年指标表（医院和区域）",
            [(HOSPITAL, HOSPITAL_NAME, {"visits": visits, **dict(survey(870))}), (DISTRICT, "示例城区", district)],
        ),
        *amounts(),
        completions("hz-xiacheng-2018"),
    ]


def make(folder: Path) -> Path:
    """Write the workbook below `folder`."""
    path = folder / FOLDER / f"{YEAR}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_xlsx(path, tables())
    return path
