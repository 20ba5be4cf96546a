"""What became of every batch of a folder: exported, voided, answered, paid again; and what does not agree with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from domain.money import format_yuan
from engine.pay.exports.audit.findings import Finding
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import EXPORTED, VOIDED, Entry, Register

STATE = {"exported": "已导出", "voided": "已作废", "answered": "银行已返回"}


def batch_rows(paid: Paid, register: Register) -> Iterator[tuple[str, str, str, str, str, int, int, str]]:
    """Folder, batch, payer, document, state, persons, fen, hash or reason: a row per batch, then one per event."""
    whole: dict[str, tuple[str, str, list[int]]] = {}
    for row in paid.rows("batches"):
        whole.setdefault(row["batch_no"], (row["payer"], row["document"], []))[2].append(row["amount"] or 0)
    for number, (payer, document, amounts) in whole.items():
        yield paid.name, number, payer, document, "批次", len(amounts), sum(amounts), ""
        for one in register.of(number):
            if one.event in STATE:
                said = one.sha256 if one.event == EXPORTED else one.reason
                yield paid.name, one.number, payer, document, STATE[one.event], int(one.rows or 0), one.fen, said


def batch_findings(paid: Paid, register: Register) -> Iterator[Finding]:
    """Exports that are not their batch's amount, and batches of the register that the folder does not have."""
    whole: dict[str, int] = defaultdict(int)
    payers = {row["batch_no"]: row["payer"] for row in paid.rows("batches")}
    for row in paid.rows("batches"):
        whole[row["batch_no"]] += row["amount"] or 0
    for number in dict.fromkeys(one.batch_no for one in register.entries):
        live: list[Entry] = register.live(number)
        fen = sum(one.fen for one in live)
        if live and fen != whole.get(number, 0):
            said = f"批次 {number} 是 {format_yuan(whole.get(number, 0))}, 导出 {format_yuan(fen)}"
            yield Finding("PAY-NET-BANK", register.cell(live[0], "amount"), payers.get(number, ""), "", said)
        for one in register.of(number, VOIDED):
            yield Finding(
                "BATCH-VOIDED",
                register.cell(one, "reason"),
                payers.get(number, ""),
                "",
                f"批次 {number} 作废过: {one.reason}",
            )
