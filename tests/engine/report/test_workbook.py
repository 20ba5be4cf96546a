"""report.xlsx is a finished document: Chinese, ready to print, and to the fen what the tables say."""

# fmt: skip keeps a table of cases or codes as a table here: a row a case, read downwards.
from __future__ import annotations

import itertools
import time
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from allocation.answer import Conflicting
from domain.money import exact, format_daxie, format_yuan, parse_yuan
from domain.period import Period
from domain.step import Phrase, Place, Step
from engine.printing.page import EXACT_FEN
from engine.report.workbook import write_report
from engine.run.labels import CardLabel, Document, ItemLabel, Labels, PoolLabel, ShownLabel
from engine.run.result import FRAMES, Allocation, Formation, Result
from tests.engine.report.put import frame, gap, put
from tests.words import warning

UNITS = {"A1": ("示例医共体", "alliance"), "H1": ("示例县医院", "lead"), "T1": ("=cmd|示例卫生院", "township"),
         "T2": ("示例二卫生院", "township")}  # fmt: skip
AMOUNTS = {"H1": "1234567.89", "T1": "2000000.00", "T2": "0.11"}  # adds up to 3234568.00
SIGNATURES = ["制表", "审核", "财务负责人"]
ENGLISH = {name for columns in FRAMES.values() for name in columns} | {
    "ok", "missing", "not_applicable", "township", "lead", "member", "staff_reward", "wage_cap", "carry_forward",
}  # fmt: skip


def made(amounts: dict[str, str] = AMOUNTS, *, left: str = "65432.00") -> Result:
    """Two members scored, one pool split, its rest carried forward, and one statement of the two permits."""
    members = list(amounts)
    paid = sum(map(parse_yuan, amounts.values()))
    whole = format_yuan(paid + parse_yuan(left))
    distributed = format_yuan(paid)
    problem, answer = put(amounts, {code: UNITS[code][1] for code in members}, parse_yuan(whole))
    labels = Labels(
        names={code: name for code, (name, _) in UNITS.items()},
        tiers={code: tier for code, (_, tier) in UNITS.items()},
        regions={"330000": "示例区"},
        cards={"card": CardLabel("成员考核", "member", {"d1": "服务", "d2": "管理"}, {
            "i1": ItemLabel("签约率", "rate", "%", frozenset()),
            "i2": ItemLabel("随访人次", "visits", "人次", frozenset({"township"})),
            "i3": ItemLabel("是否达标", "reached", "是否", frozenset()),
        })},
        pools={"pool": PoolLabel(
            "绩效奖励", "县级财政资金", "示例财〔2026〕1号", "staff_reward", "settled", "carry_forward", "card"
        )},
        indicators={"rate": ("签约率", "%"), "visits": ("随访人次", "人次"), "reached": ("是否达标", "是否")},
        documents=(Document("some-pack", "某实施方案", "", "某委", "draft"),),
    )  # fmt: skip
    scores = [
        ("member", code, "card", *row)
        for code in members
        for row in (
            ("d1", "i1", "0.756123", "0.7", "60", "58.123456", "", "some-pack 三(一)"),
            ("d1", "i2", "", "100", "", "", "", "本地规定"),
            ("d2", "i3", "1", "1", "40", "31.5", "", "本地规定"),
        )
    ]
    indicators = [
        ("member", code, *row)
        for code in members
        for row in (
            ("rate", "756123", "1000000", "0.756123", "", "ok"),
            ("visits", "", "", "", "", "missing"),
            ("reached", "1", "", "1", "", "ok"),
        )
    ]
    statement = {"a": 100_00, "r": 60_01, "kept": 39_99}
    limits = tuple(Phrase(f"allocation.permit_lines:limit_{line}") for line in ("a", "main_floor"))
    frames = {
        "indicators": frame("indicators", indicators),
        "scores": frame("scores", scores),
        "totals": frame("totals", [
            ("member", code, "card", "89.623456", "良好", "1") for code in members
        ]),
        "pools": frame("pools", [("A1", "pool", whole, distributed, left)]),
        "permits": frame("permits", [
            ("A1", code, line, format_yuan(fen)) for code in members for line, fen in statement.items()
        ]),
        "allocations": frame("allocations", [
            ("A1", "pool", code, UNITS[code][1], "12.345678", amount, ("wage_cap",) if code == "H1" else ())
            for code, amount in amounts.items()
        ]),
    }  # fmt: skip
    formed = Step("pool", Place("A1", "pool", line="amount"), "allocation.pools.handed_in:amount", parse_yuan(whole),
                  cites=("some-pack 一",))  # fmt: skip
    stated = (
        Step("permits", Place(unit=code, line=line), f"allocation.permit_lines:{line}", fen, {},
             {"limits": limits}, cites=("some-pack 三(四)17",))
        for code in members for line, fen in statement.items()
    )  # fmt: skip
    return Result(
        plan_id="plan",
        plan_title="示例方案",
        period=Period.parse("2026Q3"),
        region="330000",
        labels=labels,
        frames=frames,
        steps=(gap("T1", "i2", "随访登记数"), formed, *stated),
        warnings=(warning("依据的是征求意见稿", "PACK-NOT-IN-FORCE"),),
        formations=(Formation("A1", "pool", (formed,)),),
        signatures=tuple(SIGNATURES),
        indicators={"card/i1": "rate", "card/i2": "visits", "card/i3": "reached"},
        measured={
            "member/rate": [["card/i1"]],
            "member/visits": [["card/i2"]],
            "member/reached": [["card/i3"]],
        },
        allocations=(Allocation("A1", "pool", "绩效奖励", problem, answer),),
    )


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("report") / "report.xlsx"
    write_report(made(), path)
    return openpyxl.load_workbook(path)


