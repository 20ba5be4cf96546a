"""Lists for the tax client (扣缴端): wages and labour, a sheet per payer and kind, laid out by YAML.

What the program does not know (the parts of additional deductions, annuities) stays empty for the client to fill.
Source: domain/E_sheets E.4; the columns are those of `configs/exports/tax-*.yaml`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from domain.period import Period
from engine.pay.exports.layout import Layout
from engine.pay.exports.paid import Paid, records
from engine.pay.exports.roster import Roster
from engine.pay.exports.words import status_words
from engine.pay.exports.written import Row, Sheet, laid_out, workbook
from engine.pay.kinds import LABOUR, WAGES


def persons_taxed(paid: Paid) -> set[str]:
    """Everybody whom the lists name."""
    return {str(row["person_code"]) for row in _due(paid)}


def _due(paid: Paid) -> list[Mapping[str, Any]]:
    """What is declared: every payslip of something payable, also one whose tax is not known here."""
    return [row for row in paid.rows("payslips") if row["payable"] > 0]


def tax_book(paid: Paid, roster: Roster, layouts: Mapping[str, Layout]) -> bytes:
    """The workbook. layouts: of wages and of labour, by kind."""
    deducted = _deducted(paid)
    known = {(row["payer"], row["person_code"], row["kind"]): row for row in paid.rows("tax")}
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    month = Period.parse(paid.month)
    for row in _due(paid):
        person, key = roster.persons[row["person_code"]], (row["payer"], row["person_code"], row["kind"])
        tax = known.get(key, {})
        values: dict[str, str | int | None] = {
            "seq": len(found[row["payer"], row["kind"]]) + 1,
            "person_code": row["person_code"],
            "name": person.name,
            "id_type": person.id_type,
            "id_number": person.id_number,
            "from": month.start.isoformat(),
            "to": month.end.isoformat(),
            "income": row["payable"],
            "basic": tax.get("basic_deduction"),
            "withheld_before": tax.get("withheld_before"),
            "note": _note(paid, row),
        }
        items = deducted.get(key[:2], {}) if row["kind"] == WAGES else {}
        found[row["payer"], row["kind"]].append(Row(values, person.at, items))
    sheets = _sheets(paid, found, layouts)
    return workbook(sheets, f"{paid.month_title}个人所得税申报表")


def _note(paid: Paid, row: Mapping[str, Any]) -> str:
    said = [f"{paid.period} 绩效", status_words(row["status"])] if row["kind"] == WAGES else [paid.period]
    return " ".join(filter(None, said))


def _deducted(paid: Paid) -> Mapping[tuple[str, str], Mapping[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for row in records(paid.people["deductions"]):
        if str(row["month"]) == paid.month:
            found[str(row["payer"]), str(row["person_code"])][str(row["item"])] = row["amount"]
    return found


def _sheets(paid: Paid, found: Mapping[tuple[str, str], Sequence[Row]], layouts: Mapping[str, Layout]) -> list[Sheet]:
    """A sheet per payer and kind; the first of a kind keeps its layout's own name where there is one payer alone."""
    payers = {payer for payer, _ in found}
    month = {"month": paid.month.replace("-", ""), "part": "1", "parts": "1"}
    made: list[Sheet] = []
    for (payer, kind), rows in sorted(found.items(), key=lambda one: (one[0][0], one[0][1] == LABOUR)):
        layout = layouts[kind]
        name = layout.sheet if len(payers) == 1 else f"{layout.sheet}-{payer}"[:31]
        said = {**month, "payer": payer, "payer_name": paid.unit(payer)}
        made.append(laid_out(layout.model_copy(update={"sheet": name}), rows, said))
    return made or [laid_out(layouts[WAGES], (), month)]
