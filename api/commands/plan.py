"""`liangyun plan check | show`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import typer

from allocation.merit import merits
from allocation.pools import pools
from api.commands.pay.scheme import print_pay
from api.console import print_json
from api.tables import print_lines, print_table
from domain.money import format_exact
from domain.pack import Pack, PackIndicator
from domain.plan import Entry, Plan, Pool, Scorecard
from domain.problems import InputProblems, Problem
from engine.policy.coded import coded
from engine.policy.configs import load_configs
from engine.policy.load import Loaded, check_plan_file, load
from engine.policy.notes import notes
from engine.policy.odd import odd
from engine.policy.standing import refusals, unapproved
from engine.policy.words import STATUS, target_text
from engine.run.say import Speaker
from engine.run.words import BASES, PURPOSES, UNPAID, rule_title
from indicators.curves import curves
from indicators.registry import indicators

Reference = Annotated[str, typer.Argument(metavar="方案", help="方案 id 或 YAML 文件", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON")]
OnDay = Annotated[str | None, typer.Option("--on", metavar="日期", help="按哪一天的参数, 如 2026-09-30 (不写为今天)")]

MISSING = {"reweight": "其余指标重新分配权重", "zero": "按 0 分", "full": "按满分", "refuse": "拒绝计算"}
PERMITS = {
    "risk_fund_rate": "医疗风险基金提取比例",
    "risk_fund_limit": "医疗风险基金上限 (占年度医疗收入)",
    "welfare_share": "职工福利基金比例",
    "development_share": "事业发展基金比例",
    "main_share": "主要用于人员奖励的比例",
}


def check(plan: Reference, *, on: OnDay = None, as_json: AsJson = False) -> None:
    """Check one plan with its packs; every problem is printed at file:line (exit code 2)."""
    day = day_of(on)
    configs = load_configs()
    loaded = check_plan_file(configs, plan, day)
    document = configs.document(loaded.plan_file)
    pointed = list(map(str, (*coded(document, configs), *odd(document), *notes(document, loaded.plan, loaded.packs))))
    speaker = Speaker()
    cautions, refused = map(speaker.warnings, (loaded.warnings, refusals(loaded.plan, loaded.packs, day)))
    unpaid = speaker.warnings(unapproved(loaded.plan))
    if as_json:
        print_json(
            {
                "status": "ok",
                "id": loaded.plan.id,
                "warnings": cautions,
                "notes": pointed,
                "payment_refused": [*refused, *unpaid],
            }
        )
        return
    tail = "; 但有资金池而依据的文件不能据以分配, run 会拒绝 (退出码 4)" if refused and loaded.plan.pools else ""
    plan_read = loaded.plan
    people = f", 发到人的资金池 {len(plan_read.pay.pools)}" if plan_read.pay else ""
    cards, split = len(plan_read.scorecards), len(plan_read.pools)
    sys.stdout.write(f"方案 {plan_read.id} 无误: 评分表 {cards}, 资金池 {split}{people}{tail}\n")
    sys.stdout.writelines(f"注意: {said}\n" for said in (*cautions, *refused, *unpaid, *pointed))


def show(plan: Reference, *, on: OnDay = None, as_json: AsJson = False) -> None:
    """Show a plan as in force on a day: every number with its clause."""
    day = day_of(on)
    loaded = load(load_configs(), plan, day, alone=True)
    if as_json:
        print_json(loaded.plan.model_dump(mode="json", by_alias=True))
        return
    _print_head(loaded.plan, loaded.packs, day)
    for card in loaded.plan.scorecards:
        _print_card(card, loaded)
    rows = [
        (one.id, one.title, one.kind, " + ".join(one.numerator), " + ".join(one.denominator), source_text(one.source))
        for one in loaded.plan.local_indicators
    ]
    print_table("本地指标", ("id", "名称", "种类", "分子", "分母", "依据"), rows)
    for pool in loaded.plan.pools:
        _print_pool(pool)
    _print_money(loaded.plan)
    if loaded.plan.pay is not None:
        print_pay(loaded.plan.pay)
    sys.stdout.writelines(f"注意: {said}\n" for said in Speaker().warnings(loaded.warnings))


def day_of(text: str | None) -> date:
    """The day that `--on` names; today where it names none. Raises InputProblems."""
    if text is None:
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputProblems([Problem("--on", "USAGE", f"{text} 不是日期", "写成 2026-09-30")]) from error


def source_text(source: Any) -> str:
    """Where a number comes from."""
    return "本地规定" if source == "local" else str(source or "")


def _params_text(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {_value_text(value)}" for key, value in params.items())


def _value_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + _params_text(value) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value_text, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "无", True: "是", False: "否"}[value]
    return str(value)


def _print_head(plan: Plan, packs: Mapping[str, Pack], day: date) -> None:

    print_lines([("方案", plan.id), ("名称", plan.title), ("地区", plan.region), ("参数日期", day.isoformat())])
    print_lines([("说明", plan.note), ("签字", ", ".join(one.title for one in plan.signatures))])
    rows = [
        (used.id, STATUS[packs[used.id].status], ", ".join(used.allow_status), used.reason, packs[used.id].title)
        for used in plan.packs
    ]
    print_table("政策包", ("id", "状态", "方案允许", "理由", "文件"), rows)


def _print_card(card: Scorecard, loaded: Loaded) -> None:

    known = {code: one.title for code, one in indicators().items()}
    known |= {one.id: one.title for one in loaded.plan.local_indicators}
    rows = []
    for dimension in card.dimensions:
        points = format_exact(dimension.points)
        rows.append((dimension.id, dimension.title, "", points, "", "", source_text(dimension.source)))
        for item in dimension.items:
            title, clause = known.get(item.indicator, ""), ""
            curve = f"{curves()[item.curve.use].title} {item.curve.use} {_params_text(item.curve.params)}".strip()
            if item.rule:
                name, _, code = item.rule.partition(":")
                rule = next(entry for entry in loaded.packs[name].entries() if entry.id == code)
                title, clause = rule.title, f"{item.rule} {rule.cite}"
                if isinstance(rule, PackIndicator):
                    curve = f"{curve} (目标 {target_text(rule)})"
            points, source = format_exact(item.points), source_text(item.source)
            rows.append((item.id, item.title or title, item.indicator, points, curve, clause, source))
    title = f"评分表 {card.id} {card.title} (缺数据: {MISSING[card.missing]}; 不适用: {MISSING[card.not_applicable]})"
    print_table(title, ("id", "名称", "指标", "分值", "计分", "规则与条款", "依据"), rows)
    grades = [(grade.title, f"{format_exact(grade.min)} 分以上") for grade in card.grades]
    print_table(f"等级 {card.id}", ("等级", "界限"), grades)


def _print_pool(pool: Pool) -> None:

    def row(kind: str, entry: Entry, title: str) -> tuple[str, ...]:
        strength = "" if kind != "规则" else "硬" if entry.priority is None else f"软 {entry.priority}"
        clause = str(entry.cite) if entry.cite else ""
        said = f"{title} {entry.use}", _params_text(entry.params)
        return kind, *said, strength, clause, source_text(entry.source), entry.note

    rows = [
        row("资金池", pool, pools()[pool.use].title),
        row("绩效占比", pool.merit, merits()[pool.merit.use].title),
        *(row("规则", rule, rule_title(rule.use)) for rule in pool.rules),
    ]
    title = (
        f"资金池 {pool.id} {pool.title} ({PURPOSES[pool.purpose]}, {BASES[pool.basis]}, 余额: {UNPAID[pool.unpaid_to]})"
    )
    print_table(title, ("项", "公式", "参数", "硬软", "条款", "依据", "说明"), rows)
    print_lines([("资金来源", f"{pool.fund.title} {pool.fund.document}")])
    exempt = [
        (one.rule, one.reason, ", ".join([*(str(x) for x in (*one.ownership, *one.tiers)), *one.units]))
        for one in pool.exempt
    ]
    print_table(f"豁免 {pool.id}", ("规则", "理由", "对象"), exempt)


def _print_money(plan: Plan) -> None:
    if plan.permits is not None:
        permits = plan.permits.model_dump(mode="json")
        clause, source = str(plan.permits.cite or ""), source_text(plan.permits.source)
        rows = [(title, str(permits[key]), clause, source) for key, title in PERMITS.items()]
        print_table(f"两个允许 (适用: {plan.permits.scope})", ("参数", "取值", "条款", "依据"), rows)
    if plan.quota is not None:
        scope = {"member": "按单位核定", "alliance": "按医联体核定"}[plan.quota.scope]
        over = "" if plan.quota.grassroots_over is None else format_exact(plan.quota.grassroots_over)
        row = (scope, over, str(plan.quota.cite or ""), source_text(plan.quota.source))
        print_table("绩效工资总量", ("核定", "基层可超比例", "条款", "依据"), [row])
