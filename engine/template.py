"""The workbook that is filled in: what a plan needs of a period, with drop-downs, limits and print set-up.

What is written here reads back unchanged (`engine.read`), and the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.facts import Catalogue, Facts, Metric, MoneyItem
from domain.institution import Form, Ownership, Tier
from domain.money import format_yuan
from domain.period import Period
from domain.policy import Plan
from engine.template_guide import write_codes, write_guide
from indicators.registry import indicators

SPARE = {"机构表": 200, "成员关系表": 200, "事实表": 1000, "资金表": 300}  # empty rows ready to be filled in
_FRAMED = 25  # of them with borders, so that a blank form prints as one page
_FIRST = 3  # 0-based row of the first data row: title, remark, heading stand above
_AGGREGATES = frozenset({Tier.ALLIANCE.value, Tier.DISTRICT.value})
_HEADCOUNTS = ("heads_on_post", "paid_person_months")  # what 绩效工资总量 and pay comparisons rest on
_ALLOWED = ("insert_rows", "delete_rows", "sort", "autofilter", "format_cells", "format_columns", "format_rows")
_YES_NO = {Decimal(1): "是", Decimal(0): "否"}


@dataclass(frozen=True)
class Needed:
    """Catalogue codes a plan needs, in the catalogue's order."""

    metrics: tuple[str, ...]
    items: tuple[str, ...]


