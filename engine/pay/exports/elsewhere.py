"""What the register of all folders knows of a batch beside the folder's own: told, or refused where that is asked for.

A folder's own register decides what the contract says. Another folder that exported the same lines, a copy, a payment
made again and a register that was lost or is older are found here.
Source: contract of pay, Exports; MONEY "Once, and only once".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from domain.money import format_yuan
from domain.problems import InputProblems, Problem, Refused
from engine.pay.exports.bank import Batch, batch_of
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import ANSWERED, EXPORTED, VOIDED, Entry, Register, registered, void
from engine.pay.exports.sent import Everywhere, Sent, sent_of

_NOTED = "由导出总登记补记"


def _live(register: Register, batch: str) -> tuple[str, str]:
    """The number under which a folder's register has a batch exported now and what its files are, both "" if none."""
    files = register.live(batch)
    return (files[0].number, " ".join(one.sha256 for one in files)) if files else ("", "")


def own(everywhere: Everywhere, register: Register, paid: Paid, folder: Path, batch: str) -> list[Sent]:
    """The rows of a batch that this folder exported: from where it lies, or, moved or copied, in the same bytes."""
    here, live = str(folder.resolve()), _live(register, batch)
    return [
        one
        for one in everywhere.rows
        if (one.digest, one.batch_no) == (paid.digest, batch)
        and (one.folder == here or (one.number, one.sha256) == live)
    ]


def settle(everywhere: Everywhere, register: Register, paid: Paid, folder: Path, batch: Batch) -> None:
    """Have a folder's register and the one of all folders say the same of a batch.

    Who was stopped while he voided goes on; a register that is older than what was voided since is told
    (EXPORTS-BEHIND). Only with `once` a folder that knows nothing takes over what was voided of it elsewhere: the
    number is not used again.
    """
    here, live = str(folder.resolve()), _live(register, batch.number)
    voided = {one.number for one in register.of(batch.number, VOIDED)}
    rows = [one for one in everywhere.rows if (one.digest, one.batch_no) == (paid.digest, batch.number)]
    everywhere.mark([one for one in rows if one.live and one.number in voided and one.folder == here], VOIDED)
    gone = dict.fromkeys((one.number, one.sha256) for one in rows if not one.live and one.number not in voided)
    if live in gone:
        everywhere.tell(
            f"{register.path}: 批次 {live[0]} 已在别处作废, 这份登记是旧的; 从备份取回新的, 或再作废一次: "
            f"{_void(folder, batch.number)} (EXPORTS-BEHIND)"
        )
    if everywhere.once and (unknown := dict.fromkeys(number for number, _ in gone if number != live[0])):
        register.add([Entry(VOIDED, batch.number, number, reason=_NOTED) for number in unknown])


def _void(folder: Path | str, number: str) -> str:
    return f"pay bank {folder} --void {number} --reason 原因"


def caught_up(everywhere: Everywhere, register: Register, paid: Paid, folder: Path) -> list[str]:
    """The batches that a folder's register has and the one of all folders lacked: now it has them.

    It was deleted, came back from an old backup, or is another computer's: of other folders it may lack more.
    """
    lacked, there = [], set(paid["batches"]["batch_no"])
    for batch in dict.fromkeys(one.batch_no for one in register.entries if one.batch_no in there):
        live, number = register.live(batch), register.number(batch)
        known = {one.number for one in own(everywhere, register, paid, folder, batch)}
        if live and number not in known:
            rows = sent_of(paid, folder, batch_of(paid, batch), number, [one.sha256 for one in live])
            state = ANSWERED if register.of(batch, ANSWERED) else EXPORTED
            everywhere.add([replace(one, state=state) for one in rows])
            lacked.append(number)
    return lacked


