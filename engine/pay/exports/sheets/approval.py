"""资金拨付审批表: what each payer is to pay out, batch by batch, with its document and the codes of the budget."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from domain.money import format_daxie, format_yuan
from engine.pay.exports.budget import Budget
from engine.pay.exports.paid import KINDS, OK, Paid
from engine.printing.page import FILL_TOTAL, Book, Column, Page

_SIGNATURES = ("经办", "审核", "审批", "财务付讫")
_BLANK = "＿＿＿＿"


def approval(book: Book, paid: Paid, budget: Budget) -> None:
    """One sheet with a block per payer; nothing where there is no batch."""
    batches = _batches(paid)
    if not batches:
        return
    columns = [
        Column("序号", 34, "count"),
        Column("批次号", 110, "code"),
        Column("摘要", 150),
        Column("指标文号", 120),
        Column("支出功能分类", 110),
        Column("部门预算支出经济分类", 110),
        Column("政府预算支出经济分类", 120),
        Column("支付方式", 62, "center"),
        Column("人数", 44, "count"),
        Column("金额", 100, "money"),
    ]
    said = [f"所属期间：{paid.period_title}　　发放月份：{paid.month_title}　　单位：元　　校验码：{paid.short}"]
    page = book.page(
        "资金拨付审批表", "各付款单位按批次的拨付金额和科目", f"{paid.period_title}资金拨付审批表", columns, said
    )
    page.headings(freeze=2)
    payers, slips = sorted({payer for payer, *_ in batches}), _slips(paid)
    for at, payer in enumerate(payers):
        if at:
            page.new_page()
        mine = {key: rows for key, rows in batches.items() if key[0] == payer}
        total = _block(page, paid, budget, payer, mine)
        page.line(_agreement(slips.get(payer, []), total))
        page.gap()
        page.line(
            "　　".join(f"{title}：＿＿＿＿＿＿＿" for title in _SIGNATURES) + "　　日期：＿＿＿＿年＿＿月＿＿日",
            height=26,
        )
    page.close()


Batch = tuple[str, str, str, str, str]
"""Payer, kind, pool, document and number."""


def _batches(paid: Paid) -> Mapping[Batch, list[int]]:
    found: dict[Batch, list[int]] = defaultdict(list)
    for *key, amount in paid.columns("batches", "payer", "kind", "pool", "document", "batch_no", "amount"):
        payer, kind, pool, document, number = key
        found[payer, kind, pool, document, number].append(amount or 0)
    return found


def _block(page: Page, paid: Paid, budget: Budget, payer: str, batches: Mapping[Batch, Sequence[int]]) -> int:
    """The batches of one payer, and what they add up to."""
    page.group(f"付款单位：{paid.unit(payer)}（{payer}）　　收款人：本单位职工，明细见代发清单")
    total = 0
    for at, ((_, kind, pool, document, number), amounts) in enumerate(sorted(batches.items()), start=1):
        total += sum(amounts)
        department = paid.pay.codes.get(kind, budget.department.get(kind, ""))  # type: ignore[call-overload]
        page.row([
            at, number, _summary(paid.pool(pool), KINDS.get(kind, kind)), document or "—",
            budget.function_of(payer) or _BLANK, budget.titled(department) or _BLANK,
            budget.titled(budget.government.get(kind, "")) or _BLANK, budget.way or _BLANK, len(amounts), sum(amounts),
        ])  # fmt: skip
    style: dict[str, Any] = {"bold": True, "bg_color": FILL_TOTAL}
    kinds = ["blank", "center", *["blank"] * 7, "money"]
    page.row(["", "合计", *[""] * 7, total], kinds=kinds, **style)
    page.labelled("合计（大写）", f"{format_daxie(total)}　（¥{_yuan(total)}）", columns=2, bold=True)
    return total


def _summary(pool: str, kind: str) -> str:
    return pool if kind in pool else f"{pool} {kind}"


class _Slip(NamedTuple):
    """What a person is paid of one kind, in fen, and whether it is paid now."""

    payable: int
    tax: int | None
    other: int | None
    net: int | None
    status: str


def _slips(paid: Paid) -> Mapping[str, list[_Slip]]:
    """The slips of every payer."""
    found: dict[str, list[_Slip]] = defaultdict(list)
    for payer, *slip in paid.columns("payslips", "payer", *_Slip._fields):
        found[payer].append(_Slip(*slip))
    return found


def _agreement(slips: Sequence[_Slip], total: int) -> str:
    """How what is paid out hangs together with what is due."""
    done = [one for one in slips if one.status == OK]
    payable, net = sum(one.payable for one in slips), sum(one.net or 0 for one in done)
    tax, other = sum(one.tax or 0 for one in done), sum(one.other or 0 for one in done)
    back = -sum(min(one.payable, 0) for one in slips)
    waiting = payable - sum(one.payable for one in done) + back
    parts = f"代发 {_yuan(net)} + 代缴个税 {_yuan(tax)} + 其他代扣 {_yuan(other)} + 未付 {_yuan(waiting)}"
    parts += f" − 待扣回 {_yuan(back)}" if back else ""
    beside = f"本表合计与代发相差 {_yuan(total - net)}。代缴个税和代扣款另行划转。"
    return f"勾稽：应发 {_yuan(payable)} = {parts}；{beside}"


def _yuan(fen: int) -> str:
    return format_yuan(fen, thousands=True)