def needed(plan: Plan, catalogue: Catalogue) -> Needed:
    """What a plan's scorecards and pools read: the facts of their indicators and every code their params name.

    Any money item may decide a pool, so a plan with pools needs them all. A plan with neither: the whole catalogue.
    """
    if not plan.scorecards and not plan.pools:
        return Needed(tuple(catalogue.metrics), tuple(catalogue.items))
    known = indicators()
    local = {one.id: {*one.numerator, *one.denominator} for one in plan.local_indicators}
    codes = set(_texts(plan.model_dump(include={"scorecards", "pools"})))
    used = [item.indicator for card in plan.scorecards for part in card.dimensions for item in part.items]
    for name in used:
        codes |= local.get(name, set())
        codes |= set(known[name].facts) if name in known else set()
    if plan.pools:
        codes |= {*catalogue.items, *_HEADCOUNTS}
    return Needed(
        tuple(code for code in catalogue.metrics if code in codes),
        tuple(code for code in catalogue.items if code in codes),
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def write_template(plan: Plan, catalogue: Catalogue, period: Period, out: Path, facts: Facts | None = None) -> None:
    """Write the workbook of a plan for a period.

    facts: tables to fill in; the fact sheet then lists every needed metric of every institution, blank where not
    given. Raises OSError if `out` cannot be written.
    """
    wanted = needed(plan, catalogue)
    book = xlsxwriter.Workbook(str(out), {"strings_to_numbers": False, "strings_to_formulas": False,
                                          "strings_to_urls": False})  # fmt: skip
    try:
        book.set_properties({"title": f"{plan.title} {period.title} 填报表", "created": datetime(2000, 1, 1)})  # noqa: DTZ001
        styles = Styles(book)
        write_guide(book, plan, catalogue, wanted.metrics, wanted.items, period)
        sheets = _Sheets(book, styles, plan, period)
        _institutions(sheets, facts)
        _memberships(sheets, facts)
        _facts(sheets, catalogue, wanted, facts)
        _money(sheets, catalogue, facts)
        write_codes(book, catalogue, wanted.metrics, wanted.items, periods(period))
    finally:
        book.close()


def periods(period: Period) -> list[str]:
    """The periods a clerk may need: this one, the one before, a year ago, the years of them."""
    years = [Period(year, "year", 1) for year in (period.year, period.year - 1)]
    return list(dict.fromkeys(one.title for one in (period, period.previous, period.year_ago, *years)))


class Styles:
    """The formats of the sheets."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        font = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
        self.title = book.add_format({**font, "font_size": 16, "bold": True, "align": "center"})
        self.remark = book.add_format({**font, "font_size": 9, "font_color": "#595959", "text_wrap": True})
        self.heading = book.add_format(
            {**font, "bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": "#DDEBF7"}
        )
        self.border = book.add_format({"border": 1, "border_color": "#A6A6A6"})
        forms = {"text": "@", "number": "#,##0.######", "whole": "#,##0", "money": "#,##0.00", "date": "yyyy-mm-dd"}
        self.open = {
            name: book.add_format({**font, "locked": False, "num_format": form, **_aligned(name)})
            for name, form in forms.items()
        }
        self.framed = {
            name: book.add_format(
                {**font, "locked": False, "num_format": form, "border": 1, "border_color": "#A6A6A6", **_aligned(name)}
            )
            for name, form in forms.items()
        }


def _aligned(name: str) -> dict[str, Any]:
    if name == "text":
        return {"text_wrap": True}
    return {"align": "center"} if name == "date" else {"align": "right"}


@dataclass(frozen=True)
class Field:
    """One column: heading, width, form of its cells, validation of its cells (xlsxwriter options)."""

    heading: str
    width: float
    form: str = "text"
    check: dict[str, Any] | None = None


@dataclass(frozen=True)
class _Sheets:
    """What every sheet needs."""

    book: xlsxwriter.Workbook
    styles: Styles
    plan: Plan
    period: Period

    def add(self, name: str, remark: str, fields: list[Field], rows: list[list[Any]]) -> Worksheet:
        """One table: title, remark, heading, rows (values as `_put` takes them), spare rows, limits, print set-up."""
        sheet, styles = self.book.add_worksheet(name), self.styles
        last = _FIRST + len(rows) + SPARE[name] - 1
        end = len(fields) - 1
        sheet.merge_range(0, 0, 0, end, f"{self.plan.title}　{name}", styles.title)
        sheet.merge_range(1, 0, 1, end, f"{remark}　填报期间: {self.period.title}", styles.remark)
        sheet.set_row(0, 28)
        sheet.set_row(1, 30)
        sheet.set_row(2, 32)
        for column, one in enumerate(fields):
            sheet.set_column(column, column, one.width, styles.open[one.form])
            sheet.write_string(2, column, one.heading, styles.heading)
            if one.check:
                sheet.data_validation(_FIRST, column, last, column, one.check)
        framed = len(rows) if rows else _FRAMED
        for number in range(framed):
            row = rows[number] if rows else [None] * len(fields)
            if all(_width(value) <= one.width for value, one in zip(row, fields, strict=True)):
                sheet.set_row(_FIRST + number, 20)  # a longer text sets the height of its row itself
            for column, one in enumerate(fields):
                _put(sheet, _FIRST + number, column, row[column], styles.framed[one.form])
        # Borders come with the first entry: blank spare rows are not printed.
        letter = chr(65 + end)
        sheet.conditional_format(
            _FIRST + framed, 0, last, end,
            {"type": "formula", "criteria": f"=COUNTA($A{_FIRST + framed + 1}:${letter}{_FIRST + framed + 1})>0",
             "format": styles.border},
        )  # fmt: skip
        _print_setup(sheet, name, last, end)
        return sheet


def _print_setup(sheet: Worksheet, name: str, last: int, end: int) -> None:
    sheet.freeze_panes(_FIRST, 2)
    sheet.autofilter(2, 0, last, end)
    sheet.protect("", dict.fromkeys(_ALLOWED, True))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.repeat_rows(0, 2)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.set_footer(f"&L{name}　填报人:　　　　　　审核人:　　　　　　单位负责人:　　　　　　&R第 &P 页 共 &N 页")


def _width(value: Any) -> int:
    """Columns a text takes: two for a Chinese character."""
    return sum(2 if ord(letter) > 0xFF else 1 for letter in str(value or ""))


def _put(sheet: Worksheet, row: int, column: int, value: Any, style: Format) -> None:
    """A cell: texts as text, days as dates, numbers as numbers where a sheet holds them exactly, else as text."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    elif isinstance(value, Decimal) and len(value.as_tuple().digits) <= 15:
        sheet.write_number(row, column, float(value), style)
    else:
        sheet.write_string(row, column, str(value), style)


def _list(source: str, title: str, *, strict: bool = True) -> dict[str, Any]:
    return {"validate": "list", "source": source, "error_type": "stop" if strict else "warning",
            "error_title": title, "error_message": "请从下拉列表选择, 或按码表填写"}  # fmt: skip


def _custom(formula: str, title: str, message: str) -> dict[str, Any]:
    return {"validate": "custom", "value": formula, "error_title": title, "error_message": message}


_UNITS = _list("=机构表!$A$4:$A$1003", "单位代码", strict=False)
_DATES = {"validate": "date", "criteria": ">=", "value": date(2000, 1, 1), "error_title": "日期",
          "error_message": "写成 2026-01-01"}  # fmt: skip
_PERIODS = _list("=期间清单", "期间", strict=False)


def _institutions(sheets: _Sheets, facts: Facts | None) -> None:
    tiers = [tier.chinese for tier in Tier]
    kinds = [one.chinese for one in Ownership]
    fields = [
        Field("单位代码", 14, check=_custom("=COUNTIF($A$4:$A$1003,A4)=1", "单位代码", "单位代码不能重复")),
        Field("单位名称", 30),
        Field("机构层级", 18, check={**_list("", "机构层级"), "source": tiers}),
        Field("举办性质", 10, check={**_list("", "举办性质"), "source": kinds}),
        Field("行政区划代码", 14, check=_custom("=LEN(E4)=6", "行政区划代码", "应为 6 位代码 (GB/T 2260)")),
        Field("统一社会信用代码", 24, check=_custom("=LEN(F4)=18", "统一社会信用代码", "应为 18 位")),
        Field("是否签约机构", 12, check={**_list("", "是否签约机构"), "source": ["是", "否"]}),
        Field("医联体形式", 20, check={**_list("", "医联体形式"), "source": [form.chinese for form in Form]}),
    ]
    rows: list[list[Any]] = []
    if facts is not None:
        frame = facts.institutions.assign(
            tier=facts.institutions["tier"].map({tier.value: tier.chinese for tier in Tier}),
            ownership=facts.institutions["ownership"].map({one.value: one.chinese for one in Ownership}),
            signing=facts.institutions["signing"].map({True: "是", False: "否"}),
            form=facts.institutions["form"].map({form.value: form.chinese for form in Form}).fillna(""),
        )
        order = ["unit_code", "name", "tier", "ownership", "region", "credit_code", "signing", "form"]
        rows = frame[order].to_numpy(dtype=object).tolist()
    remark = (
        "由卫生健康行政部门填报。医联体和区域也各占一行; 村卫生室、医联体、区域可不填信用代码。"
        "代码按文本填写, 保留前导零。医联体形式只由医联体填写, 不分形式的可不填。"
    )
    sheets.add("机构表", remark, fields, rows)


def _memberships(sheets: _Sheets, facts: Facts | None) -> None:
    fields = [
        Field("单位代码", 14, check=_UNITS),
        Field("单位名称", 30),
        Field("医联体代码", 14, check=_UNITS),
        Field("医联体名称", 30),
        Field("加入日期", 14, "date", _DATES),
        Field("退出日期", 14, "date", _DATES),
    ]
    rows: list[list[Any]] = []
    if facts is not None:
        names = _names(facts)
        frame = facts.memberships
        rows = [
            [unit, names.get(unit), alliance, names.get(alliance), first, last]
            for unit, alliance, first, last in zip(
                frame["unit_code"], frame["alliance_code"], frame["from"], frame["to"], strict=True
            )
        ]
    remark = "由卫生健康行政部门填报。仍在医联体内的不填退出日期; 同一单位同一时间只属于一个医联体 (形式不同的除外)。"
    sheets.add("成员关系表", remark, fields, rows)


def _names(facts: Facts) -> dict[str, str]:
    return dict(zip(facts.institutions["unit_code"], facts.institutions["name"], strict=True))


def _facts(sheets: _Sheets, catalogue: Catalogue, wanted: Needed, facts: Facts | None) -> None:
    fields = [
        Field("期间", 16, check=_PERIODS),
        Field("单位代码", 14, check=_UNITS),
        Field("单位名称", 26),
        Field("指标", 36, check=_list("=指标清单", "指标")),
        Field("计量单位", 10),
        Field("数值", 16, "number"),
        Field("备注", 26),
    ]
    rows: list[list[Any]] = []
    checks: list[Metric] = []
    if facts is not None:
        names = _names(facts)
        frame = _grid(facts, catalogue, wanted, sheets.period)
        checks = [catalogue.metrics[code] for code in frame["metric"]]
        rows = [
            [Period.parse(period).title, unit, names.get(unit), metric.title, metric.unit, _shown(value, metric), note]
            for period, unit, metric, value, note in zip(
                frame["period"], frame["unit_code"], checks, frame["value"], frame["note"], strict=True
            )
        ]
    remark = (
        "每个单位每个指标一行。是否类指标填 是 或 否; 没有的数不填, 不要填 0。"
        "与上期变动过大或部分大于总体的, 核对后在备注说明原因。同比指标另填上年同期。"
    )
    sheet = sheets.add("事实表", remark, fields, rows)
    _limits(sheet, checks, len(rows))


def _shown(value: Decimal | None, metric: Metric) -> Any:
    if value is None:
        return None
    if metric.unit == "是否":
        return _YES_NO.get(value, value)
    # 0.5 in a percentage column would be read as doubtful: the sign says it.
    return f"{value}%" if metric.unit == "%" and 0 < abs(value) < 1 else value


def _grid(facts: Facts, catalogue: Catalogue, wanted: Needed, period: Period) -> pd.DataFrame:
    """The given facts, and a blank row for every needed metric of every institution of the metric's tiers."""
    columns = ["period", "unit_code", "metric", "value", "note"]
    members = [tier.value for tier in Tier if tier.value not in _AGGREGATES]
    scopes = pd.DataFrame(
        [(code, tier) for code in wanted.metrics for tier in (catalogue.metrics[code].scopes or members)],
        columns=["metric", "tier"],
    )
    asked = facts.institutions[["unit_code", "tier"]].merge(scopes, on="tier")[["unit_code", "metric"]]
    given = facts.facts[columns]
    # A year's figure may stand for the period: nothing more is asked there.
    titles = pd.MultiIndex.from_frame(given[["unit_code", "metric"]])
    blank = asked[~pd.MultiIndex.from_frame(asked).isin(titles)].assign(period=str(period), value=None, note="")
    return pd.concat([given.astype(object), blank[columns].astype(object)], ignore_index=True)


def _limits(sheet: Worksheet, metrics: list[Metric], filled: int) -> None:
    """Validation of the value cells: by metric where the row names one, else no negative number."""
    ranges: dict[tuple[Any, ...], list[list[int]]] = {}
    for number, metric in enumerate(metrics):
        kind = (
            metric.unit == "是否",
            metric.unit in {"%", "比率", "比例"},
            metric.whole,
            metric.minimum,
            metric.maximum,
        )
        row = _FIRST + number
        blocks = ranges.setdefault(kind, [])
        if blocks and blocks[-1][2] == row - 1:
            blocks[-1][2] = row
        else:
            blocks.append([row, 5, row, 5])
    for (yes_no, share, whole, minimum, maximum), blocks in ranges.items():
        option = _limit(yes_no=yes_no, share=share, whole=whole, minimum=minimum, maximum=maximum, row=blocks[0][0] + 1)
        if option:
            sheet.data_validation(*blocks[0], {**option, "other_cells": blocks[1:]} if blocks[1:] else option)
    first = _FIRST + filled
    sheet.data_validation(first, 5, first + SPARE["事实表"] - 1, 5,
                          _custom(f"=OR(ISTEXT(F{first + 1}),F{first + 1}>=0)", "数值", "不能是负数"))  # fmt: skip


def _limit(
    *, yes_no: bool, share: bool, whole: bool, minimum: Decimal | None, maximum: Decimal | None, row: int
) -> dict[str, Any] | None:
    if yes_no:
        return {**_list("", "是否"), "source": ["是", "否"]}
    terms = [f"F{row}>={minimum}"] if minimum is not None else []
    terms += [f"F{row}<={maximum}"] if maximum is not None else []
    terms += [f"F{row}=INT(F{row})"] if whole else []
    if not terms:
        return None
    said = "、".join(
        [f"不小于 {minimum}"] * (minimum is not None) + [f"不大于 {maximum}"] * (maximum is not None) + ["整数"] * whole
    )
    formula = f"=IF(ISNUMBER(F{row}),AND({','.join(terms)}),{'TRUE' if share else 'FALSE'})"
    return _custom(formula, "数值", f"应为{said}")


def _money(sheets: _Sheets, catalogue: Catalogue, facts: Facts | None) -> None:
    fields = [
        Field("期间", 16, check=_PERIODS),
        Field("单位代码", 14, check=_UNITS),
        Field("单位名称", 26),
        Field("项目", 30, check=_list("=项目清单", "项目")),
        Field(
            "金额", 20, "money", _custom("=AND(ISNUMBER(E4),ROUND(E4,2)=E4)", "金额", "填到分, 至多两位小数, 单位元")
        ),
        Field("文号", 34),
    ]
    rows: list[list[Any]] = []
    if facts is not None:
        names = _names(facts)
        items: dict[str, MoneyItem] = catalogue.items
        frame = facts.money
        rows = [
            [
                Period.parse(period).title,
                unit,
                names.get(unit),
                items[item].title,
                Decimal(format_yuan(amount)),
                document,
            ]
            for period, unit, item, amount, document in zip(
                frame["period"], frame["unit_code"], frame["item"], frame["amount"], frame["document"], strict=True
            )
        ]
    remark = (
        "金额单位: 元。由财务、医保、人社部门填报, 填到分。"
        "核定总量填批复文号, 清算结余填清算文号, 已分资金填资金池编号。"
    )
    sheets.add("资金表", remark, fields, rows)