def tell_elsewhere(
    everywhere: Everywhere, register: Register, paid: Paid, batch: Batch, rows: Sequence[Sent], hashes: Sequence[str]
) -> None:
    """Tell which folders exported lines of a batch before, or corrected what this one corrects (BATCH-ELSEWHERE).

    Of the same payment, files that are byte for byte those of the other folder are no second export and not spoken of.
    With `once` all of it is refused, the same bytes too: two clerks may hand them in (PAY-PAID). rows, hashes: what
    would go out now.
    """
    keys, live, same = {one.key for one in rows}, _live(register, batch.number), " ".join(hashes)
    corrections: set[str] = set()
    others: dict[str, list[Sent]] = defaultdict(list)
    for one in everywhere.rows:
        again = one.digest == paid.digest and one.sha256 == same
        if not one.live or (again and not everywhere.once):
            continue
        if one.digest == paid.digest:
            if one.batch_no == batch.number and (one.number, one.sha256) != live:
                others[one.folder].append(one)
        elif one.corrects and one.corrects == paid.lineage.corrects and one.root != paid.lineage.root:
            corrections.add(one.folder)
            others[one.folder].append(one)
        elif one.key in keys:
            others[one.folder].append(one)
    for folder, several in others.items():
        everywhere.tell(_told(folder, several, corrects=folder in corrections, once=everywhere.once))


def _told(folder: str, several: Sequence[Sent], *, corrects: bool, once: bool) -> str:
    amounts = {(*one.export, one.payer, one.kind, one.person): one.fen for one in several}
    sums = f"{len(amounts)} 笔 {format_yuan(sum(amounts.values()))} 元"
    numbers = list(dict.fromkeys(one.number for one in several))
    which = f"批次 {numbers[0]}" + (f" 等 {len(numbers)} 批" if len(numbers) > 1 else "")
    if corrects:
        said = f"同一个发放结果已由 {folder} 更正并导出 ({which}, {sums}); 再有更正的, 更正那一个 (--before)"
    else:
        said = f"这一批里有 {sums}已从 {folder} 导出 ({which}); 漏发或错发用 --before 更正"
    if once:
        return f"{said}; 不重复发放: 银行确实没有收下的, 先到那里作废: {_void(folder, numbers[0])} (PAY-PAID)"
    return f"{said}; 只能有一个交银行, 交以前先作废另一个: {_void(folder, numbers[0])} (BATCH-ELSEWHERE)"


def void_everywhere(everywhere: Everywhere, paid: Paid, folder: Path, number: str, reason: str) -> str:
    """Void a batch in the folder's register and in that of all folders; the number it gets, "" where it gets none.

    A folder's register that was lost, or is older, learns first what the other knows of it. A batch of a folder that is
    no longer there is voided under its number from any other. Raises Refused: BATCH-NOT-EXPORTED, BATCH-ANSWERED;
    InputProblems (USAGE) without a reason.
    """
    if not reason.strip():
        raise InputProblems([Problem("--reason", "USAGE", "作废须写原因", "写明为什么作废")])
    with registered(folder) as register:
        batch = register.batch(number)
        mine = own(everywhere, register, paid, folder, batch)
        learnt = _learnt(register, batch, mine)
        now, live = register.number(batch), bool(register.live(batch))
    others = [one for one in everywhere.rows if one.live and one.number == number and one not in mine]
    if not live and learnt:  # voided out of a copy, which this folder's register did not know
        return now
    if not live and others:
        _void_gone(everywhere, others)
        return ""
    fresh = void(folder, batch, reason)
    everywhere.mark([one for one in mine if one.number == now], VOIDED)
    return fresh


def _learnt(register: Register, batch: str, mine: Sequence[Sent]) -> bool:
    """Whether a folder's register learnt anything of its batch from that of all folders."""
    states = {one.number: one.state for one in mine}
    voided, known = ({one.number for one in register.of(batch, event)} for event in (VOIDED, EXPORTED))
    if ANSWERED in states.values():
        raise Refused(f"{batch}: 银行已经返回结果, 不能作废; 没有付出的用 pay back 重付 (BATCH-ANSWERED)")
    news = [
        Entry(VOIDED if state == VOIDED else EXPORTED, batch, number, reason=_NOTED)
        for number, state in states.items()
        if number not in (voided if state == VOIDED else known)
    ]
    if news:
        register.add(news)
    return bool(news)


def _void_gone(everywhere: Everywhere, rows: Collection[Sent]) -> None:
    for one in rows:
        if Path(one.folder).is_dir():
            said = f"{one.number}: 是从 {one.folder} 导出的, 到那里作废"
            raise Refused(f"{said}: {_void(one.folder, one.number)} (BATCH-NOT-EXPORTED)")
        if one.state == ANSWERED:
            raise Refused(f"{one.number}: 银行已经返回结果, 不能作废 (BATCH-ANSWERED)")
    everywhere.mark(rows, VOIDED)
