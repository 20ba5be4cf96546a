"""The workbook that is filled in: what a plan needs of a period, with drop-downs, limits and print set-up.

What is written here reads back unchanged (`engine.read`), and the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from allocation.quota import PERSON_MONTHS
from allocation.rules import rules
from domain.documents import WORDS
from domain.facts import Catalogue, Facts, Metric, MoneyItem
from domain.institution import Form, Ownership, Tier
from domain.modules import modules
from domain.money import format_yuan
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan
from domain.workflow import CENTRE
from engine.printing.files import TO_FILL_IN, write_whole
from engine.template.completions import write_completions
from engine.template.guide import write_codes, write_guide
from engine.template.layout import DATES, FIRST, PERIODS, SPARE, UNITS, Field, Sheets, Styles, drop_down, rule
from indicators.evaluate import codes_read, known
from indicators.registry import indicators

_AGGREGATES = frozenset({Tier.ALLIANCE.value, Tier.DISTRICT.value})
_YES_NO = {Decimal(1): "是", Decimal(0): "否"}


DISEASES, DUTIES = "医保部门", "卫生健康行政部门"
"""Who fills in the tables that belong to no metric."""


@dataclass(frozen=True)
class Needed:
    """Catalogue codes a plan needs, in the catalogue's order.

    parts: of whom, by unit and reporting body (None: of everybody).
    """

    metrics: tuple[str, ...]
    items: tuple[str, ...]
    parts: frozenset[tuple[str, str]] | None = None

    def asks(self, reporter: str) -> bool:
        """Whether something of a reporting body may be asked for."""
        return self.parts is None or any(one == reporter for _, one in self.parts)


def needed(plan: Plan, catalogue: Catalogue) -> Needed:
    """What a plan's scorecards and pools read: the facts of their indicators and every code their params name.

    Any money item may decide a pool, so a plan with pools needs them all. A plan with neither: the whole catalogue.
    """
    if not plan.scorecards and not plan.pools and not plan.overspend:
        return Needed(tuple(catalogue.metrics), tuple(catalogue.items))
    described = known(plan.local_indicators)
    codes = set(_texts(plan.model_dump(include={"pools"})))
    for pool in plan.pools:
        codes |= set(getattr(modules("allocation.pools")[pool.use], "METRICS", ()))
        codes |= {field.metric for rule in pool.rules for field in rules()[rule.use].fields if field.metric}
    for item in (item for card in plan.scorecards for part in card.dimensions for item in part.items):
        codes |= set(_texts(item.curve.model_dump()))
        codes |= set(codes_read(described[item.indicator], item.given, catalogue))
    if plan.pools:
        codes |= {*catalogue.items}
    if plan.quota and plan.quota.application:
        codes.add(PERSON_MONTHS)
    if plan.overspend:
        codes |= {*catalogue.items, "down_referrals", "discharges", *_texts(plan.overspend.model_dump())}
    return Needed(
        tuple(code for code in catalogue.metrics if code in codes),
        tuple(code for code in catalogue.items if code in codes),
    )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def write_template(
    plan: Plan,
    catalogue: Catalogue,
    period: Period,
    out: Path,
    facts: Facts | None = None,
    packs: Mapping[str, Pack] | None = None,
    *,
    wanted: Needed | None = None,
) -> None:
    """Write the workbook of a plan for a period.

    packs: whose duties and milestones are asked for in the sheet 任务完成 (None: no such sheet).
    facts: tables to fill in; the fact sheet then lists every needed metric of every institution, blank where not
    given. wanted: what is asked in it (None: all that the plan needs). Raises InputProblems or OSError if `out` cannot
    be written (`engine.printing.files`).
    """
    wanted = wanted or needed(plan, catalogue)
    content = BytesIO()
    book = xlsxwriter.Workbook(
        content,
        {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True},
    )
    try:
        book.set_properties({"title": f"{plan.title} {period.title} {TO_FILL_IN}", "created": datetime(2000, 1, 1)})  # noqa: DTZ001
        styles = Styles(book)
        write_guide(book, plan, catalogue, wanted.metrics, wanted.items, period)
        sheets = Sheets(book, styles, plan, period)
        _institutions(sheets, facts)
        _memberships(sheets, facts)
        _facts(sheets, catalogue, wanted, facts)
        _money(sheets, catalogue, facts)
        if (by_disease(plan) and wanted.asks(DISEASES)) or (facts is not None and facts.diseases is not None):
            _diseases(sheets, facts)
        if packs:
            write_completions(sheets, packs, facts)
        write_codes(book, catalogue, wanted.metrics, wanted.items, periods(period))
    finally:
        book.close()
    write_whole(out, content.getvalue())


def periods(period: Period) -> list[str]:
    """The periods a clerk may need: this one, the one before, a year ago, the years of them."""
    years = [Period(year, "year", 1) for year in (period.year, period.year - 1)]
    return list(dict.fromkeys(one.title for one in (period, period.previous, period.year_ago, *years)))


def _institutions(sheets: Sheets, facts: Facts | None) -> None:
    tiers = [tier.chinese for tier in Tier]
    kinds = [one.chinese for one in Ownership]
    fields = [
        Field("单位代码", 14, check=rule("=COUNTIF($A$4:$A$1003,A4)=1", "单位代码", "单位代码不能重复")),
        Field("单位名称", 30),
        Field("机构层级", 18, check={**drop_down("", "机构层级"), "source": tiers}),
        Field("举办性质", 10, check={**drop_down("", "举办性质"), "source": kinds}),
        Field("行政区划代码", 14, check=rule("=LEN(E4)=6", "行政区划代码", "应为 6 位代码 (GB/T 2260)")),
        Field("统一社会信用代码", 24, check=rule("=LEN(F4)=18", "统一社会信用代码", "应为 18 位")),
        Field("是否签约机构", 12, check={**drop_down("", "是否签约机构"), "source": ["是", "否"]}),
        Field("医联体形式", 20, check={**drop_down("", "医联体形式"), "source": [form.chinese for form in Form]}),
    ]
    managed = CENTRE in sheets.plan.filers.values() or (facts is not None and any(facts.institutions["managing_unit"]))
    fields += [Field("管理机构", 14, check=UNITS)] * managed
    rows: list[list[Any]] = []
    if facts is not None:
        frame = facts.institutions.assign(
            tier=facts.institutions["tier"].map({tier.value: tier.chinese for tier in Tier}),
            ownership=facts.institutions["ownership"].map({one.value: one.chinese for one in Ownership}),
            signing=facts.institutions["signing"].map({True: "是", False: "否"}),
            form=facts.institutions["form"].map({form.value: form.chinese for form in Form}).fillna(""),
        )
        order = ["unit_code", "name", "tier", "ownership", "region", "credit_code", "signing", "form"]
        order += ["managing_unit"] * managed
        rows = frame[order].to_numpy(dtype=object).tolist()
    remark = (
        "由卫生健康行政部门填报。医联体和区域也各占一行; 村卫生室、医联体、区域可不填信用代码。"
        "代码按文本填写, 保留前导零。医联体形式只由医联体填写, 不分形式的可不填。"
        + "管理机构填管理它并代它填报的机构的代码, 没有的不填。"
        * managed
    )
    sheets.add("机构表", remark, fields, rows)


def _memberships(sheets: Sheets, facts: Facts | None) -> None:
    fields = [
        Field("单位代码", 14, check=UNITS),
        Field("单位名称", 30),
        Field("医联体代码", 14, check=UNITS),
        Field("医联体名称", 30),
        Field("加入日期", 14, "date", DATES),
        Field("退出日期", 14, "date", DATES),
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


def _facts(sheets: Sheets, catalogue: Catalogue, wanted: Needed, facts: Facts | None) -> None:
    fields = [
        Field("期间", 16, check=PERIODS),
        Field("单位代码", 14, check=UNITS),
        Field("单位名称", 26),
        Field("指标", 36, check=drop_down("=指标清单", "指标")),
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
    # 0.5 or 1 in a percentage column would be read as doubtful: the sign says it.
    return f"{value}%" if metric.unit == "%" and 0 < abs(value) <= 1 else value


def _grid(facts: Facts, catalogue: Catalogue, wanted: Needed, period: Period) -> pd.DataFrame:
    """The given facts, and a blank row for every needed metric of every institution of the metric's tiers."""
    columns = ["period", "unit_code", "metric", "value", "note"]
    members = [tier.value for tier in Tier if tier.value not in _AGGREGATES]
    scopes = pd.DataFrame(
        [(code, tier) for code in wanted.metrics for tier in (catalogue.metrics[code].scopes or members)],
        columns=["metric", "tier"],
    )
    asked = facts.institutions[["unit_code", "tier"]].merge(scopes, on="tier")[["unit_code", "metric"]]
    if wanted.parts is not None:
        bodies = asked["metric"].map({code: metric.reporter for code, metric in catalogue.metrics.items()})
        own = [part in wanted.parts for part in zip(asked["unit_code"], bodies, strict=True)]
        asked = asked[pd.Series(own, index=asked.index, dtype=bool)]
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
        row = FIRST + number
        blocks = ranges.setdefault(kind, [])
        if blocks and blocks[-1][2] == row - 1:
            blocks[-1][2] = row
        else:
            blocks.append([row, 5, row, 5])
    for (yes_no, share, whole, minimum, maximum), blocks in ranges.items():
        option = _limit(yes_no=yes_no, share=share, whole=whole, minimum=minimum, maximum=maximum, row=blocks[0][0] + 1)
        if option:
            sheet.data_validation(*blocks[0], {**option, "other_cells": blocks[1:]} if blocks[1:] else option)
    first = FIRST + filled
    sheet.data_validation(
        first,
        5,
        first + SPARE["事实表"] - 1,
        5,
        rule(f"=OR(ISTEXT(F{first + 1}),F{first + 1}>=0)", "数值", "不能是负数"),
    )


