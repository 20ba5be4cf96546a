"""工资条: each person's own slip, all of them set by typst in one run, or one file for each.

What is set goes to typst in memory: no temporary file names anybody. The font is the one that comes with the program,
so the same slips are the same bytes on every machine.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typst

from domain.money import format_yuan
from domain.problems import Problems
from engine.pay.exports.paid import Paid
from engine.pay.exports.persons import PayerRows, PersonRow, column_title, payer_rows, posts_of
from engine.pay.exports.roster import Roster
from engine.pay.exports.words import PARTS, WHY, status_words
from engine.pay.kinds import WAGES
from engine.printing import font

_MADE = 946684800  # 2000-01-01: slips hold no clock time
_PAGE = """
#set document(title: sys.inputs.title, date: none)
#set page(paper: "a4", margin: (x: 1.5cm, y: 1.2cm))
#set text(font: "Noto Sans SC", size: 9pt, lang: "zh", region: "cn")
#let slips = json(bytes(sys.inputs.slips))
#let slip(one) = block(breakable: false, width: 100%, stroke: 0.6pt + gray, inset: 9pt, below: 14pt)[
  #align(center, text(size: 13pt, one.title))
  #v(2pt)
  #grid(columns: (1fr, 1fr, 1fr), row-gutter: 5pt, ..one.about.map(cell => [#cell]))
  #v(3pt)
  #table(
    columns: (1.6fr, 1fr, 1.6fr, 1fr), stroke: 0.4pt + gray, inset: 4.5pt,
    align: (left, right, left, right), ..one.cells.map(cell => [#cell]),
  )
  #for line in one.notes [ #text(size: 8pt, line) #linebreak() ]
]
#for one in slips { slip(one) }
"""


def slips_pdf(paid: Paid, roster: Roster) -> bytes:
    """Every slip in one PDF, in one run of typst. Raises InputProblems (GLYPH): the font lacks a sign of a name."""
    made = _slips(paid, roster)
    _check_signs(roster)
    return _set(_compiler(), [slip for several in made.values() for slip in several], paid)


def slip_pdfs(paid: Paid, roster: Roster) -> dict[str, bytes]:
    """One PDF for each person, by person code. Raises InputProblems (GLYPH)."""
    made = _slips(paid, roster)
    _check_signs(roster)
    compiler = _compiler()
    return {code: _set(compiler, slips, paid) for code, slips in made.items()}


def _compiler() -> typst.Compiler:
    """Only the program's font; the root is its folder, where nothing else lies to be read."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(font.FILE.parent)])
    return typst.Compiler(root=str(font.FILE.parent), font_paths=fonts, ignore_system_fonts=True)


def _set(compiler: typst.Compiler, slips: Sequence[Mapping[str, Any]], paid: Paid) -> bytes:
    inputs = {"slips": json.dumps(slips, ensure_ascii=False), "title": f"{paid.period_title}工资条"}
    made = compiler.compile(_PAGE.encode(), format="pdf", sys_inputs=inputs, timestamp=_MADE, pdf_tags=False)
    if not isinstance(made, bytes):
        raise TypeError("typst 没有排出 PDF")
    return made


def _check_signs(roster: Roster) -> None:
    problems = Problems()
    for person in roster.persons.values():
        font.check(person.name, person.at.get("name", ""), problems)
    problems.raise_if_any()


def _slips(paid: Paid, roster: Roster) -> dict[str, list[dict[str, Any]]]:
    """What each person's slips say, by person: one per payer and kind."""
    posts, taxes = posts_of(paid), _taxes(paid)
    found: dict[str, list[dict[str, Any]]] = {}
    for payer in payer_rows(paid, posts):
        for row in payer.rows:
            tax = taxes.get((payer.payer, row.code, payer.kind))
            found.setdefault(row.code, []).append(_slip(paid, payer, row, roster, tax))
    return dict(sorted(found.items()))


def _taxes(paid: Paid) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    return {(row["payer"], row["person_code"], row["kind"]): row for row in paid.rows("tax")}


def _slip(
    paid: Paid, payer: PayerRows, row: PersonRow, roster: Roster, tax: Mapping[str, Any] | None
) -> dict[str, Any]:
    person = roster.persons[row.code]
    about = [
        f"姓名：{person.name}", f"人员编号：{row.code}", f"证件号码：{person.masked}",
        f"发放单位：{paid.unit(payer.payer)}", f"科室/团队：{'、'.join(row.teams) or '—'}",
        f"所属期间：{paid.period_title}",
    ]  # fmt: skip
    amounts = [(column_title(paid, key, payer.columns), row.due[key]) for key in payer.columns if key in row.due]
    amounts += [(PARTS[part], row.parts[part]) for part in payer.parts if row.parts.get(part)]
    amounts.append(("应发合计", row.payable))
    taken: list[tuple[str, int | None]] = [("个人所得税", row.tax), ("其他代扣", row.other), ("实发金额", row.net)]
    cells = ["应发项目", "金额（元）", "代扣和实发", "金额（元）"]
    for at in range(max(len(amounts), len(taken))):
        cells += _pair(amounts, at) + _pair(taken, at)
    return {
        "title": paid.month_title + ("绩效工资条" if payer.kind == WAGES else "劳务费发放单") + WHY.get(paid.why, ""),
        "about": about,
        "cells": cells,
        "notes": [*_tax_notes(row, tax), f"校验码：{paid.short}　　本条只给本人, 对金额有疑问请向本单位人事部门提出。"],
    }


def _pair(amounts: Sequence[tuple[str, int | None]], at: int) -> list[str]:
    if at >= len(amounts):
        return ["", ""]
    title, fen = amounts[at]
    return [title, "—" if fen is None else format_yuan(fen, thousands=True)]


def _tax_notes(row: PersonRow, tax: Mapping[str, Any] | None) -> list[str]:
    if row.net is None:
        return [f"{status_words(row.status)}, 个人所得税没有算出, 本次不发, 数据到齐后补付。"]
    if row.tax is None:
        return ["个人所得税由财务合并代扣。"]
    if tax is None or tax["taxable"] is None or tax["cumulative_tax"] is None:
        return []
    if tax["taxable"] < 0:
        paid_before = format_yuan(tax["withheld_before"] or 0, thousands=True)
        return [f"个税：累计收入不超过各项扣除, 没有应纳税所得额, 应纳税额 0.00, 以前已扣 {paid_before}。"]
    told = [format_yuan(tax[name] or 0, thousands=True) for name in ("taxable", "cumulative_tax", "withheld_before")]
    return [f"个税：应纳税所得额 {told[0]}, 税率 {tax['rate'] or '0'}%, 应纳税额 {told[1]}, 以前已扣 {told[2]}。"]
