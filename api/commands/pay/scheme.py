"""What `liangyun plan show` prints of a plan's `pay:`."""

from __future__ import annotations

from collections.abc import Sequence

from api.tables import print_lines, print_table
from domain.money import format_exact, format_yuan
from domain.pay import (
    COEFFICIENT,
    HOLD,
    POSITION,
    REDIVIDE,
    SCORE,
    SIZE,
    TIME,
    Bound,
    Pay,
    PayItem,
    PoolScheme,
    Sourced,
)

COUNTED = {"yes": "占", "no": "不占", "separate": "单列", None: "同资金池"}
TAXED = {"wages": "工资薪金", "labour": "劳务报酬"}
ACROSS = {"person": "一人合计", "post": "每个任职"}
WHO = {"head": "负责人", "rows": "有数量的人", "": "参加分配的任职"}
MODES = {"cumulative": "累计预扣", "elsewhere": "由财务合并代扣"}
FACTORS = {
    POSITION: "岗位系数",
    TIME: "出勤",
    SCORE: "考核得分",
    HOLD: "停减发",
    COEFFICIENT: "科室系数",
    SIZE: "科室人数",
}


def print_pay(pay: Pay) -> None:
    """The scheme of a plan, a table for each part."""
    approval, second, funding = pay.approval, pay.second_post, pay.corrections
    print_lines(
        [
            (
                "发放办法",
                f"{approval.body}通过 {approval.document}, 公示 {approval.public_days} 个工作日" if approval else "",
            ),
            ("按劳务领取的编制性质", ", ".join(pay.labour_staffing)),
            ("同时任职的工作占比合计最多", f"{format_exact(second.max_time)} {second.document}" if second else "1"),
            ("个税", f"{MODES[pay.tax.mode]} {pay.tax.document}".strip()),
            ("扣缴先后", ", ".join(pay.order)),
            (
                "更正",
                f"{_funding(funding.funding)}, 每次最多扣回下次应发的 {format_exact(funding.claw_back_max)}"
                if funding
                else "",
            ),
            ("部门预算支出经济分类", ", ".join(f"{TAXED[kind]} {code}" for kind, code in pay.codes.items())),
        ]
    )
    leave = [(one.kind, format_exact(one.counts), _source(one, pay)) for one in pay.leave]
    print_table("假别", ("假别", "一天算几天出勤", "依据"), leave)
    heads: tuple[str, ...] = ("id", "名称", "标准", "一个期间最多", "总量", "计税项目", "文号", "依据")
    print_table("专项", heads, [_item(one, pay) for one in pay.items])
    rows = [_pool(name, scheme, pay) for name, scheme in pay.pools.items()]
    heads = ("资金池", "发给", "专项", "分到科室", "分到人", "上限和保底", "递延", "总量", "文号", "依据")
    print_table("发到人的资金池", heads, rows)


def _source(*entries: Sourced) -> str:
    """Where the numbers of an entry come from: its own word, else that of what is around it."""
    said = next((one.source for one in entries if one.source is not None), "")
    return "本地规定" if said == "local" else str(said)


def _item(item: PayItem, pay: Pay) -> tuple[str, ...]:
    return (
        item.id,
        item.title,
        f"{format_yuan(item.rate)} 元/{item.per}",
        f"{format_exact(item.max)} {item.per} ({ACROSS[item.across]})",
        COUNTED[item.in_total],
        TAXED[item.tax],
        item.document,
        _source(item, pay),
    )


def _funding(said: str) -> str:
    return "同一笔钱重新分" if said == REDIVIDE else said.replace("reserve:", "备用金")


def _pool(name: str, scheme: PoolScheme, pay: Pay) -> tuple[str, ...]:
    defer, inside = scheme.defer, "科室自己的名单" if scheme.inside == "list" else _times(scheme.points)
    bounds = [f"上限 {_bound(one)}" for one in scheme.caps] + [f"保底 {_bound(one)}" for one in scheme.floors]
    return (
        name,
        WHO[scheme.who] + (", 含劳务" if scheme.labour else ""),
        ", ".join(scheme.items),
        _times(scheme.teams.weight) if scheme.teams else "",
        inside,
        ", ".join(bounds) + (", 超过的留在单位" if bounds and scheme.over_cap == "keep" else ""),
        f"{format_exact(defer.share)}, 离开的{'当期发' if defer.leaver == 'pay' else '也递延'}" if defer else "",
        COUNTED[scheme.in_total],
        scheme.document,
        _source(scheme, *scheme.caps, *scheme.floors, pay),
    )


def _times(factors: Sequence[str]) -> str:
    return " × ".join(FACTORS.get(one, one) for one in factors)


def _bound(bound: Bound) -> str:
    said = f"{format_yuan(bound.amount)} 元" if bound.amount is not None else ""
    if bound.times_mean is not None:
        said = f"人均的 {format_exact(bound.times_mean)} 倍"
    whom = [*bound.of.staffing, *bound.of.category, *bound.of.grade]
    return said + (" × 出勤" if bound.time else "") + (f" ({'、'.join(whom)})" if whom else "")
