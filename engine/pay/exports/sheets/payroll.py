"""绩效工资发放表 and 劳务费发放表: what one payer pays each person, one sheet per payer and kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.money import format_yuan
from engine.pay.exports.paid import OK, Paid
from engine.pay.exports.persons import PayerRows, PersonRow, column_title
from engine.pay.exports.roster import Roster
from engine.pay.exports.sheets.listing import Listing, write_listing
from engine.pay.exports.words import PARTS, WHY, status_words
from engine.pay.kinds import LABOUR
from engine.printing.page import Book, Column

_MONEY = 84


def payroll(book: Book, paid: Paid, payer: PayerRows, roster: Roster) -> None:
    """One payer's sheet of one kind."""
    labour = payer.kind == LABOUR
    name = "劳务费发放表" if labour else "绩效工资发放表"
    unit = paid.unit(payer.payer)
    columns = [
        Column("序号", 34, "count"),
        Column("人员编号", 74, "code"),
        Column("姓名", 76),
        Column("证件号码", 128, "code"),
        *([] if labour else [Column("科室/团队", 88), Column("岗位类别", 58), Column("系数", 42, "code")]),
        *(Column(column_title(paid, key, payer.columns), _MONEY, "money") for key in payer.columns),
        *(Column(PARTS[part], _MONEY, "money") for part in payer.parts),
        Column("应发合计", 92, "money"),
        Column("个人所得税", 76, "money"),
        Column("其他代扣", 72, "money"),
        Column("实发金额", 92, "money"),
        Column("备注", 104),
    ]
    rows = [_row(at, person, payer, roster, labour=labour) for at, person in enumerate(payer.rows, start=1)]
    said = [
        f"单位（公章）：{unit}　　所属期间：{paid.period_title}　　发放月份：{paid.month_title}　　单位：元",
        f"批次号：{'、'.join(payer.batches) or '—'}　　校验码：{paid.short}",
    ]
    listing = Listing(
        f"{name}-{payer.payer}",
        f"{unit} {paid.period_title}{name}{WHY.get(paid.why, '')}",
        "每人各项应发、代扣和实发",
        columns,
        said,
        rows,
        _notes(paid, payer),
        len(columns) - 2,
    )
    write_listing(book, listing)


def _row(at: int, person: PersonRow, payer: PayerRows, roster: Roster, *, labour: bool) -> Sequence[Any]:
    whose = roster.persons[person.code]
    position = person.position
    post = [] if labour else ["、".join(person.teams), "、".join(person.categories), position]
    return [
        at,
        person.code,
        whose.name,
        whose.masked,
        *post,
        *[person.due.get(key, 0) for key in payer.columns],
        *[person.parts.get(part, 0) for part in payer.parts],
        person.payable,
        person.tax,
        person.other,
        person.net,
        status_words(person.status),
    ]


def _notes(paid: Paid, payer: PayerRows) -> list[str]:
    """How the sheet agrees with the batches and the institutions' amounts, and who is not paid yet."""
    net = sum(row.net or 0 for row in payer.rows if row.status == OK)
    taxed = sum(row.tax or 0 for row in payer.rows)
    other = sum(row.other for row in payer.rows)
    payable = sum(row.payable for row in payer.rows)
    blank = [row for row in payer.rows if row.net is None]
    waiting = sum(row.payable for row in blank)
    whose = payer.payer, payer.kind
    batched = sum(
        fen or 0 for by, kind, fen in paid.columns("batches", "payer", "kind", "amount") if (by, kind) == whose
    )
    held = sum(row.other for row in blank)
    back = -sum(min(row.payable, 0) for row in payer.rows)
    parts = f"实发 {_yuan(net)} + 个税 {_yuan(taxed)} + 代扣 {_yuan(other - held)} + 未付 {_yuan(waiting)}"
    parts += f" − 待扣回 {_yuan(back)}" if back else ""
    bank = f"各代发批次合计 {_yuan(batched)}，与实发相差 {_yuan(net - batched)}"
    said = [f"勾稽：应发 {_yuan(payable)} = {parts}；{bank}。"]
    if paid.pay.tax.mode == "elsewhere":
        said.append(f"个人所得税由财务合并代扣（{paid.pay.tax.document}），本表不列。")
    if blank:
        kept = f"其他代扣合计里有他们的 {_yuan(held)}，到时再扣；" if held else ""
        said.append(f"未付 {len(blank)} 人：个税没有算出，不列入代发批次，{kept}数据到齐后补付。")
    said += _away(paid, payer)
    said += _pools(paid, payer)
    if paid.first:
        said.append("未对照以前发放：没有以前的发放文件夹可查重。")
    return said


def _away(paid: Paid, payer: PayerRows) -> list[str]:
    """What this payer pays for other institutions (往来)."""
    to: dict[str, int] = {}
    for through, charged, component, amount in paid.columns(
        "lines", "paid_through", "charged_unit", "component", "amount"
    ):
        if through == payer.payer and charged != payer.payer and component != "forfeited":
            to[charged] = to.get(charged, 0) + amount
    if not to:
        return []
    named = "、".join(f"{paid.unit(unit)} {_yuan(fen)}" for unit, fen in sorted(to.items()))
    return [f"其中代其他机构发放（往来，各类合计）：{named}。"]


def _pools(paid: Paid, payer: PayerRows) -> list[str]:
    """Of every pool of this institution: its amount is what all persons have of it, and what stays."""
    mine: dict[tuple[str, str], list[int]] = {}
    names = ("unit_code", "component", "pool", "case", "paid_through", "kind", "amount")
    for unit_code, component, pool, case, through, kind, amount in paid.columns("lines", *names):
        if unit_code == payer.payer and component == "due":
            sums = mine.setdefault((pool, case), [0, 0])
            sums[0 if (through, kind) == (payer.payer, payer.kind) else 1] += amount
    said = []
    for unit in paid.rows("units"):
        here, elsewhere = mine.get((unit["pool"], unit["case"]), (0, 0))
        if unit["unit_code"] == payer.payer and here:
            case = f"（更正 {unit['case']}）" if unit["case"] else ""
            left = unit["amount"] - here - elsewhere - unit["kept"]
            parts = f"本表各人 {_yuan(here)} + 其他发放表 {_yuan(elsewhere)} + 留存 {_yuan(unit['kept'])}"
            whole = f"{paid.pool(unit['pool'])}{case}：机构金额 {_yuan(unit['amount'])}"
            said.append(f"{whole} = {parts}，相差 {_yuan(left)}。")
    return said


def _yuan(fen: int) -> str:
    return format_yuan(fen, thousands=True)
