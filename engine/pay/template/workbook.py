"""The workbook of `pay template`: what it writes reads back unchanged, and the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from domain.facts import Catalogue
from domain.money import factor_text, format_yuan
from domain.pay import Pay
from domain.period import Period
from domain.plan import Plan
from domain.sheets import neutral
from engine.pay.people import COLUMNS, DAYS, FEN, NUMBERS, People
from engine.pay.read.forms import HEADINGS, SHOWN, TABLES
from engine.pay.read.measures import Measures, title
from engine.pay.scheme import needs_attendance, person_measures, sharing, team_measures
from engine.pay.template.carry import Carried
from engine.pay.template.guide import REMARKS, write_codes, write_guide
from engine.printing.files import TO_FILL_IN, write_whole
from engine.template.layout import DATES, Field, Sheets, Styles, drop_down, rule

_SPARE = 200
_WIDE = {"person_facts": ("period", "post_no"), "team_facts": ("period", "unit_code", "team")}
_WIDTHS = {
    "id_number": 24,
    "account": 26,
    "cnaps": 16,
    "document": 26,
    "note": 22,
    "name": 12,
    "branch": 22,
    "reason": 20,
}
_LISTS = {
    "team": "科室清单", "staffing": "编制清单", "kind": "假别清单", "pool": "资金池清单", "unit_code": "单位清单",
    "home_unit": "单位清单", "paid_through": "单位清单", "payer": "单位清单", "period": "期间清单",
}  # fmt: skip
_TO_CHECK = "辅助: 待核"


def write_pay_template(
    plan: Plan, pay: Pay, period: Period, month: str, out: Path, *, carried: Carried, catalogue: Catalogue
) -> None:
    """Write the workbook of `pay_template`. Raises InputProblems or OSError if `out` cannot be written."""
    write_whole(out, pay_template(plan, pay, period, month, carried=carried, catalogue=catalogue))


def pay_template(plan: Plan, pay: Pay, period: Period, month: str, *, carried: Carried, catalogue: Catalogue) -> bytes:
    """The workbook for a payment of `period` in `month`.

    carried: what is filled in (`carry`). Of a plan that needs them, every sharing post has a line for attendance and
    measures, blank where nothing is known.
    """
    content = BytesIO()
    options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    book = xlsxwriter.Workbook(content, options)
    try:
        named = f"{plan.title} {period.title} 发放人员 {TO_FILL_IN}"
        book.set_properties({"title": named, "created": datetime(2000, 1, 1)})  # noqa: DTZ001
        form = _Form(Sheets(book, Styles(book), plan, period), pay, period, month, carried, catalogue)
        write_guide(book, plan, pay, period, month)
        for table in _tables(pay, carried.people):
            form.add(table)
        write_codes(book, _lists(pay, carried.people, period))
    finally:
        book.close()
    return content.getvalue()


def _tables(pay: Pay, people: People) -> list[str]:
    """The tables that the plan may need; others only where something stands in them."""
    unneeded = set() if pay.corrections else {"cases", "reserves", "next_payments"}
    unneeded |= set() if any(scheme.teams for scheme in pay.pools.values()) else {"team_facts"}
    unneeded |= set() if any(scheme.defer for scheme in pay.pools.values()) else {"deferred"}
    unneeded |= {"tax_cumulative"} if pay.tax.mode == "elsewhere" else set()
    return [table for table in COLUMNS if table not in unneeded or len(people[table])]


@dataclass(frozen=True)
class _Form:
    sheets: Sheets
    pay: Pay
    period: Period
    month: str
    carried: Carried
    catalogue: Catalogue

    def add(self, table: str) -> None:
        """The sheet of one table."""
        if table in _WIDE:
            self._wide(table)
            return
        fields = [self._field(table, column) for column in COLUMNS[table]]
        rows = self._rows(table, COLUMNS[table])
        if table == "attendance":
            there = set(self.carried.people[table]["post_no"])
            rows += [
                [self.period.title, post, None, None] for post in self._asked(needs_attendance) if post not in there
            ]
        if table == "tax_cumulative":
            fields.append(Field(_TO_CHECK, 50))
            frame = self.carried.people[table]
            keys = zip(frame["payer"], frame["person_code"], strict=True)
            rows = [[*row, self.carried.to_check.get(key, "")] for row, key in zip(rows, keys, strict=True)]
        self.sheets.add(TABLES[table], REMARKS[table], fields, rows, _SPARE)

    def _wide(self, table: str) -> None:
        """A row per post or team, a column per measure."""
        keys, frame = _WIDE[table], self.carried.people[table]
        known = Measures(self.pay).measures[table]
        fields = [self._field(table, column) for column in keys]
        fields += [Field(title(one), 12, "number", _NOT_NEGATIVE) for one in known]
        values: dict[tuple[str, ...], dict[str, Any]] = {key: {} for key in self._lines(table)}
        for row in frame.to_dict("records"):
            values.setdefault(tuple(row[key] for key in keys[1:]), {})[row["measure"]] = row["value"]
        rows = [
            [self.period.title, *key, *(_cell("value", found.get(one)) for one in known)]
            for key, found in values.items()
        ]
        self.sheets.add(TABLES[table], REMARKS[table], fields, rows, _SPARE)

    def _lines(self, table: str) -> list[tuple[str, ...]]:
        if table == "person_facts":
            return [(post,) for post in self._asked(lambda scheme: bool(person_measures(scheme)))]
        posts = self.carried.people["posts"]
        asked = posts[posts["post_no"].isin(self._asked(lambda scheme: bool(team_measures(scheme))))]
        return list(dict.fromkeys(asked[["unit_code", "team"]].itertuples(index=False, name=None)))

    def _asked(self, needs: Any) -> list[str]:
        """The posts that share in a pool that needs something, in the order of the table."""
        posts = self.carried.people["posts"]
        found = pd.Series(data=False, index=posts.index, dtype=bool)
        for scheme in self.pay.pools.values() if len(posts) else ():
            if needs(scheme):
                found |= sharing(self.pay, scheme, posts, self.period)
        return [str(post) for post in posts.loc[found, "post_no"]]

    def _rows(self, table: str, columns: Iterable[str]) -> list[list[Any]]:
        frame = self.carried.people[table]
        return [
            [self._shown(table, column, value) for column, value in zip(columns, row, strict=True)]
            for row in frame[[*columns]].itertuples(index=False, name=None)
        ]

    def _shown(self, table: str, column: str, value: Any) -> Any:
        if column in SHOWN:
            return SHOWN[column].get(value, value)
        if column in {"period", "month", "accrual_year"} and value:
            return Period.parse(value).title
        if column == "item":
            return self._item(table, value)
        return _cell(column, value)

    def _item(self, table: str, code: str) -> str:
        if table == "earmarks":
            item = self.pay.item(code)
            return item.title if item else code
        known = self.catalogue.items.get(code) if table == "money" else None
        return known.title if known else neutral(code)

    def _field(self, table: str, column: str) -> Field:
        heading = HEADINGS[table][column][1]
        if column in FEN:
            return Field(heading, 16, "money", _CENTS if table != "deductions" else None)
        if column in NUMBERS:
            return Field(heading, 12, "number", _NOT_NEGATIVE)
        if column in DAYS:
            return Field(heading, 14, "date", DATES)
        return Field(heading, _WIDTHS.get(column, 14), "text", self._check(table, column, heading))

    def _check(self, table: str, column: str, heading: str) -> dict[str, Any] | None:
        if column in SHOWN:
            return {**drop_down("", heading), "source": [*SHOWN[column].values()]}
        if column == "item" and table == "earmarks":
            return drop_down("=专项清单", heading)
        if table == "people":
            return _ROSTER.get(column)
        if column == "person_code":
            return drop_down(f"={TABLES['people']}!$A$4:$A$10003", heading, strict=False)
        if column == "post_no":
            unique = rule("=COUNTIF($A$4:$A$20003,A4)=1", heading, "任职编号不能重复")
            return unique if table == "posts" else drop_down(f"={TABLES['posts']}!$A$4:$A$20003", heading, strict=False)
        return drop_down(f"={_LISTS[column]}", heading, strict=False) if column in _LISTS else None


def _cell(column: str, value: Any) -> Any:
    """A value as a sheet holds it exactly: texts that a spreadsheet could take for a formula behind an apostrophe."""
    if value is None or isinstance(value, date):
        return value
    if column in FEN:
        return Decimal(format_yuan(value))
    if isinstance(value, Fraction):
        return Decimal(factor_text(value))
    return neutral(str(value))


_NOT_NEGATIVE = {
    "validate": "decimal", "criteria": ">=", "value": 0, "error_title": "数值", "error_message": "应为不小于 0 的数",
}  # fmt: skip
_CENTS = {
    "validate": "decimal", "criteria": ">=", "value": 0, "error_title": "金额", "error_message": "填到分, 单位元",
}  # fmt: skip
_ROSTER = {
    "person_code": rule("=COUNTIF($A$4:$A$10003,A4)=1", "人员编号", "一人一个编号, 在各单位相同"),
    "id_type": {
        **drop_down("", "证件类型", strict=False),
        "source": ["居民身份证", "中国护照", "外国护照", "港澳居民来往内地通行证", "台湾居民来往大陆通行证"],
    },
    "id_number": rule('=OR(C4<>"居民身份证",LEN(D4)=18)', "证件号码", "居民身份证应为 18 位, 按文本填写"),
}


def _lists(pay: Pay, people: People, period: Period) -> Mapping[str, list[str]]:
    posts = people["posts"]
    units = {str(one) for column in ("unit_code", "home_unit", "paid_through") for one in posts[column] if one}
    return {
        "单位清单": sorted(units),
        "科室清单": sorted({str(one) for one in posts["team"] if one}),
        "编制清单": list(dict.fromkeys(["在编", "备案", "合同", *pay.labour_staffing])),
        "假别清单": [one.kind for one in pay.leave],
        "专项清单": [one.title for one in pay.items],
        "资金池清单": [*pay.pools],
        "期间清单": [period.title],
    }
