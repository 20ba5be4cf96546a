"""A first draft of a plan: what its packs measure, each with its clause; what a place must decide is `待填`.

`plan check` lists all that is to be filled in, with file:line and what to write there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from domain.facts import Catalogue
from domain.institution import Tier
from domain.key import example_text
from domain.pack import Measurable, Pack, PackIndicator, PackNamed, PackTrend
from domain.plan import Scope
from domain.problems import InputProblems, Problem
from engine.drafting.asked import SENDER, answers, sends
from engine.drafting.schema import FIRST_LINE
from engine.policy.background import unchecked
from engine.policy.coded import TO_FILL
from engine.policy.configs import Configs
from engine.policy.files import find_pack, find_plan, read_pack
from engine.policy.words import NAMED, STATUS, demand_text
from indicators.registry import indicators

_HEAD = """\
{first}# {title}: 由 liangyun plan new 按政策包起草。写“{fill}”的地方由本地定, liangyun plan check 逐条列出怎样写;
# 不需要的行删去或改成注释。每个键的含义见 liangyun plan reference, 代码按中文查: liangyun terms 词。
id: {id}
title: {fill}
region: "{region}"

packs:
"""
_CARDS: Mapping[Scope, tuple[str, str]] = {
    "member": ("成员单位考核", "医共体内部考核: 按得分分配资金池"),
    "alliance": ("医联体考核", "主管部门考核医联体"),
    "district": ("区域监测", "上级对区域, 只作监测评价"),
}
_SECTIONS = {"indicators": "有目标值的要求", "trends": "只有方向的要求", "named": "点名考核、没有目标值的项目"}
_MONEY = """\

# 绩效工资总量: 批复给成员单位 (member) 还是医联体 (alliance)
quota:
  scope: member
  source: local

# 资金池: 一笔钱一个。下面是最简单的一种: 交来分配的钱按 得分 × 在岗人数 分; 别的办法: liangyun terms --kind pool
pools:
  - id: reward
    title: 绩效奖励
    use: handed_in
    purpose: staff_reward
    basis: settled
    periods: [quarter]
    source: local
    fund: {{title: {fill}, document: {fill}}}  # 资金名称和指标文号
    paid_by: {fill}  # 拨付单位
    merit:
      use: score_times
      params: {{scorecard: member, quantity: {{heads_on_post: "1"}}, prorate: true}}  # 得分 × 在岗人数, 按在册月数
      source: local
    rules:
      - {{use: wage_cap, source: local}}  # 不超过绩效工资总量余额 (第一个允许)
    unpaid_to: {fill}  # 分不出去的钱: fund 退回原资金, carry_forward 结转下期, alliance_reserve 留作准备金
    in_total: "yes"
"""
_TAIL = """\

# 办理: 各几个工作日; 逾期不答复是否算确认了得分
deadlines: {{report: {fill}, confirm: {fill}, objection: {fill}, disclosure: {fill}, source: local}}
silence_confirms: {{value: {fill}, source: local}}

signatures:
  - {{title: 制表}}
  - {{title: 审核}}
  - {{title: 负责人}}