def texts(book: Workbook, sheet: str) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in book[sheet].iter_rows()]


def flat(book: Workbook, sheet: str) -> str:
    return "\n".join(str(value) for row in texts(book, sheet) for value in row if value is not None)


def column(book: Workbook, sheet: str, heading: str) -> list[Any]:
    """The cells below a heading, down to the end of the sheet."""
    rows = texts(book, sheet)
    at, head = next((at, row) for at, row in enumerate(rows) if heading in row)
    return [row[head.index(heading)] for row in rows[at + 1 :]]


def test_sheets_are_there_in_order(book: Workbook) -> None:
    assert book.sheetnames == [
        "封面", "总分与等次", "得分明细", "指标值", "资金池", "资金池计算", "分配表-绩效奖励", "两个允许测算表",
        "放宽测算", "图表",
    ]  # fmt: skip


FOOT = "警示：依据文件征求意见稿，见首页"


def test_every_sheet_is_set_up_for_paper(book: Workbook) -> None:
    for sheet in book.worksheets:
        setup = sheet.page_setup
        assert (setup.orientation, int(setup.paperSize)) == ("landscape", 9), sheet.title
        assert setup.fitToWidth in {None, "1", 1}, sheet.title  # a file leaves out what is 1
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert "第 &P 页 共 &N 页" in sheet.oddFooter.center.text.replace("&[Page]", "&P").replace("&[Pages]", "&N")
        assert "示例方案" in sheet.oddHeader.left.text
        assert sheet.oddFooter.left.text == FOOT, sheet.title
        assert sheet.print_area, sheet.title
        if sheet.title != "封面":
            assert sheet.print_title_rows, sheet.title
            assert sheet.freeze_panes, sheet.title


def test_nothing_english_is_left_and_no_cell_is_an_error_or_a_formula(book: Workbook) -> None:
    for sheet in book.worksheets:
        for cell in itertools.chain.from_iterable(sheet.iter_rows()):
            assert cell.data_type not in {"e", "f"}, (sheet.title, cell.coordinate)
            assert cell.value not in ENGLISH, (sheet.title, cell.coordinate, cell.value)


def test_names_that_look_like_formulas_stay_text(book: Workbook) -> None:
    found = [
        cell
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value == "=cmd|示例卫生院"
    ]
    assert len(found) >= 3
    assert {cell.data_type for cell in found} == {"s"}
    assert all(cell.quotePrefix for cell in found)  # quotePrefix: text even after somebody edits the cell


