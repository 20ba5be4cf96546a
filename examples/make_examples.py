"""Writes the example workbooks: `python examples/make_examples.py [FOLDER]` (the folder of this file unless given).

The county's quarters are written and run one after the other, because a quarter's workbook states what the quarters
before it paid. The same program always writes the same tables.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import beijing
import hangzhou
import jilin
import liaoning
import purse
from completions import completions
from county import CURRENT, PERFORMANCE, PREPAYMENT, Fact, Money, facts
from people import people_tables
from people_after import appeal_tables, completed_tables
from pilot import pilot_tables
from sheets import Cell, Table, Yuan, words, write_csv, write_xls, write_xlsx
from units import ALLIANCE, REGION, manager, units

from domain.documents import BY_POOL
from domain.period import Period
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.run.run import run

HERE = Path(__file__).parent
TIERS = {
    "lead": "牵头医院",
    "county": "县级医院",
    "township": "乡镇卫生院",
    "community": "社区卫生服务中心",
    "village": "村卫生室",
    "alliance": "医共体",
    "district": "区域",
}
OWNERS = {"public": "公立", "collective": "集体", "private": "民办"}
COMPARED = ("visits", "discharges", "down_referrals")  # what the year before is asked for
SHEETS = (
    ("医院", ("lead", "county")),
    ("乡镇卫生院、社区卫生服务中心", ("township", "community")),
    ("村卫生室", ("village",)),
    ("医共体和区域", ("alliance", "district")),
)
BOOKS = (
    "medical_service_income",
    "drug_income",
    "consumables_income",
    "medical_cost",
    "drug_cost",
    "consumables_cost",
    "staff_income",
    "inpatient_charges",
    "outpatient_charges",
)
BUREAUS = (
    ("公共卫生系统", "GW01", "示例县疾病预防控制中心"),
    ("医保部门", "YB01", "示例县医疗保障局"),
    ("人社部门", "RS01", "示例县人力资源和社会保障局"),
    ("财政部门", "CZ01", "示例县财政局"),
    ("卫生健康行政部门", "WJ01", "示例县卫生健康局"),
    ("签约系统", "WJ01", "示例县卫生健康局"),
)
CHARGES = ("inpatient_charges", "outpatient_charges")
YEARS_AGO = "上年同期"
DOCUMENTS = (hangzhou, beijing, jilin, liaoning)  # one example for each policy document: a module with make(folder)
CONFIGS = load_configs()
CATALOGUE = CONFIGS.catalogue
NAMES = {unit.code: unit.name for unit in units()}


def title(code: str) -> str:
    """The Chinese heading of a metric or money item."""
    return (CATALOGUE.metrics.get(code) or CATALOGUE.items[code]).title


def register(period: Period) -> list[Table]:
    """机构表 and 成员关系表."""
    everybody = units()  # C02 is there before it joins: the district's coverage counts it
    members = [u for u in everybody if u.tier not in ("alliance", "district") and u.joined <= period.end]
    return [
        Table(
            "机构表（基本信息）",
            "示例县紧密型医共体机构表",
            ("机构代码", "机构名称", "机构层级", "举办性质", "行政区划代码", "统一社会信用代码", "是否签约机构"),
            [
                (
                    u.code,
                    u.name,
                    TIERS[u.tier],
                    OWNERS[u.ownership],
                    REGION,
                    u.credit or None,
                    "是" if u.signing else "否",
                )
                for u in everybody
            ],
        ),
        Table(
            "成员关系表",
            "示例县紧密型医共体成员关系表",
            ("机构代码", "机构名称", "医共体代码", "加入日期", "退出日期"),
            [(u.code, u.name, ALLIANCE, u.joined, None) for u in members],
        ),
    ]


def county_register() -> list[Table]:
    """What the service takes over once: the register with who manages whom, and who files for which body."""
    institutions, members = register(Period.parse(CURRENT[-1]))
    managed = [manager(unit) if unit.tier == "village" else None for unit in units()]
    rows = [(*row, code) for row, code in zip(institutions.rows, managed, strict=True)]
    filers = ("填报分工表", "示例县填报分工表", ("填报部门", "单位代码", "单位名称"), BUREAUS)
    return [replace(institutions, headings=(*institutions.headings, "管理机构"), rows=rows), members, Table(*filers)]


def wide_facts(rows: Sequence[Fact], period: Period, until: Period, mark: str = "") -> list[Table]:
    """A sheet per level: a row per institution, a column per metric."""
    values = {(unit, metric): value for when, unit, metric, value, _ in rows if when == str(period)}
    found = []
    for name, tiers in SHEETS:
        here = [unit for unit in units() if unit.tier in tiers and unit.joined <= until.end]
        metrics = list(dict.fromkeys(metric for unit, metric in values if unit in {u.code for u in here}))
        filled = [unit for unit in here if any((unit.code, metric) in values for metric in metrics)]
        if not metrics:
            continue
        lines: list[Sequence[Cell]] = [
            (place, unit.code, unit.name, *(values.get((unit.code, metric)) for metric in metrics))
            for place, unit in enumerate(filled, start=1)
        ]
        found.append(
            Table(
                f"{mark or '指标表'}（{name}）",
                f"示例县紧密型医共体{period.title}指标表（{name}）",
                ("序号", "单位代码", "单位名称", *map(title, metrics)),
                lines,
            )
        )
    return found


def books(rows: Sequence[Money], period: Period, mark: str = "") -> Table:
    """收支表: a row per institution, a column per item, with 合计."""
    items = list(
        dict.fromkeys(
            item for when, unit, item, _, _ in rows if unit[0] in "HTCP" and when == str(period) and item in BOOKS
        )
    )
    amounts = {(unit, item): Yuan(fen) for when, unit, item, fen, _ in rows if when == str(period)}
    here = list(dict.fromkeys(unit for when, unit, item, _, _ in rows if when == str(period) and item in items))
    return Table(
        f"{mark}资金表（收支）",
        f"示例县紧密型医共体{period.title}收支情况表",
        ("序号", "单位代码", "单位名称", *map(title, items)),
        [
            (place, unit, NAMES[unit], *(amounts.get((unit, item)) for item in items))
            for place, unit in enumerate(here, start=1)
        ],
        total=tuple(range(3, 3 + len(items))),
        note="金额单位：元",
    )


def ledger(rows: Sequence[Money], period: Period) -> Table:
    """资金表: approvals, funds, pools and earlier payments, a row each with its document."""
    rest = [row for row in rows if row[2] not in BOOKS]
    keys = [(*row[:3], row[4] * (row[2] in BY_POOL)) for row in rest]
    return Table(
        "资金表（基金、总量、资金池）",
        f"示例县紧密型医共体{period.title}资金表",
        ("序号", "所属期间", "单位", "项目", "金额（元）", "文号", "口径", "备注"),
        [
            (place, when, NAMES[unit] if place % 5 else unit, title(item), Yuan(fen), number or None, word, note)
            for place, ((when, unit, item, fen, number), word, note) in enumerate(
                zip(rest, words(keys), map(purse.reason, rest), strict=True), start=1
            )
        ],
    )


def tables(period: Period, money: Sequence[Money]) -> list[Table]:
    """Every sheet of one period's workbook."""
    before = [row for row in facts(period.year_ago) if row[2] in COMPARED]
    old = [
        (str(period.year_ago), unit.code, item, fen, "")
        for unit in units()
        if unit.staff and unit.tier != "village" and unit.joined <= period.end
        for item, fen in purse.books(unit, period.year_ago)
        if item in CHARGES
    ]
    return [
        *register(period),
        *wide_facts(facts(period), period, period),
        *wide_facts(before, period.year_ago, period, YEARS_AGO),
        books(money, period),
        books(old, period.year_ago, YEARS_AGO),
        ledger(money, period),
        completions("tianjin-2024", period.end),
    ]


