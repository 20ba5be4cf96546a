"""Write docs/policies/<id>.md: what each policy document asks, from its pack (make policies)."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from domain.facts import Catalogue
from domain.institution import TIER_TITLES, Form
from domain.money import format_yuan
from domain.pack import Pack, PackEntry, PackIndicator
from engine.policy.background import marks
from engine.policy.configs import Configs, load_configs
from engine.policy.files import read_pack
from engine.policy.words import ARROWS, STATUS, UNCHECKED, deadline_text, every_text, note_text, target_text
from indicators.registry import ANY, indicators

FOLDER = Path(__file__).parent.parent / "docs" / "policies"
EVERY_PACK = "README"


def pages() -> dict[str, str]:
    """File name → content: one page per pack and the list of them."""
    configs = load_configs()
    packs = [read_pack(configs, path) for path in configs.packs.values()]
    return {f"{EVERY_PACK}.md": index(packs)} | {f"{pack.id}.md": page(pack, configs) for pack in packs}


def index(packs: Sequence[Pack]) -> str:
    """The list of documents."""
    rows = [
        (
            f"[{pack.title}]({pack.id}.md)",
            pack.number or "无文号",
            STATUS[pack.status],
            pack.level,
            len(pack.indicators),
            len(pack.trends),
            len(pack.named),
            len(pack.duties),
            len(pack.money),
        )
        for pack in packs
    ]
    head = ("文件", "文号", "状态", "层级", "有数的指标", "趋势", "点名", "任务", "资金规则")
    said = "各份文件逐条转述, 由政策包生成 (`make policies`), 不要手改。横向对照: `liangyun pack matrix`。"
    return "\n".join(["# 政策文件", "", said, "", *table(head, rows), ""])


def page(pack: Pack, configs: Configs) -> str:
    """One document."""
    catalogue = configs.catalogue
    parts = [
        f"# {pack.title}",
        "",
        f"由政策包 `{pack.id}` 生成 (`make policies`), 不要手改。以下是转述, 以原文为准; 条款号照原文。",
        "",
        *table(("项目", "内容"), _head(pack)),
        *([] if not pack.note else ["", pack.note.strip()]),
        *_section(
            "有数的指标",
            "以上、以下、达到都含本数。算法标明 [文件明示] 的出自文件, 其余按文意理解, [口径待核] 只作背景。",
            ("编号", "要求什么", "条款", "目标", "期限", "对象", "责任单位", "怎样算", "说明"),
            [
                (
                    e.id,
                    e.title,
                    e.cite,
                    target_text(e),
                    deadline_text(e),
                    e.subject,
                    e.owner,
                    _computed(e, catalogue),
                    _said(e),
                )
                for e in pack.indicators
            ],
        ),
        *_section(
            "趋势",
            "只有方向, 没有数。",
            ("编号", "项目", "条款", "方向", "责任单位", "怎样算", "说明"),
            [
                (e.id, e.title, e.cite, ARROWS[e.direction], e.owner, _computed(e, catalogue), _said(e))
                for e in pack.trends
            ],
        ),
        *_section(
            "点名考核的项目",
            "没有目标值。",
            ("编号", "项目", "条款", "责任单位", "怎样算", "说明"),
            [(e.id, e.title, e.cite, e.owner, _computed(e, catalogue), _said(e)) for e in pack.named],
        ),
        *_section(
            "任务",
            "",
            ("编号", "任务", "条款", "佐证材料", "期限", "责任单位", "说明"),
            [
                (
                    e.id,
                    e.title,
                    e.cite,
                    e.evidence,
                    "; ".join(filter(None, (deadline_text(e), every_text(e)))),
                    e.owner,
                    _said(e),
                )
                for e in pack.duties
            ],
        ),
        *_section(
            "与钱有关的规定",
            "",
            ("编号", "规定", "种类", "条款", "范围", "责任单位", "说明"),
            [
                (e.id, e.title, configs.hook_title(e.hook), e.cite, e.scope, e.owner, _said(e, scope=False))
                for e in pack.money
            ],
        ),
        *_section(
            "价格和标准",
            "",
            ("编号", "项目", "条款", "金额", "起始", "说明"),
            [(e.id, e.title, e.cite, f"{format_yuan(e.amount)} 元/{e.unit}", e.since, _said(e)) for e in pack.prices],
        ),
        *_section(
            "时间表",
            "",
            ("编号", "事项", "条款", "期限", "责任单位", "看哪些规则", "说明"),
            [(e.id, e.title, e.cite, deadline_text(e), e.owner, "、".join(e.rules), _said(e)) for e in pack.milestones],
        ),
        *_open(pack),
    ]
    return "\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """A Markdown table; columns that are empty in every row are left out."""
    cells = [["" if cell is None else _cell(str(cell)) for cell in row] for row in rows]
    kept = [at for at in range(len(head)) if any(row[at] for row in cells)]
    lines = [[head[at] for at in kept], ["---"] * len(kept), *([row[at] for at in kept] for row in cells)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _head(pack: Pack) -> list[tuple[str, Any]]:
    pairs = (
        ("文号", pack.number or "无文号"),
        ("发文单位", pack.issuer),
        ("层级和地区", f"{pack.level} {pack.region}"),
        ("状态", f"**{STATUS[pack.status]}**" + ("" if pack.status == "in_force" else ", 默认不得据以分配资金")),
        ("公布", pack.announced),
        ("施行", pack.effective_from),
        ("失效", pack.effective_to),
    )
    return [(name, value) for name, value in pairs if value]


def _section(title: str, about: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    if not rows:
        return []
    return ["", f"## {title}", "", *([about, ""] if about else []), *table(head, rows)]


def _computed(entry: PackEntry, catalogue: Catalogue) -> str:
    """How it is computed: the indicator, its two sides, and whose figures."""
    known = indicators().get(getattr(entry, "indicator", None) or "")
    if known is None:
        return ""
    params = dict(getattr(entry, "params", {}))
    if known.facts == ANY:
        above = _titles([params.get("metric", params.get("numerator", params.get("lines", [])))], catalogue)
        below = _titles([params.get("denominator", [])], catalogue)
    else:
        above, below = known.numerator_def, known.denominator_def
    said = f"{known.title}{': ' if known.facts == ANY else ' = '}"
    said += f"{_side(above)} ÷ {_side(below)}" if below else above
    said += f" × {params['per']}" if known.facts == ANY and "per" in params else ""
    whose = [TIER_TITLES[tier] for tier in TIER_TITLES if tier.value in params.get("tiers", ())]
    form = [Form(params["form"]).chinese] if isinstance(params.get("form"), str) else []
    return said + (f" ({'、'.join([*whose, *form])})" if whose or form else "")


def _side(text: str) -> str:
    """A side of a ratio, in brackets where it is computed itself."""
    return f"({text})" if any(f" {sign} " in text for sign in "+−-×÷") else text


def _titles(codes: Iterable[Any], catalogue: Catalogue) -> str:
    """The catalogue's words for codes and lists of codes."""
    flat = [code for group in codes for code in ([group] if isinstance(group, str) else group)]
    words = {code: metric.title for code, metric in catalogue.metrics.items()}
    words |= {code: item.title for code, item in catalogue.items.items()}
    return " + ".join(words.get(code, code) for code in flat)