def test_amounts_and_total_to_the_fen_and_in_capitals(book: Workbook) -> None:
    sheet = "分配表-绩效奖励"
    amounts = [value for value in column(book, sheet, "分配金额") if isinstance(value, int | float)]
    *members, total = [round(value * 100) for value in amounts]
    assert members == [parse_yuan(AMOUNTS[code]) for code in ("H1", "T1", "T2")]
    assert total == sum(members) == 323456800
    assert "人民币叁佰贰拾叁万肆仟伍佰陆拾捌元整" in flat(book, sheet)
    assert format_daxie(total) in flat(book, "封面")


def test_codes_are_text_and_money_has_thousands(book: Workbook) -> None:
    rows = {row[1].value: row for row in book["分配表-绩效奖励"].iter_rows() if row[1].value in AMOUNTS}
    assert set(rows) == set(AMOUNTS)
    assert {row[1].number_format for row in rows.values()} == {"@"}
    assert {row[7].number_format for row in rows.values()} == {"#,##0.00"}


def test_allocation_says_what_held_and_compares(book: Workbook) -> None:
    rows = {row[1]: row for row in texts(book, "分配表-绩效奖励")}
    assert rows["H1"][10] == "封顶于绩效工资总量余额"
    assert rows["H1"][8] == 1000000
    assert rows["H1"][9] == pytest.approx(0.23456789)  # 1234567.89 against 1000000.00
    assert rows["T2"][8] == rows["T2"][9] == "—"
    assert rows["T2"][11] == "没有核定总量"
    said = flat(book, "分配表-绩效奖励")
    assert "收入差距（软规则第1级）" in said
    assert "共差 88.00 元" in said
    assert "未分配 65,432.00 元（受绩效工资总量余额限制；结转下期）" in said


@pytest.mark.parametrize("previous", [None, "10.00"])
def test_a_pool_that_owes_shows_what_each_due_is_made_of(previous: str | None, tmp_path: Path) -> None:
    """Two of three members have a story; a coefficient and its total mean nothing together."""
    result = made()
    owed, of = "allocation.pools.subsidy:owed", Place("A1", "pool", "merit")
    numbers = {"H1": (1_500_000_00, exact("0.823045")), "T1": (2_000_000_05, Fraction(1))}
    stories = tuple(
        Step("pool", replace(of, unit=unit), owed, linked,
             {"linked": linked, ("score_of", "D01"): exact("82.3"), "coefficient": factor}, {"how": ""})
        for unit, (linked, factor) in numbers.items()
    )  # fmt: skip
    cut = Step("pool", replace(of, unit="H1", line="deduction-1"), owed, 0, {"linked": 900}, {"how": ""})
    labels, totals = result.labels, result.frames["totals"]
    frames = {**result.frames, "totals": totals[totals["unit_code"] != "T1"]}  # T1's due hangs on the district's score
    shown = (ShownLabel("linked", "挂钩补助", "money", summed=True), ShownLabel("coefficient", "系数", "factor"))
    own = replace(labels, pools={"pool": replace(labels.pools["pool"], own=True, shown=shown)})
    (one,) = result.allocations
    fields = {"previous": parse_yuan(previous)} if previous else {}
    members = tuple(replace(member, fields=fields, exempt={}) for member in one.problem.members)
    allocations = (replace(one, problem=replace(one.problem, members=members)),)
    told = replace(result, frames=frames, steps=(*result.steps, *stories, cut), labels=own, allocations=allocations)
    write_report(told, tmp_path / "report.xlsx")
    sheet = texts(openpyxl.load_workbook(tmp_path / "report.xlsx"), "分配表-绩效奖励")
    head = next(row for row in sheet if "单位编码" in row)
    before = ["上期金额", "增减"] if previous else []
    assert head[4:-2] == ["考核得分", "挂钩补助", "系数", "应得数", "分配金额", *before]
    rows = {row[1]: row[4:7] for row in sheet if row[1] in {*AMOUNTS, "合计"}}
    assert rows == {
        "H1": [89.623456, 1500000, 0.823045], "T1": [82.3, 2000000.05, 1], "T2": [89.623456, "—", "—"],
        "合计": [None, 3500000.05, None],
    }  # fmt: skip
    assert "封住的部分不分给其他单位" in "".join(str(cell) for row in sheet for cell in row)


