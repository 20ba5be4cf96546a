"""Typed rows of every table, each value with the cell it came from.

What a cell holds is judged here, one column at a time; who the units are (codes or names) is settled afterwards in
`units`, once all institutions are known. The frames carry `unit` / `unit_at` (and `alliance` / `alliance_at`) as
written until then. A row with a bad cell is left out of the frame (but for institutions): its problem is told once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from domain.facts import Metric
from domain.identifiers import credit_code_fault, region_fault
from domain.institution import GRASSROOTS, Form, Ownership, Tier
from domain.period import Period
from domain.problems import Problems
from engine.read import cells, words
from engine.read.cells import Bad
from engine.read.columns import Columns
from engine.read.layout import Table
from engine.read.named import named
from engine.read.rows import Rows
from engine.read.titles import Titles

UNNAMED_TIERS = frozenset({Tier.ALLIANCE.value, Tier.DISTRICT.value})  # units that are no legal persons
_YUAN = {factor: name for name, factor in reversed(words.MEASURES.items())}
_FOUNDED = {Tier.ALLIANCE.value, Tier.DISTRICT.value, Tier.VILLAGE.value}  # may have no 统一社会信用代码


def institutions(table: Table, problems: Problems) -> pd.DataFrame:
    """unit_code, name, tier, ownership, region, credit_code, signing, form, source.

    No column 统一社会信用代码, or an empty one: codes are not collected; a partly filled one must be filled for every
    institution above village level. No column 是否签约机构: grassroots institutions carry out signing.
    """
    rows = Rows(table, problems)
    rows.take("unit_code", cells.unit_code, needed=True)
    rows.take("name", cells.text, needed=True)
    tiers = "、".join(tier.chinese for tier in Tier)
    rows.take("tier", lambda cell: cells.choice(cell, words.TIERS, "机构层级", "TIER", tiers), needed=True)
    unnamed = rows.columns["tier"].isin(UNNAMED_TIERS)
    kinds = "、".join(one.chinese for one in Ownership)
    ownership = rows.take(
        "ownership", lambda cell: cells.choice(cell, words.OWNERSHIPS, "举办性质", "OWNERSHIP", kinds)
    )
    rows.columns["ownership"] = ownership.mask(unnamed & (ownership == ""), Ownership.PUBLIC.value)
    rows.need("ownership")
    region = rows.take("region", cells.code)
    rows.refuse(
        "region",
        (region == "") & (rows.columns["tier"] != Tier.ALLIANCE.value),
        "REGION",
        lambda _: "行政区划代码 没有填",
        "填 6 位代码 (GB/T 2260)",
    )
    faults = region.map(lambda code: region_fault(code) if code else "")
    rows.refuse(
        "region",
        faults != "",
        "REGION",
        lambda code: f"行政区划代码 {code} {region_fault(code)}",
        "核对代码 (GB/T 2260)",
    )
    _credit_codes(rows)
    if "signing" in table.columns:
        signing = rows.take("signing", cells.yes)
        rows.columns["signing"] = signing.mask(unnamed & signing.isna(), other=False)
        rows.need("signing")
    else:
        rows.columns["signing"] = rows.columns["tier"].isin(GRASSROOTS)
    rows.columns["source"] = rows.columns["unit_code_at"]
    forms = "、".join(form.chinese for form in Form)
    form = rows.take("form", lambda cell: cells.choice(cell, words.FORMS, "医联体形式", "FORM", forms))
    stray = form.map(bool) & (rows.columns["tier"] != Tier.ALLIANCE.value)
    if stray.any():
        rows.refuse("form", stray, "FORM", lambda _: "只有医联体填写形式", "清空该格, 或核对机构层级")
    rows.take("managing_unit", cells.code)
    # Rows with a bad cell stay known by code and name, so that no other table is blamed for them.
    known = rows.columns["unit_code"].map(bool)
    blank = dict.fromkeys(("name", "tier", "credit_code", "form", "managing_unit"), "")
    return rows.frame[known].fillna({**blank, "signing": False})


def _credit_codes(rows: Rows) -> None:
    codes = rows.take("credit_code", lambda cell: _upper(cells.code(cell)))
    if (codes == "").all() or "credit_code" not in rows.table.columns:
        return
    blank = (codes == "") & ~rows.columns["tier"].isin(_FOUNDED)
    rows.refuse(
        "credit_code", blank, "CREDIT-CODE", lambda _: "统一社会信用代码 没有填", "补填 (村卫生室、医联体、区域可不填)"
    )
    faults = codes.map(lambda code: credit_code_fault(code) if code else "")
    rows.refuse(
        "credit_code",
        faults != "",
        "CREDIT-CODE",
        lambda code: f"统一社会信用代码 {code} {credit_code_fault(code)}",
        "对照登记证书核对",
    )


def _upper(code: str | Bad) -> str | Bad:
    return code if isinstance(code, Bad) else code.upper()


def memberships(table: Table, problems: Problems) -> pd.DataFrame:
    """unit, alliance (as written), from, to, from_at, to_at, source; days without a column stand at the row's."""
    rows = Rows(table, problems)
    _unit(rows, "unit")
    _unit(rows, "alliance")
    rows.take("from", cells.day, needed=True)
    rows.take("to", lambda cell: cells.day(cell, last=True))
    if "to_at" not in rows.columns:
        rows.columns["to_at"] = rows.columns["unit_at"]
    rows.columns["source"] = rows.columns["unit_at"]
    return rows.good()