def _said(entry: PackEntry, *, scope: bool = True) -> str:
    stated = ["文件明示"] if entry.formula_status == "stated" else []
    parts = [f"[{mark}]" for mark in (*stated, *marks(entry))]
    if scope and entry.scope:
        parts.append(f"范围: {entry.scope}.")
    if entry.changes:
        parts.append(f"分期取值: {entry.changes}.")
    return " ".join(filter(None, [*parts, note_text(entry)]))


def _open(pack: Pack) -> list[str]:
    """What the text leaves open: numbers it lacks, words that can be read in several ways, ways of computing."""
    lines = list(_questions(pack))
    if not lines:
        return []
    return ["", "## 文件留下的问题", "", "这些由方案写明, 程序不代为决定。", "", *(f"* {line}" for line in lines)]


def _questions(pack: Pack) -> Iterator[str]:
    for entry in pack.entries():
        name = f"{entry.id} {entry.title} ({entry.cite})"
        if isinstance(entry, PackIndicator) and entry.target is None:
            yield f"{name}: 文件没有给数。"
        if isinstance(entry, PackIndicator) and entry.op == "approx":
            yield f"{name}: 左右, 没有写相差多少算达到。"
        if entry.ambiguity:
            yield f"{name}: {entry.ambiguity.strip().rstrip('.。')}。"
        if entry.readings:
            yield f"{name}: 可取的读法 " + "、".join(f"`{reading}`" for reading in entry.readings) + "。"
    background = [entry.id for entry in pack.entries() if UNCHECKED in marks(entry)]
    if background:
        yield f"{'、'.join(background)}: 算法不出自文件 (口径待核), 只作背景, 除非方案逐条认可。"
    if pack.trends or pack.named:
        yield "趋势要求的幅度、点名项目的目标值和分值, 文件都没有写。"
    if pack.money:
        yield "与钱有关的规定中没有印出的比例、系数和倍数, 见各条说明。"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in pages().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"docs/policies/{name}\n")
