"""`liangyun pack check | show | matrix | diff`."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json
from api.tables import print_lines, print_table
from domain.money import format_yuan
from domain.pack import Pack, PackEntry, PackIndicator
from domain.problems import InputProblems, Problem
from engine.compare.diff import diff as compared
from engine.compare.diff_sheet import HEADINGS, grouped, summary, write_diff
from engine.compare.matrix import legend, write_matrix
from engine.compare.matrix import matrix as made
from engine.policy.background import unchecked
from engine.policy.configs import Configs, load_configs
from engine.policy.files import read_pack
from engine.policy.load import check_pack_file
from engine.policy.words import DIRECTIONS, SECTIONS, STATUS, UNCHECKED, deadline_text, note_text, target_text
from engine.printing.files import check_out, ends_in

Reference = Annotated[str, typer.Argument(metavar="政策包", help="政策包 id 或 YAML 文件", show_default=False)]
Day = Annotated[
    str | None,
    typer.Option("--day", metavar="日期", help="取当日生效的值, 例如 2026-09-30 (默认取最新, 目标值都列)"),
]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]


def check(pack: Reference, *, as_json: AsJson = False) -> None:
    """Check one pack; every problem is printed at file:line (exit code 2)."""
    found = check_pack_file(load_configs(), pack)
    counts = {section: len(getattr(found, section)) for section in SECTIONS}
    if as_json:
        print_json({"status": "ok", "id": found.id, "pack_status": found.status, "entries": counts})
        return
    said = ", ".join(f"{SECTIONS[section].split(' ')[0]} {count}" for section, count in counts.items() if count)
    sys.stdout.write(f"政策包 {found.id} 无误: {said}\n")


def show(pack: Reference, *, as_json: AsJson = False) -> None:
    """Show a pack: every entry with its clause."""
    configs = load_configs()
    found = read_pack(configs, pack)
    if as_json:
        changes = {entry.id: entry.changes for entry in found.entries() if entry.changes}
        print_json(found.model_dump(mode="json", by_alias=True) | ({"changes": changes} if changes else {}))
        return
    _print_head(found)
    for section, title in SECTIONS.items():
        rows = [_row(entry, configs) for entry in getattr(found, section)]
        print_table(title, ("id", "名称", "条款", "要求", "对象", "责任单位", "说明"), rows)


def matrix(
    packs: Annotated[
        list[str] | None, typer.Argument(metavar="政策包", help="id 或 YAML 文件 (默认全部内置)", show_default=False)
    ] = None,
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="对照表.xlsx", help="写成可打印的工作簿")] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
    duties: Annotated[bool, typer.Option("--duties", help="连同任务清单")] = False,
    day: Day = None,
    as_json: AsJson = False,
) -> None:
    """Indicators and money rules × documents."""
    if out is not None:
        ends_in(out, ".xlsx")
        check_out(out, *(packs or ()), force=force)
    configs = load_configs()
    table = made([read_pack(configs, name, _parsed(day)) for name in packs or configs.packs], duties=duties)
    if out is not None:
        write_matrix(table, configs.hooks, out)
    if as_json:
        print_json(table.as_json())
        return
    if out is not None:
        sys.stdout.write(f"已写出 {out}\n")
        return
    between = "\n" if sys.stdout.isatty() else "; "
    rows = [
        (row.quantity.code, row.title, *(between.join(row.text(pack.id)) for pack in table.packs)) for row in table.rows
    ]
    print_table("政策指标对照表", ("指标", "名称", *(pack.id for pack in table.packs)), rows)
    sys.stdout.writelines(f"{line}\n" for line in legend())


def diff(
    first: Annotated[str, typer.Argument(metavar="甲", help="政策包 id 或 YAML 文件", show_default=False)],
    second: Annotated[str, typer.Argument(metavar="乙", help="另一个, 或同一个的另一版", show_default=False)],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="比较表.xlsx", help="写成可打印的工作簿 (只列不同的), 或 .csv (全部)"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件")] = False,
    day: Day = None,
    as_json: AsJson = False,
) -> None:
    """Two packs against each other."""
    if out is not None:
        ends_in(out, ".xlsx", ".csv")
        check_out(out, first, second, force=force)
    configs = load_configs()
    a, b = (read_pack(configs, name, _parsed(day)) for name in (first, second))
    changes = compared(a, b)
    if out is not None:
        write_diff(a, b, changes, out)
    if as_json:
        print_json({"a": a.id, "b": b.id, "changes": [change.as_json() for change in changes]})
        return
    if out is not None:
        sys.stdout.write(f"已写出 {out}\n")
        return
    print_lines([("甲", f"{a.id} 《{a.title}》"), ("乙", f"{b.id} 《{b.title}》")])
    for title, rows in grouped(a, b, changes):
        print_table(title, HEADINGS, rows)
    sys.stdout.write(f"{summary(changes)}\n")


def _parsed(day: str | None) -> date | None:
    if day is None:
        return None
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise InputProblems([Problem("--day", "USAGE", f"{day} 不是日期", "写成 2026-09-30")]) from None


def _print_head(pack: Pack) -> None:

    print_lines(
        [
            ("政策包", pack.id),
            ("文件", pack.title),
            ("文号", pack.number or "无文号"),
            ("发文单位", pack.issuer),
            ("层级", f"{pack.level} {pack.region}"),
            ("状态", STATUS[pack.status]),
            ("公布", _day(pack.announced)),
            ("施行", _day(pack.effective_from)),
            ("失效", _day(pack.effective_to)),
            ("说明", pack.note),
        ]
    )


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _row(entry: PackEntry, configs: Configs) -> tuple[str, ...]:
    subject = getattr(entry, "subject", "") or entry.scope or ""
    notes = [f"[{UNCHECKED}]" if unchecked(entry) else "", note_text(entry)]
    notes += [f"[分期取值] {entry.changes}" if entry.changes else ""]
    notes += [f"[待明确] {entry.ambiguity}" if entry.ambiguity else ""]
    said = " ".join(note for note in notes if note)
    return entry.id, entry.title, str(entry.cite), _demand(entry, configs), subject, entry.owner or "", said


def _demand(entry: PackEntry, configs: Configs) -> str:
    """What an entry asks for, in a few words."""
    parts: list[str] = []
    if isinstance(entry, PackIndicator):
        parts += [target_text(entry), "建议性" if entry.recommended else ""]
    elif direction := getattr(entry, "direction", ""):
        parts.append(DIRECTIONS[direction])
    if (amount := getattr(entry, "amount", None)) is not None:
        parts.append(f"{format_yuan(amount)} 元/{getattr(entry, 'unit', '')}")
    if (hook := getattr(entry, "hook", None)) is not None:
        parts.append(configs.hook_title(hook))
    for name, before in (("evidence", "凭据: "), ("every", "")):
        if value := getattr(entry, name, None):
            parts.append(f"{before}{value}")
    parts.append(deadline_text(entry))
    return " ".join(part for part in parts if part)