def facts(table: Table, titles: Titles, problems: Problems, period: Period) -> pd.DataFrame:
    """period, unit (as written), metric, value, note, source: the filled-in rows of a long table."""
    rows = Rows(table, problems)
    values = table.rows[table.columns["value"].position]
    rows.put("source", table.at("value"))
    _period_and_unit(rows, period)
    rows.take("metric", lambda cell: _named(cell, titles.metrics, titles.items, "指标", "资金表"), needed=True)
    rows.take("note", cells.text)
    units = rows.columns["metric"].map({code: metric.unit for code, metric in titles.catalogue.metrics.items()})
    _measured(rows, units.map(lambda unit: unit if isinstance(unit, str) else ""))
    values = _by_metric(values, rows, titles)
    rows.columns["value"] = values
    rows.columns["value_at"] = rows.columns["source"]
    _of_periods(rows, values.notna(), ["metric"])
    return _filled(rows, "value", "metric")


def money(table: Table, titles: Titles, problems: Problems, period: Period) -> pd.DataFrame:
    """period, unit (as written), item, amount (fen), document, word, of, note, source: the filled-in rows."""
    rows = Rows(table, problems)
    factor = table.columns["amount"].factor or table.factor or 1
    rows.take("amount", lambda cell: cells.yuan(cell, factor))
    rows.columns["source"] = rows.columns["amount_at"]
    _period_and_unit(rows, period)
    rows.take("item", lambda cell: _named(cell, titles.items, titles.metrics, "项目", "事实表"), needed=True)
    rows.take("document", cells.document)
    if "document_at" not in rows.columns:
        rows.columns["document_at"] = rows.columns["source"]
    said = rows.take("word", cells.document_word)
    rows.columns["word"] = said.map(lambda one: one.word if one else "")
    rows.columns["of"] = said.map(lambda one: one.of if one else "")
    rows.take("note", cells.text)
    _measured(rows, pd.Series(_YUAN.get(factor, "元"), index=rows.index))
    _of_periods(rows, rows.columns["amount"].notna(), ["item", "document"])
    table.broken.append(rows.frame[rows.bad])
    return _filled(rows, "amount", "item")