def write(folder: Path, period: Period, sheets: Sequence[Table]) -> Path:
    """One period's file: the oldest as .xls, the next as CSV in GB18030, the rest as .xlsx."""
    if str(period) == CURRENT[0]:
        path = folder / f"{period}.xls"
        write_xls(path, sheets)
    elif str(period) == CURRENT[1]:
        path = folder / f"{period}-csv"
        write_csv(path, sheets)
    else:
        path = folder / f"{period}.xlsx"
        write_xlsx(path, [*sheets, GUIDE])
    return path


GUIDE = Table(
    "填报说明",
    "填报说明",
    ("序号", "说明", "依据", "备注", "联系"),
    [
        (1, "金额以元填报，保留两位小数；没有发生额填 0。", None, None, None),
        (2, "机构、文号和数字都是虚构的示例。", None, None, None),
    ],
    signed=False,
)


def opening() -> dict[tuple[str, str, str], int]:
    """What the pools paid before the first quarter, so that the year 2025 is whole."""
    paid: dict[tuple[str, str, str], int] = {}
    for quarter in ("2025Q1", "2025Q2"):
        for unit in units():
            if unit.tier in ("alliance", "district") or unit.joined > Period.parse(quarter).end:
                continue
            heads = unit.staff * (12 if unit.public_grassroots else 10)
            if purse.sharing(PERFORMANCE, unit):
                paid[quarter, PERFORMANCE, unit.code] = heads * 8_900
            if purse.sharing(PREPAYMENT, unit):
                paid[quarter, PREPAYMENT, unit.code] = heads * 9_700
    return paid


def make(folder: Path, say: Callable[[str], object] = print) -> None:
    """Write everything below `folder`. Raises InputProblems if a workbook does not pass its own program's checks."""
    for name in ("pilot-counties", "county"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    write_xlsx(folder / "pilot-counties" / "2019.xlsx", pilot_tables())
    for document in DOCUMENTS:
        say(f"{document.make(folder).relative_to(folder)} 已写出")
    paid = opening()
    for text in CURRENT:
        period = Period.parse(text)
        path = write(folder / "county", period, tables(period, purse.quarter(period, paid)))
        loaded = load(CONFIGS, "demo-county", period.end)
        filled = read(path, CATALOGUE, loaded.plan, period, loaded.packs)
        rows = run(loaded.plan, loaded.packs, filled, CATALOGUE, period, batch=True).frames["allocations"]
        for pool, unit, amount in zip(rows["pool"], rows["unit_code"], rows["amount"], strict=True):
            paid[text, pool, unit] = amount
        say(f"{path.relative_to(folder)} 已写出并试算")
    year = Period.parse("2025")
    path = write(folder / "county", year, tables(year, purse.settlement(year, paid)))
    say(f"{path.relative_to(folder)} 已写出")
    other = folder / "county" / "2025-overspend.xlsx"  # the same year, had it ended with an overspend
    write_xlsx(other, [*tables(year, purse.overspent(year, paid)), GUIDE])
    say(f"{other.relative_to(folder)} 已写出")
    write_xlsx(folder / "county" / "register.xlsx", county_register())
    for name, sheets in (("people", people_tables()), ("late", completed_tables()), ("appeal", appeal_tables())):
        write_xlsx(folder / "county" / f"{CURRENT[-1]}-{name}.xlsx", sheets)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