def test_cover_warns_names_and_signs(book: Workbook) -> None:
    said = flat(book, "封面")
    assert "警示：依据的是征求意见稿" in said
    assert "PACK-NOT-IN-FORCE" not in said
    for text in ("《某实施方案》", "示例财〔2026〕1号", "示例区（330000）", "两个允许测算表", "日期：", *SIGNATURES):
        assert text in said
    box = next(cell for row in book["封面"].iter_rows() for cell in row if str(cell.value).startswith("警示"))
    assert box.border.left.style == "medium"


def test_details_have_subtotals_and_units_of_the_indicator(book: Workbook) -> None:
    rows = texts(book, "得分明细")
    rate = next(row for row in rows if row[1] == "签约率")
    assert rate[2:6] == [0.756123, 0.7, 60, 58.123456]
    assert "文件1 三(一)" in rate[7]
    assert next(row for row in rows if row[1] == "是否达标")[2] == "是"
    assert "服务小计" in {row[0] for row in rows}
    assert len([row for row in rows if row[1] == "随访人次"]) == 2  # not for the lead hospital


def test_status_of_an_indicator_in_words(book: Workbook) -> None:
    states = column(book, "指标值", "状态")
    assert states.count("正常") == 6
    assert "缺数（随访登记数）" in states
    assert [row for row in texts(book, "指标值") if row[1] == "H1" and row[4] == "随访人次"] == []


def test_every_row_of_one_indicator_says_which_item_it_is_the_value_of(tmp_path: Path) -> None:
    """Two days of the same indicator: each with its own title, gap and form; shared params share a row."""
    day = ItemLabel("建台账的日子", "day", "日期", frozenset())
    items = {
        "i1": day,
        "i2": ItemLabel("定办法的日子", "day", "日期", frozenset()),
        "i3": ItemLabel("办法也算", "day", "日期", frozenset()),
        "i4": ItemLabel("提高多少", "change", "百分点", frozenset()),
    }
    base = made()
    values = {"i1": "20170620", "i2": "", "i3": "", "i4": "0.00625"}
    scores = [
        ("member", "T1", "card", "d1", item, value, "", "10", "10", "", "本地规定") for item, value in values.items()
    ]
    indicators = [
        ("member", "T1", "change", "0.00625", "", "0.00625", "", "ok"),
        ("member", "T1", "day", "20170620", "", "20170620", "", "ok"),
        ("member", "T1", "day", "", "", "", "", "missing"),
    ]
    card = CardLabel("成员考核", "member", {"d1": "服务"}, items)
    measured = {"member/day": [["card/i1"], ["card/i2", "card/i3"]], "member/change": [["card/i4"]]}
    labels = replace(base.labels, cards={"card": card}, indicators={})
    frames = {**base.frames, "scores": frame("scores", scores), "indicators": frame("indicators", indicators)}
    steps = (*base.steps, gap("T1", "i2", "定办法的日期"))
    write_report(replace(base, frames=frames, measured=measured, labels=labels, steps=steps), tmp_path / "r.xlsx")
    printed = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert column(printed, "指标值", "指标")[:3] == ["提高多少", "建台账的日子", "定办法的日子、办法也算"]
    assert column(printed, "指标值", "分子")[:3] == ["0.625 个百分点", "2017-06-20", "—"]
    assert column(printed, "指标值", "指标值")[:3] == ["0.625 个百分点", "2017-06-20", "—"]
    assert column(printed, "指标值", "状态")[:3] == ["正常", "正常", "缺数（定办法的日期）"]


def test_statement_of_the_permits_adds_up(book: Workbook) -> None:
    rows = {row[1]: row for row in texts(book, "两个允许测算表") if row[0] in {1, 2, 3}}
    assert rows["分得结余收入 a"][3] == "文件1 三(四)17"
    assert rows["分得结余收入 a"][4:8] == [100, 100, 100, 300]
    assert rows["可发放给人员 r"][2] == "min(a, ρ·R), 不小于 0"
    assert round(rows["可发放给人员 r"][7] * 100) == 18003
    assert format_daxie(18003) in flat(book, "两个允许测算表")