def _limit(
    *, yes_no: bool, share: bool, whole: bool, minimum: Decimal | None, maximum: Decimal | None, row: int
) -> dict[str, Any] | None:
    if yes_no:
        return {**drop_down("", "是否"), "source": ["是", "否"]}
    terms = [f"F{row}>={minimum}"] if minimum is not None else []
    terms += [f"F{row}<={maximum}"] if maximum is not None else []
    terms += [f"F{row}=INT(F{row})"] if whole else []
    if not terms:
        return None
    said = "、".join(
        [f"不小于 {minimum}"] * (minimum is not None) + [f"不大于 {maximum}"] * (maximum is not None) + ["整数"] * whole
    )
    formula = f"=IF(ISNUMBER(F{row}),AND({','.join(terms)}),{'TRUE' if share else 'FALSE'})"
    return rule(formula, "数值", f"应为{said}")


def _money(sheets: Sheets, catalogue: Catalogue, facts: Facts | None) -> None:
    fields = [
        Field("期间", 16, check=PERIODS),
        Field("单位代码", 14, check=UNITS),
        Field("单位名称", 26),
        Field("项目", 30, check=drop_down("=项目清单", "项目")),
        Field("金额", 20, "money", rule("=AND(ISNUMBER(E4),ROUND(E4,2)=E4)", "金额", "填到分, 至多两位小数, 单位元")),
        Field("文号", 34),
        Field("口径", 20),
        Field("备注", 30),
    ]
    rows: list[list[Any]] = []
    if facts is not None:
        names = _names(facts)
        items: dict[str, MoneyItem] = catalogue.items
        frame, columns = facts.money, ("period", "unit_code", "item", "amount", "document", "word", "of", "note")
        rows = [
            [
                Period.parse(period).title,
                unit,
                names.get(unit),
                items[item].title,
                Decimal(format_yuan(amount)),
                document,
                WORDS[word] + f" {of}" * bool(of) if word else "",
                note,
            ]
            for period, unit, item, amount, document, word, of, note in zip(
                *(frame[one] for one in columns), strict=True
            )
        ]
    remark = (
        "金额单位: 元。由财务、医保、人社部门填报, 填到分。"
        "核定总量填批复文号, 清算结余填清算文号, 已分资金填资金池编号。"
        "同一项目又来一份文件, 口径写 追加 (相加) 或 代替 文号 (更正); 红字写 冲销 文号。"
    )
    sheets.add("资金表", remark, fields, rows)


