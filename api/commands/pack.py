"""`liangyun pack check | list | show`."""

from __future__ import annotations

import sys
from datetime import date
from typing import Annotated

import typer

from api.console import print_json
from api.tables import print_lines, print_table
from domain.money import format_exact, format_yuan
from domain.policy import Dated, Pack, PackEntry, PackIndicator

Reference = Annotated[str, typer.Argument(metavar="政策包", help="政策包 id 或 YAML 文件", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]

SECTIONS = {
    "indicators": "指标",
    "trends": "趋势 (只有方向, 没有数)",
    "named": "点名考核 (没有目标值)",
    "duties": "任务清单",
    "money": "资金规则",
    "prices": "价格",
    "milestones": "时间表",
}
FORMULA = {"stated": "原文给出", "reading": "按文意理解", "background": "只作背景"}
_OPS = {">=": "≥", "<=": "≤", "=": "=", "approx": "≈", "between": ""}
_DIRECTIONS = {"up": "上升", "down": "下降"}


def check(pack: Reference, *, as_json: AsJson = False) -> None:
    """Check one pack; every problem is printed at file:line (exit code 2)."""
    from engine.policy import check_pack_file  # noqa: PLC0415  (brings the indicators)

    found = check_pack_file(pack)
    counts = {section: len(getattr(found, section)) for section in SECTIONS}
    if as_json:
        print_json({"status": "ok", "id": found.id, "pack_status": found.status, "entries": counts})
        return
    said = ", ".join(f"{SECTIONS[section].split(' ')[0]} {count}" for section, count in counts.items() if count)
    sys.stdout.write(f"政策包 {found.id} 无误: {said}\n")


def list_(*, as_json: AsJson = False) -> None:
    """List the packs shipped."""
    from engine.plan_status import STATUS  # noqa: PLC0415
    from engine.policy import list_packs, load_pack  # noqa: PLC0415  (reads YAML)

    packs = [load_pack(path, check=False) for path in list_packs().values()]
    if as_json:
        fields = {"id", "title", "number", "issuer", "region", "level", "status"}
        print_json([pack.model_dump(mode="json", include=fields) for pack in packs])
        return
    rows = [(pack.id, STATUS[pack.status], pack.region, pack.number or "无文号", pack.title) for pack in packs]
    print_table("政策包", ("id", "状态", "地区", "文号", "文件"), rows)


def show(pack: Reference, *, as_json: AsJson = False) -> None:
    """Show a pack: every entry with its clause."""
    from engine.policy import load_pack  # noqa: PLC0415  (reads YAML)

    found = load_pack(pack, check=False)
    if as_json:
        print_json(found.model_dump(mode="json", by_alias=True))
        return
    _print_head(found)
    for section, title in SECTIONS.items():
        rows = [_row(entry) for entry in getattr(found, section)]
        print_table(title, ("id", "名称", "条款", "要求", "对象", "说明"), rows)


def _print_head(pack: Pack) -> None:
    from engine.plan_status import STATUS  # noqa: PLC0415

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


def _row(entry: PackEntry) -> tuple[str, ...]:
    subject = getattr(entry, "subject", "") or entry.scope or ""
    notes = [entry.note, f"[待明确] {entry.ambiguity}" if entry.ambiguity else ""]
    return entry.id, entry.title, str(entry.cite), _demand(entry), subject, " ".join(note for note in notes if note)


def _demand(entry: PackEntry) -> str:
    """What an entry asks for, in a few words."""
    parts: list[str] = []
    if isinstance(entry, PackIndicator):
        parts += [target_text(entry), "建议性" if entry.recommended else ""]
    elif direction := getattr(entry, "direction", ""):
        parts.append(_DIRECTIONS[direction])
    if (amount := getattr(entry, "amount", None)) is not None:
        parts.append(f"{format_yuan(amount)} 元/{getattr(entry, 'unit', '')}")
    for name, before in (("evidence", "凭据: "), ("hook", ""), ("every", "每")):
        if value := getattr(entry, name, None):
            parts.append(f"{before}{value}")
    if deadline := getattr(entry, "deadline", None):
        parts.append(f"{deadline} 前")
    return " ".join(part for part in parts if part)


def target_text(rule: PackIndicator) -> str:
    """A pack rule's target in words: `≥ 50%`."""
    if rule.target is None:
        return "没有给数"
    if isinstance(rule.target, list):
        return "; ".join(
            f"{dated.since} 起 {_OPS[rule.op]} {_dated(dated, rule.unit)}".strip() for dated in rule.target
        )
    said = f"{_OPS[rule.op]} {number_text(format_exact(rule.target), rule.unit)}".strip()
    return f"{said} 至 {number_text(format_exact(rule.upper), rule.unit)}" if rule.upper is not None else said


def _dated(dated: Dated, unit: str) -> str:
    return "终止" if dated.value is None else number_text(str(dated.value), unit)


def number_text(value: str, unit: str) -> str:
    """A number with its unit; shares of 1 are printed as percent."""
    if unit != "%":
        return value if unit == "是否" else f"{value} {unit}"
    from domain.money import exact  # noqa: PLC0415

    return f"{format_exact(exact(value) * 100)}%"
