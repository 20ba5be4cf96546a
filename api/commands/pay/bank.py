"""`liangyun pay bank`: a batch as the bank takes it; `--void` before the bank has taken it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.commands.pay.asking import Folder
from api.commands.pay.exporting import Force, known, parameters, warn, with_people
from domain.money import format_yuan
from domain.problems import InputProblems, Problem
from engine.pay.exports.bank import batch_of, enter, files, places, rows_of, title
from engine.pay.exports.elsewhere import caught_up, settle, tell_elsewhere, void_everywhere
from engine.pay.exports.layout import read_layout
from engine.pay.exports.opened import opened
from engine.pay.exports.register import check_export, registered
from engine.pay.exports.sent import everywhere, sent_of
from engine.printing.files import check_out, write_whole


def bank(
    folder: Folder,
    *,
    people: Annotated[
        Path | None, typer.Option("--people", metavar="人员", help="姓名和账号由它来, 按校验值核对")
    ] = None,
    bank: Annotated[str, typer.Option("--bank", metavar="格式", help="内置示例的编号, 或银行格式的 YAML 文件")] = "",
    batch: Annotated[str, typer.Option("--batch", metavar="批次号", help="batches.csv 里的批次号")] = "",
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="名称=值", help="格式要的参数, 如协议号、用途代码, 可写多次")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="文件", help="写到哪里; 已有的文件夹则按格式的文件名; 超过行数上限的分成几个"),
    ] = None,
    void_batch: Annotated[str, typer.Option("--void", metavar="批次号", help="作废导出过而银行没有收下的批次")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="原因", help="为什么作废")] = "",
    once: Annotated[
        bool, typer.Option("--once", help="同一笔从别的发放文件夹导出过的拒绝, 不只警告; 交银行的都要写")
    ] = False,
    force: Force = False,
) -> None:
    """Export a batch, or void one."""
    if void_batch:
        _void(folder, void_batch, reason)
        return
    wanted = {"--people": people, "--bank": bank, "--batch": batch, "--out": out}
    if lacking := [name for name, value in wanted.items() if not value]:
        raise InputProblems(
            Problem(name, "USAGE", f"缺少 {name}", "用法见 liangyun pay bank --help") for name in lacking
        )
    assert people is not None and out is not None  # noqa: S101, PT018  (asked for just above)
    read = read_layout(bank, "bank")
    paid, roster_of = with_people(folder, people)
    with everywhere(paid, once=once) as sent, registered(folder) as register:
        one = batch_of(paid, register.batch(batch))
        settle(sent, register, paid, folder, one)
        lacked = caught_up(sent, register, paid, folder)
        number = register.number(one.number)
        roster = known(paid, roster_of, people, {line.person for line in one.lines})
        rows = rows_of(one, number, roster, f"{people.name} 账户表")
        made = files(paid, one, number, rows, read.layout, parameters(given or ()))
        where = places(out, made)
        hashes = [file.sha256 for file in made]
        rows_sent = sent_of(paid, folder, one, number, hashes)
        again = check_export(register, one.number, hashes)
        tell_elsewhere(sent, register, paid, one, rows_sent, hashes)
        if lacked and not again:
            sent.tell(f"{_behind(sent.path, lacked)}; 补齐以后再导出一次 (EXPORTS-BEHIND)")
        elif lacked:
            sent.warnings.append(f"{_behind(sent.path, lacked)} (EXPORTS-BEHIND)")
        for path, file in zip(where, made, strict=True):
            same = again and path.is_file() and path.read_bytes() == file.content
            check_out(path, folder, people, force=force or same)
        if enter(register, one, number, read, made):
            sent.add(rows_sent)
        for path, file in zip(where, made, strict=True):
            write_whole(path, file.content)
            sys.stdout.write(f"已写出 {path}: {file.rows} 笔, {format_yuan(file.fen)} 元, sha256 {file.sha256}\n")
    warn(sent.warnings)
    if again:
        sys.stdout.write("与以前导出的逐字节相同, 不是新的一批\n")
    if read.layout.status == "example":
        sys.stderr.write(f"警告: {read.layout.title} 是示例格式, 没有与银行的格式文件核对 (BANK-EXAMPLE)\n")
    sys.stdout.write(f"批次 {number}: {title(paid, one)}, 共 {len(one.lines)} 笔 {format_yuan(one.total)} 元\n")


def _void(folder: Path, batch: str, reason: str) -> None:
    paid = opened(folder)
    with everywhere(paid) as sent:
        number = void_everywhere(sent, paid, folder, batch, reason)
    warn(sent.warnings)
    sys.stdout.write(f"已作废 {batch}" + (f"; 再导出时批次号为 {number}\n" if number else "\n"))


def _behind(path: Path, lacked: Sequence[str]) -> str:
    """The register of all folders lacked what this folder's own has."""
    said = f"{path} 里没有本文件夹导出过的 {'、'.join(lacked)}, 已补记: 登记删过、是旧备份或换了电脑"
    return f"{said}; 其他文件夹导出过的可能也没有, 从备份取回, 或到各文件夹照原样再导出一次"
