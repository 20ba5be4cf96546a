"""What stories of a division are said with. No names: posts, teams and institutions by their codes."""

from __future__ import annotations

from allocation.exact.groups import UNBOUNDED
from domain.pay import Sourced
from domain.step import LOCAL, Named, Numbers, Phrase, Value, Words

_BOUNDS: dict[str, str | Named] = {"exact": Named("精确数 (元)"), "low": "保底", "high": "封顶"}
_FACTORS: dict[str, str | Named] = {
    "position": Named("岗位系数", "factor"),
    "time": Named("出勤折算", "factor"),
    "score": "考核得分",
    "hold": Named("停减发系数", "factor"),
    "coefficient": Named("科室系数", "factor"),
    "size": Named("科室规模 Σ 岗位系数 × 出勤折算 × 停减发系数", "factor"),
}
WORDS: dict[str, Words | str] = {
    "rest": Words("可分额", "机构发放额 − 专项", {"amount": "机构发放额", "marks": "专项合计"}),
    "kept": Words("留存", "可分额 − 分给任职的", {"rest": "可分额", "shared": "分给任职的"}),
    "mean": Words(
        "均值 (元)",
        "可分额 ÷ Σ 出勤折算; 封顶、保底按它的倍数",
        {"rest": "可分额", "time": Named("Σ 出勤折算", "factor")},
    ),
    "earmark": Words(
        "专项 {title}", "标准 × 数量, 逐笔四舍五入到分", {"rate": "标准 (元/{it})", "quantity": "数量 ({it} 起)"}
    ),
    "time": Words(
        "出勤折算",
        "工作占比 × (任职期内应出勤 − 假期扣减) ÷ 应出勤天数",
        {"share": "工作占比", "employed": "任职期内应出勤", "away": "{it}扣减 (天)", "due": "应出勤天数"},
        form="factor",
    ),
    "points": Words("积分", "各因素相乘; 考核得分除以 100", _FACTORS, form="factor"),
    "weight": Words("科室权重", "各因素相乘; 考核得分除以 100", _FACTORS, form="factor"),
    "team": Words(
        "科室分配额",
        "可分额按权重分, 不低于保底合计, 不高于封顶合计",
        {"rest": "可分额", "weight": Named("权重", "factor"), "all": Named("全部权重", "factor"), **_BOUNDS},
    ),
    "due": Words(
        "应发",
        "{of}按积分分, 不低于保底, 不高于封顶; 元角分按最大余数",
        {"given": "{it}", "points": Named("积分", "factor"), "all": Named("全部积分", "factor"), **_BOUNDS},
    ),
    "listed": Words("应发", "科室分配单上的数; 合计等于{of}", {"given": "{it}", "low": "保底", "high": "封顶"}),
    "deferred": Words(
        "递延", "应发 × 递延比例, 四舍五入到分, 本次不发", {"due": "应发", "share": Named("递延比例", "factor")}
    ),
    "released": Words(
        "兑现 {year} 年的递延",
        "递延余额 × 兑现比例, 四舍五入到分; 不再占用绩效工资总量",
        {"balance": "递延余额", "share": Named("兑现比例", "factor")},
    ),
    "forfeited": Words("{year} 年递延中不再兑现的", "递延余额 − 兑现的", {"balance": "递延余额", "released": "兑现的"}),
    "of_unit": "可分额",
    "of_team": "科室分配额",
    "hold": "停发: 系数 0",
    "cap": "到封顶为止",
    "floor": "由保底托住",
    "no_points": "积分为 0",
    "stays": "封顶后余下的 {fen} 元不转给别的科室, 留在机构",
    "no_posts": "{unit:where} 在任职表没有任职, 发放额不分, 留在机构",
    "nobody": "没有参加这个池分配的任职",
    "zero": "参加分配的任职积分都是 0",
    "no_weight": "科室权重都是 0, 或有积分的科室权重都是 0",
    "capped": "任职都到了封顶",
    "kept_over": "{unit:where} 的 {pool:title} 有 {fen} 元没有分出, 留在机构: {why}",
}


def phrase(code: str, **values: Value) -> Phrase:
    """Something said of a division."""
    return Phrase(f"{__name__}:{code}", values)


def words(code: str) -> str:
    """Where the words of a step stand."""
    return f"{__name__}:{code}"


def documents(*entries: Sourced | None) -> tuple[str, ...]:
    """The documents and clauses that entries rest on."""
    found: list[str] = []
    for one in entries:
        if one is not None:
            sources = [one.cite] if one.source is None or one.source == LOCAL else [one.source, one.cite]
            found += [one.document, *(str(cite) for cite in sources if cite is not None)]
    return tuple(dict.fromkeys(filter(None, found)))


def within(low: int, high: int) -> Numbers:
    """Bounds that are there."""
    found: Numbers = {"low": low} if low else {}
    return found | ({"high": high} if high < UNBOUNDED else {})
