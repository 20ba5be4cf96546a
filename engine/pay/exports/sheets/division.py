"""分配表: how each institution's amount of a pool goes to its teams, to earmarks, and what stays; it adds up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from domain.money import format_daxie, format_exact, format_yuan
from engine.pay.exports.paid import POINTS, Paid
from engine.printing.page import FILL_TOTAL, Book, Column, Page

_HELD = {"cap": "封顶", "floor": "保底"}


def division(book: Book, paid: Paid) -> None:
    """One sheet: a block per institution and pool; nothing where the folder divides nothing (a completion)."""
    units = list(paid.rows("units"))
    if not units:
        return
    columns = [
        Column("序号", 40, "count"),
        Column("科室/团队", 200),
        Column("权重", 130, "code"),
        Column("人数", 60, "count"),
        Column("金额", 130, "money"),
        Column("占比", 80, "percent"),
        Column("受何限制", 90, "center"),
        Column("备注", 200),
    ]
    said = [f"所属期间：{paid.period_title}　　单位：元　　校验码：{paid.short}"]
    page = book.page("分配表", "机构的金额分到科室、专项和留存", f"{paid.period_title}绩效工资分配表", columns, said)
    page.headings(freeze=2)
    teams, heads, items = _teams(paid), _heads(paid), _items(paid)
    divided = [unit for unit in units if unit["shared"] or unit["earmarks"]]
    for at, unit in enumerate(divided):
        key = unit["unit_code"], unit["pool"], unit["case"]
        if at and unit["unit_code"] != divided[at - 1]["unit_code"]:
            page.new_page()
        _block(page, paid, unit, teams.get(key, []), heads, items.get(key, {}))
    _kept(page, paid, [unit for unit in units if not unit["shared"] and not unit["earmarks"]])
    page.signatures()
    page.close()


def _kept(page: Page, paid: Paid, units: Sequence[Mapping[str, Any]]) -> None:
    """The institutions of whose amount nobody here has anything, in one list."""
    if not units:
        return
    page.group("没有分到人的机构（本次没有任职），金额留存")
    for at, unit in enumerate(units, start=1):
        name = f"{paid.unit(unit['unit_code'])}（{unit['unit_code']}）"
        page.row([at, name, "", None, unit["amount"], None, "", f"{paid.pool(unit['pool'])} {unit['document']}"])


Case = tuple[str, str, str]
"""An institution, a pool and a case."""


def _block(
    page: Page, paid: Paid, unit: Mapping[str, Any], teams: Sequence[Mapping[str, Any]],
    heads: Mapping[tuple[str, ...], int], items: Mapping[str, int],
) -> None:  # fmt: skip
    code, pool = unit["unit_code"], unit["pool"]
    case = f"　　更正 {unit['case']}" if unit["case"] else ""
    page.group(f"{paid.unit(code)}（{code}）　　{paid.pool(pool)}　　指标文号：{unit['document'] or '—'}{case}")
    whole = unit["amount"]
    for at, row in enumerate(teams, start=1):
        count = heads.get((code, pool, row["team"], unit["case"]), 0)
        share = Fraction(row["amount"], whole) if whole else None
        page.row(
            [
                at,
                row["team"] or "—",
                _weight(row["weight"]),
                count,
                row["amount"],
                share,
                _HELD.get(row["held_by"], ""),
                "",
            ]
        )
    total: dict[str, Any] = {"bold": True, "bg_color": FILL_TOTAL}
    kinds = ["blank", "text", "blank", "blank", "money", "percent", "blank", "text"]

    def summed(title: str, fen: int, note: str = "", **style: Any) -> None:
        share = Fraction(fen, whole) if whole else None
        page.row(["", title, "", "", fen, share, "", note], kinds=kinds, **style)

    summed("已分到科室", unit["shared"], "", bold=True)
    for item, fen in items.items():
        summed(f"专项：{paid.item(item)}", fen)
    summed("留存本单位", unit["kept"], "封顶后分不完或没有任职" if unit["kept"] else "")
    summed("合计", whole, f"计入总量 {_yuan(unit['in_total'])}，总量外 {_yuan(unit['outside'])}", **total)
    left = whole - unit["earmarks"] - unit["shared"] - unit["kept"]
    page.labelled("合计（大写）", format_daxie(whole), columns=2)
    teamed = sum(row["amount"] for row in teams)
    page.line(
        f"勾稽：机构金额 − 专项 − 已分 − 留存 = {_yuan(left)}；已分 − 各科室合计 = {_yuan(unit['shared'] - teamed)}；"
        f"专项 − 各项合计 = {_yuan(unit['earmarks'] - sum(items.values()))}。"
    )


def _weight(text: str) -> str:
    """A team's weight as a decimal: all digits where it ends, else rounded to six places behind ≈."""
    return f"≈ {format_exact(Fraction(text))}" if text and "/" in text else text or ""


def _teams(paid: Paid) -> Mapping[Case, list[Mapping[str, Any]]]:
    found: dict[Case, list[Mapping[str, Any]]] = defaultdict(list)
    for row in paid.rows("teams"):
        found[row["unit_code"], row["pool"], row["case"]].append(row)
    return found


def _heads(paid: Paid) -> Mapping[tuple[str, ...], int]:
    """How many persons share, by institution, pool, team and case."""
    team = dict(zip(paid.people["posts"]["post_no"], paid.people["posts"]["team"], strict=True))
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    names = ("item", "component", "unit_code", "pool", "post_no", "person_code", "case")
    for item, component, unit, pool, post, person, case in paid.columns("lines", *names):
        if item == POINTS and component == "due":
            found[unit, pool, str(team.get(post) or ""), case].add(person)
    return {key: len(persons) for key, persons in found.items()}


def _items(paid: Paid) -> Mapping[Case, Mapping[str, int]]:
    found: dict[Case, dict[str, int]] = defaultdict(dict)
    names = ("item", "component", "unit_code", "pool", "case", "amount")
    for item, component, unit, pool, case, amount in paid.columns("lines", *names):
        if item != POINTS and component == "due":
            items = found[unit, pool, case]
            items[item] = items.get(item, 0) + amount
    return found


def _yuan(fen: int) -> str:
    return format_yuan(fen or 0, thousands=True)