def _of_periods(rows: Rows, filled: pd.Series[bool], keys: list[str]) -> None:
    """Figures that stand twice in a table where nothing says of which period: told once, as what it is."""
    if "period" in rows.table.columns or rows.table.named.period:
        return
    given = rows.frame[filled & ~rows.bad]
    twice = given.index[given.duplicated(["unit", *keys], keep=False)]
    if len(twice):
        said = f"没有 期间 列, {len(twice)} 行的单位和项目与别的行相同, 看不出各是哪一期"
        rows.problems.add(rows.table.sheet.where, "COLUMN-MISSING", said, "补上 期间 列, 每行写明期间")
        rows.bad |= rows.index.isin(twice)


def _measured(rows: Rows, units: pd.Series[str]) -> None:
    """Where a column says what a row is counted in, it must be what the catalogue (or the heading) says."""
    if "measure" not in rows.table.columns:
        return
    written = rows.take("measure", cells.text)
    told = written.map(lambda one: _counted(one) if one else "")
    wrong = (told != "") & (units != "") & (told != units.map(_counted)) & ~rows.bad
    for at, one, unit in zip(rows.columns["measure_at"][wrong], written[wrong], units[wrong], strict=True):
        rows.problems.add(at, "MEASURE", f"计量单位 {one} 应为 {unit}", f"按 {unit} 换算后填写数值, 计量单位写 {unit}")
    rows.bad |= wrong


def _counted(unit: str) -> str:
    name = words.key(unit)
    return _YUAN.get(words.MEASURES[name], name) if name in words.MEASURES else name


def diseases(table: Table, problems: Problems, period: Period) -> pd.DataFrame:
    """period, unit (as written), disease, name, outbound, cases, source: a row per year, unit and disease.

    Figures are whole; a year is the only period, and nobody leaves the county who was not a case.
    """
    rows = Rows(table, problems)
    _period_and_unit(rows, period)
    yearly = rows.columns["period"].map(lambda text: not text or Period.parse(text).kind == "year")
    if "period" in table.columns:
        rows.refuse("period", ~yearly, "DISEASE-PERIOD", lambda text: f"病种表按年填, 不是 {text}", "写成 2017")
    elif not yearly.all():
        problems.add(table.sheet.where, "DISEASE-PERIOD", "病种表按年填, 表中没有写年度", "加一列 年度")
        rows.bad[:] = True
    rows.take("disease", cells.code, needed=True)
    rows.columns["name"] = rows.take("disease_name", cells.text)
    for role in ("outbound", "cases"):
        rows.take(role, cells.number, needed=True)
        whole = rows.columns[role].map(lambda number: number is None or (number >= 0 and number % 1 == 0))
        rows.refuse(role, ~whole, "NOT-WHOLE", lambda number: f"{number} 不是不小于 0 的整数", "核对填报")
    good = rows.frame[~rows.bad]
    over = (good["outbound"] > good["cases"]).reindex(rows.index, fill_value=False)
    rows.refuse("outbound", over, "PART-GT-WHOLE", lambda number: f"县域外转诊人次 {number} 大于就诊人次", "核对填报")
    rows.columns["source"] = rows.columns["outbound_at"]
    return rows.good()


def _filled(rows: Rows, number: str, code: str) -> pd.DataFrame:
    """The good rows that hold a number; the table keeps the others as its blanks."""
    good = rows.good()
    blank = good[number].isna()
    if blank.any():
        rows.table.blanks.append(good[blank].assign(code=good[code]))
    return good[~blank]