def by_disease(plan: Plan) -> bool:
    """Whether an indicator of the plan reads the table of diseases."""
    described = indicators()
    items = [item for card in plan.scorecards for part in card.dimensions for item in part.items]
    return any(item.indicator in described and described[item.indicator].theme == "outflow" for item in items)


def _diseases(sheets: Sheets, facts: Facts | None) -> None:
    fields = [
        Field("年度", 12),
        Field("单位代码", 14, check=UNITS),
        Field("单位名称", 26),
        Field("病种代码", 14),
        Field("病种名称", 26),
        Field(
            "县域外转诊人次", 16, "whole", rule("=AND(ISNUMBER(F4),F4>=0,F4<=G4)", "县域外转诊人次", "不能大于就诊人次")
        ),
        Field("就诊人次", 16, "whole", rule("=AND(ISNUMBER(G4),G4>=0)", "就诊人次", "填整数")),
    ]
    rows: list[list[Any]] = []
    if facts is not None and facts.diseases is not None:
        names, frame = _names(facts), facts.diseases
        rows = [
            [Period.parse(year).title, unit, names.get(unit), code, name, Decimal(int(out)), Decimal(int(cases))]
            for year, unit, code, name, out, cases in zip(
                *(frame[one] for one in ("period", "unit_code", "disease", "name", "outbound", "cases")), strict=True
            )
        ]
    remark = (
        "由医保部门填报。按年填本年和前三年, 同比另填再前一年; 填医联体或区域, 名单由程序排出; 各年填同样的病种, "
        "没有就诊或外转的填 0。"
    )
    sheets.add("病种表", remark, fields, rows)