"""


def like(configs: Configs, reference: str, name: str, region: str = "") -> str:
    """Another plan under a name of its own; with a region of its own if one is given. Raises InputProblems."""
    path = find_plan(configs, reference)
    document = configs.document(path)
    lines = configs.content(path).decode("utf-8-sig").splitlines()
    for key, value in (("id", example_text(name)), ("region", f'"{region}"' if region else "")):
        if value and (key,) in document.lines:
            lines[document.lines[(key,)] - 1] = f"{key}: {value}"
    schema = FIRST_LINE.strip()
    return "\n".join([schema, *(line for line in lines if line != schema)]) + "\n"


def draft(configs: Configs, packs: Sequence[str], region: str, name: str, day: date) -> str:
    """A plan that carries out packs. Raises InputProblems for packs that there are not."""
    read = [read_pack(configs, find_pack(configs, one), day) for one in packs]
    if not read:
        raise InputProblems([Problem("--packs", "USAGE", "没有写政策包", "liangyun pack list 列出全部")])
    head = {"title": name, "id": example_text(name), "region": region}
    parts = [_HEAD.format(first=FIRST_LINE, fill=TO_FILL, **head), *map(_used, read)]
    items: list[tuple[Pack, Measurable]] = [
        (pack, entry) for pack in read for part in (pack.indicators, pack.trends, pack.named) for entry in part
    ]
    parts += [*_readings(items), *_background(items)]
    cards = {scope: list(_dimensions(read, scope, configs.catalogue)) for scope in _CARDS}
    parts.append("\nscorecards:\n" if any(cards.values()) else "\nscorecards: []\n")
    for scope, dimensions in cards.items():
        if dimensions:
            parts += [_card(scope), *dimensions]
    parts += _left(items)
    parts += [_MONEY.format(fill=TO_FILL)] if cards["member"] else []
    return "".join([*parts, _TAIL.format(fill=TO_FILL)])


def _used(pack: Pack) -> str:
    said = f"  - id: {pack.id}  # {pack.title} ({STATUS[pack.status]})\n"
    if pack.status == "in_force":
        return said
    return f"{said}    allow_status: [{pack.status}]\n    reason: {TO_FILL}  # {STATUS[pack.status]}, 为什么仍然用它\n"


def _readings(items: Sequence[tuple[Pack, Measurable]]) -> Iterator[str]:
    open_ones = [(pack, entry) for pack, entry in items if len(entry.readings) > 1 and _scored(entry)]
    if open_ones:
        yield "\n# 条文有几种理解, 选一种\nreadings:\n"
    for pack, entry in open_ones:
        yield f'  "{pack.id}:{entry.id}": {TO_FILL}  # {entry.title}: {" 或 ".join(sorted(entry.readings))}\n'


def _background(items: Sequence[tuple[Pack, Measurable]]) -> Iterator[str]:
    named = [f"{pack.id}:{entry.id}" for pack, entry in items if _scored(entry) and unchecked(entry)]
    if named:
        yield "\n# 口径待核的条目: 核定口径以后去掉 #, 才可以决定分配; 不用的删去评分项\n# accept_background:\n"
    for one in named:
        yield f'#   - "{one}"\n'


def _scored(entry: Measurable) -> bool:
    """Whether an item of a scorecard can look at an entry."""
    return bool(entry.indicator) and not entry.unavailable and entry.indicator in indicators()


def _tiers(entry: Measurable) -> list[str]:
    """The members that the text lays an entry on."""
    return [str(one) for one in entry.owner_tiers if one not in ("outside", Tier.DISTRICT, Tier.ALLIANCE)]


def _scope(entry: Measurable, catalogue: Catalogue) -> Scope:
    """Whose scorecard an entry goes to: of whom the text lays it on, among those that its indicator measures.

    Where these have no figures of it and cannot answer for those they send people to, it is their alliance's.
    """
    code, tiers = entry.indicator or "", _tiers(entry)
    known = indicators()[code].scopes
    wanted: tuple[Scope, ...] = ("alliance", "member")
    if tiers and (sends(code) or answers(code, tiers, catalogue)):
        wanted = ("member",)
    elif entry.owner_tiers and not tiers:
        wanted = ("district",)
    return next((scope for scope in (*wanted, *known) if scope in known), known[0])


def _card(scope: Scope) -> str:
    title, said = _CARDS[scope]
    return (
        f"  # {said}\n  - id: {scope}\n    title: {title}\n    scope: {scope}\n"
        f"    missing: {TO_FILL}  # 缺数据时: reweight 由其余分摊, zero 按 0 分, refuse 拒绝计算\n"
        "    not_applicable: reweight\n    source: local\n    dimensions:\n"
    )


def _dimensions(packs: Sequence[Pack], scope: Scope, catalogue: Catalogue) -> Iterator[str]:
    for pack in packs:
        for section, title in _SECTIONS.items():
            entries = [one for one in getattr(pack, section) if _scored(one) and _scope(one, catalogue) == scope]
            if entries:
                yield (
                    f"      - id: {pack.id}-{section}\n        title: {title}\n"
                    f"        points: {TO_FILL}  # 等于下面各项之和\n        source: local\n        items:\n"
                )
                yield from (_item(pack, entry, scope, catalogue) for entry in entries)


def _item(pack: Pack, entry: Measurable, scope: Scope, catalogue: Catalogue) -> str:
    demand, code, tiers = demand_text(entry), entry.indicator or "", _tiers(entry)
    clause = f"{entry.cite.clause}" + (f", {demand}" if demand and demand != NAMED else "")
    lines = [f"# {entry.title} ({clause})", f"- id: {entry.id}", f"  indicator: {_indicator(entry)}"]
    lines.append(f'  rule: "{pack.id}:{entry.id}"')
    if tiers and scope == "member":
        lines.append(f"  tiers: [{', '.join(tiers)}]")
        if not answers(code, tiers, catalogue):
            lines.append(f"  params: {example_text({**entry.params, 'whose': SENDER})}  # 按派出方计")
    lines += [f"  points: {TO_FILL}", f"  curve: {{{_curve(entry)}, source: local}}", "  source: local"]
    return "".join(f"          {line}\n" for line in lines)


def _indicator(entry: Measurable) -> str:
    """The indicator of an entry; where it is another by each reading, what it is by which."""
    by = {name: fields.get("indicator", entry.indicator) for name, fields in entry.readings.items()}
    if len({*by.values()}) < 2:
        return str(entry.indicator)
    return f"{TO_FILL}  # 随读法: " + ", ".join(f"{name} 为 {code}" for name, code in sorted(by.items()))


def _curve(entry: Measurable) -> str:
    """The curve that an entry can do with, with what a place must add."""
    if isinstance(entry, PackTrend):
        needs = "".join(f", {key}: {TO_FILL}" for key in entry.needs)
        return f"use: trend, params: {{direction: {entry.direction}{needs}}}"
    if isinstance(entry, PackIndicator) and entry.target is not None:
        if entry.op == "<=":
            return f"use: attainment, params: {{floor: {TO_FILL}}}"
        return (
            f"use: attainment, params: {{band: [{TO_FILL}, {TO_FILL}]}}" if entry.op == "approx" else "use: attainment"
        )
    down = indicators()[entry.indicator or ""].direction == "down"
    return f"use: attainment, params: {{target: {TO_FILL}{f', floor: {TO_FILL}' if down else ''}}}"


def _left(items: Sequence[tuple[Pack, Measurable]]) -> Iterator[str]:
    """What is named and cannot be scored, as comments."""
    left = [(pack, entry) for pack, entry in items if not _scored(entry)]
    if left:
        yield "\n# 没有数据或没有指标, 评分表里写不了的; 任务台账 (liangyun ledger) 列出\n"
    for pack, entry in left:
        kind = NAMED if isinstance(entry, PackNamed) else demand_text(entry)
        yield f"#   {pack.id}:{entry.id} {entry.title} ({entry.cite.clause}; {kind})\n"
