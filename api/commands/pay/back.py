"""`liangyun pay back`: the bank's result file; what was not paid goes into a repay batch."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.asking import Folder
from api.commands.pay.exporting import warn
from domain.money import format_yuan
from domain.problems import InputProblems, Problem
from engine.pay.exports.answer import results
from engine.pay.exports.back import WORDS, check_new, enter_answer, repay_of, sha256_of, write_repay
from engine.pay.exports.bank import batch_of
from engine.pay.exports.elsewhere import caught_up, own, settle
from engine.pay.exports.layout import read_layout
from engine.pay.exports.opened import opened
from engine.pay.exports.register import ANSWERED, registered
from engine.pay.exports.sent import everywhere
from engine.printing.files import check_apart


def back(
    folder: Folder,
    result: Annotated[Path, typer.Argument(metavar="结果文件", help="银行返回的代发结果")],
    *,
    batch: Annotated[str, typer.Option("--batch", metavar="批次号", help="导出时的批次号")],
    bank: Annotated[str, typer.Option("--bank", metavar="格式", help="导出时的格式; 内置的不用写")] = "",
    out: Annotated[Path, typer.Option("--out", metavar="文件夹", help="重付文件夹; 已有的从不覆盖")],
) -> None:
    """Read the result."""
    check_apart(out, folder, result)
    check_new(out)
    paid = opened(folder)
    with everywhere(paid) as sent, registered(folder) as register:
        one = batch_of(paid, register.batch(batch))
        settle(sent, register, paid, folder, one)
        caught_up(sent, register, paid, folder)
        live = register.live(one.number)
        read = read_layout(bank or (live[-1].layout if live else ""), "bank")
        if live and live[-1].layout_sha256 != read.sha256:
            said = f"批次 {one.number} 不是用这个格式导出的"
            raise InputProblems([Problem("--bank", "RESULT-LAYOUT", said, "用 --bank 给出导出时的格式文件")])
        digest = sha256_of(result)
        repay = repay_of(register, one, results(result, read.layout, one), digest)
        if repay.lines:
            write_repay(paid, one, repay, out)
        enter_answer(register, one, repay, digest)
        number = register.number(one.number)
        sent.mark([row for row in own(sent, register, paid, folder, one.number) if row.number == number], ANSWERED)
    warn(sent.warnings)
    counted = Counter(item.state for item in repay.results)
    told = "、".join(f"{word} {counted[state]} 笔" for state, word in WORDS.items())
    sys.stdout.write(f"批次 {one.number}: {told}\n")
    if repay.lines:
        sys.stdout.write(
            f"已写出 {out}: 重付批次 {repay.number}, {len(repay.lines)} 笔 {format_yuan(repay.total)} 元\n"
        )
    else:
        sys.stdout.write("没有要重付的, 不写文件夹\n")