def test_relief_and_charts(book: Workbook) -> None:
    assert "示例县医院 +12,345.67；=cmd|示例卫生院 −1.00" in flat(book, "放宽测算")
    assert len(book["图表"]._charts) == 3


def test_the_same_result_gives_the_same_bytes_at_another_time(tmp_path: Path) -> None:
    write_report(made(), tmp_path / "one.xlsx")
    time.sleep(2.1)  # zip members carry even seconds
    write_report(made(), tmp_path / "other.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "other.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.xlsx") as packed:
        assert {member.date_time[0] for member in packed.infolist()} == {1980}


def test_amounts_too_long_for_a_double_are_written_as_text(tmp_path: Path) -> None:
    most = EXACT_FEN - 1
    assert round(most / 100 * 100) == most
    huge = {"H1": "9999999999999.99", "T1": "10000000000000.01", "T2": "0.00"}
    write_report(made(huge, left="0.00"), tmp_path / "report.xlsx")
    amounts = column(openpyxl.load_workbook(tmp_path / "report.xlsx"), "分配表-绩效奖励", "分配金额")
    assert amounts[1:4] == [9999999999999.99, "10,000,000,000,000.01", 0]


def test_contradiction_and_empty_tables_are_told_on_the_cover(tmp_path: Path) -> None:
    result = made()
    empty = {name: result.frames[name].iloc[:0] for name in ("allocations", "permits")}
    conflict = {"A1": (Conflicting("wage_cap", "H1", 500),)}
    write_report(
        replace(result, frames={**result.frames, **empty}, allocations=(), contradictions=conflict),
        tmp_path / "report.xlsx",
    )
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    said = flat(book, "封面")
    assert "示例医共体（A1）的规则互相矛盾，资金未分配" in said
    assert said.count("本期没有，不编") == 2
    assert "规则互相矛盾，未分配，待修改方案后重算" in flat(book, "资金池")


def test_a_plan_without_pools_speaks_of_no_money(tmp_path: Path) -> None:
    result = made()
    empty = {name: result.frames[name].iloc[:0] for name in ("allocations", "permits", "pools")}
    labels = replace(result.labels, pools={}, regions={})
    bare = replace(result, frames={**result.frames, **empty}, allocations=(), labels=labels, region="000000")
    write_report(bare, tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert "本期没有" not in flat(book, "封面")
    assert "区域" not in flat(book, "封面")  # the whole country has no name among the units
    drawn = flat(book, "图表")
    assert "考核图表" in drawn
    assert "单位：分" in drawn
    assert "分配" not in drawn
    assert "各单位得分的图" in flat(book, "封面")


def test_totals_stay_with_the_last_rows_when_a_page_is_full(tmp_path: Path) -> None:
    result = made()
    codes = [f"V{n:03d}" for n in range(60)]
    rows = [("A1", "pool", code, "village", "1", "1.00", ()) for code in codes]
    labels = replace(result.labels, names={**result.labels.names, **{code: f"示例{code}村卫生室" for code in codes}})
    longer = {**result.frames, "allocations": frame("allocations", rows)}
    write_report(replace(result, frames=longer, labels=labels), tmp_path / "report.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")["分配表-绩效奖励"]
    breaks = [one.id for one in sheet.row_breaks.brk]
    total = next(cell.row for cell in sheet["B"] if cell.value == "合计")
    assert len(breaks) >= 2
    assert max(breaks) < total - 2
    starts = [0, *breaks, sheet.max_row]
    for start, end in itertools.pairwise(starts):
        assert sum(sheet.row_dimensions[row].height or 0 for row in range(start + 1, end + 1)) <= 490


def test_a_run_without_labels_still_prints(tmp_path: Path) -> None:
    result = made()
    write_report(replace(result, labels=Labels()), tmp_path / "report.xlsx")
    assert "总分与等次" in openpyxl.load_workbook(tmp_path / "report.xlsx").sheetnames