def wide(table: Table, titles: Titles, problems: Problems, period: Period) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Facts and money of a sheet with one row per unit and one column per metric or money item.

    备注 explains every value of its row.
    """
    base = Rows(table, problems)
    _period_and_unit(base, period)
    base.take("note", cells.text)
    metrics, items = Columns(base.frame), Columns(base.frame)
    read = {}
    for code, column in table.wide.items():
        metric = titles.catalogue.metrics.get(code)
        factor = column.factor or table.factor or 1
        parse = _reader(metric) if metric else (lambda cell, factor=factor: cells.yuan(cell, factor))
        read[code] = base.read(column, parse)
    for values, _, _ in read.values():
        _of_periods(base, pd.Series(pd.notna(values), index=base.index), [])
    already = base.bad.to_numpy(dtype=bool)
    for code, (values, at, bad) in read.items():
        (metrics if code in titles.catalogue.metrics else items).add(code, values, at, bad | already)
    for columns, kind, number in ((metrics, "metric", "value"), (items, "item", "amount")):
        table.blanks.extend(columns.blank(kind, number))
    table.broken.extend(items.bad("item", "amount"))
    return metrics.filled("metric", "value"), items.filled("item", "amount").assign(document="", word="", of="")


def unit_columns(rows: Rows) -> None:
    """Columns unit, unit_name of a table where a blank names no unit."""
    _unit(rows, "unit", needed=False)


def _unit(rows: Rows, role: str, *, needed: bool = True) -> None:
    """Columns `role` (code or name as written, code first) and `role_name` (a name beside a code, to compare)."""
    given, columns = [one for one in (f"{role}_code", role, f"{role}_name") if one in rows.table.columns], rows.columns
    for one in (f"{role}_name", f"{role}_name_at"):
        rows.put(one, "")
    for one in given:
        rows.take(one, cells.text if one == f"{role}_name" else cells.code)
    if not given:
        rows.put(role, "")
        rows.put(f"{role}_at", "")
        return
    first = given[0]
    if first != role:
        columns[role], columns[f"{role}_at"] = columns[first], columns[f"{first}_at"]
    for other in given[1:]:
        blank = columns[role] == ""
        columns[role] = columns[role].mask(blank, columns[other])
        columns[f"{role}_at"] = columns[f"{role}_at"].mask(blank, columns[f"{other}_at"])
    if needed:
        rows.need(role)


def _period_and_unit(rows: Rows, period: Period) -> None:
    """Columns period, unit, unit_name. Without a period column: the title's period, else that of the run."""
    table = rows.table
    if "period" in table.columns:
        rows.take("period", cells.period, needed=True)
    else:
        rows.put("period", rows.period_of_title(period))
    _unit(rows, "unit")
    if not {"unit_code", "unit", "unit_name"} & set(table.columns):
        # One sheet per institution: the title or the sheet's own name says whose.
        rows.put("unit", table.unit or table.sheet.title)
        rows.put("unit_at", table.sheet.where)


def _named(cell: object, known: dict[str, str], others: dict[str, str], title: str, elsewhere: str) -> str | Bad:
    written = cells.text(cell)
    code = "METRIC-UNKNOWN" if title == "指标" else "ITEM-UNKNOWN"
    if isinstance(written, str) and words.key(written) in others.keys() - known.keys():
        return Bad(code, f"{written} 不是{title}", f"填到{elsewhere}")
    return named(cell, known, code, f"目录里没有{title}", "按码表选填")


def _reader(metric: Metric) -> Callable[[Any], Any]:
    """How the cells of a metric are read, by its unit."""
    if metric.unit == "是否":
        return cells.flag
    if metric.unit == "%":
        return cells.percent
    return cells.share if metric.unit in {"比率", "比例"} else cells.number


def _by_metric(raw: pd.Series[Any], rows: Rows, titles: Titles) -> pd.Series[Any]:
    """The values of a long table, each read as its metric asks."""
    readers = {code: _reader(metric) for code, metric in titles.catalogue.metrics.items()}
    metrics = rows.columns["metric"]
    values = pd.Series(
        [readers.get(metric, cells.number)(cell) for metric, cell in zip(metrics, raw, strict=True)],
        index=raw.index,
        dtype=object,
    )
    bad = values.map(lambda value: isinstance(value, Bad))
    for place, fault in zip(rows.columns["source"][bad], values[bad], strict=True):
        rows.problems.add(place, fault.code, fault.message, fault.remedy)
    rows.bad |= bad
    return values.where(~bad, None)
