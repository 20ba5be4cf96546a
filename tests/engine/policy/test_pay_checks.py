"""A plan's `pay:`: the example of its format is read as written; what contradicts is told at its line."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from api import cli
from domain.plan import Plan
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.policy.pay_factors import is_income, is_workload

DAY = date(2026, 9, 30)
ALONE = """\
id: plan
title: 示例卫生院绩效分配办法
region: "990101"
"""
EXAMPLE = (Path(__file__).parents[2] / "spec" / "pay" / "scheme.yaml").read_text(encoding="utf-8")


def taken(tmp_path: Path, text: str) -> Plan:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return load(load_configs(), path, DAY, alone=True).plan


def told(tmp_path: Path, text: str) -> list[tuple[str, str]]:
    """(code, what is said, with its key path) of what is wrong; each stands at its line of the file."""
    try:
        taken(tmp_path, text)
    except InputProblems as error:
        return [(one.code, one.message) for one in error.problems]
    return []


def changed(*changes: tuple[str, str]) -> str:
    text = EXAMPLE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return ALONE + text


def test_the_example_of_the_format(tmp_path: Path) -> None:
    plan = taken(tmp_path, ALONE + EXAMPLE)
    pay = plan.pay
    assert plan.only_pays
    assert pay is not None
    assert pay.approval is not None
    assert (pay.approval.document, pay.approval.public_days) == ("示例院职〔2026〕3号", 5)
    assert [pay.counts(kind) for kind in ("病假", "产假", "事假", "婚假")] == [Fraction(1, 2), 1, 0, None]
    posting = pay.item("posting")
    assert posting is not None
    assert (posting.rate, posting.per, posting.max) == (8000, "天", 66)  # 80.00 元 = 8000 分
    performance, signing = pay.pools["performance"], pay.pools["signing-staff"]
    assert (performance.caps[0].amount, performance.floors[0].amount) == (2000000, 700000)
    assert (performance.caps[0].time, performance.floors[0].time) == (False, True)
    assert performance.defer is not None
    assert performance.defer.share == Fraction(1, 10)
    assert performance.quantities == ()
    assert signing.quantities == ("signed_months", "fulfilment")
    assert pay.codes == {"wages": "30107", "labour": "30226"}


ONCE = "  source: local\n"
POOL = '      in_total: "yes"                           # yes | no | separate\n'
WRONG = [
    (
        [("leave: [{kind: 病假", "leave: [{kind: 产假")],
        ("DUPLICATE-ID", "pay.leave[1].kind: 假别 产假 写了两次"),
    ),
    (
        [("items: [gp, posting]", "items: [gp, postings]")],
        ("NAME-UNKNOWN", "pay.pools.performance.items[1]: pay.items 中没有专项 postings"),
    ),
    (
        [("signing-staff: {points", "signing-staff: {items: [gp], points")],
        ("DUPLICATE-ID", "pay.pools.signing-staff.items[0]: 专项 gp 已经由资金池 performance 发放"),
    ),
    (
        [("id: posting,", "id: gp,"), ("items: [gp, posting]", "items: [gp]")],
        ("DUPLICATE-ID", "pay.items[1].id: 专项 gp 与第 9 行重复"),
    ),
    (
        [(", across: person, document: …}]", ", across: person}]")],
        ("FIELD-MISSING", "pay.items[1].in_total: 专项 posting in_total: no (不占核定总量) 没有写 document"),
    ),
    (
        [('in_total: "no", document: …}\n', "in_total: separate}\n")],
        (
            "FIELD-MISSING",
            "pay.pools.signing-staff.in_total: 资金池 signing-staff in_total: separate (不占核定总量) 没有写 document",
        ),
    ),
    (
        [(POOL, "")],
        (
            "FIELD-MISSING",
            "pay.pools.performance: 方案的 pools 中没有 performance, 没有写 in_total (是否占绩效工资总量)",
        ),
    ),
    (
        [("order: [performance, signing-staff]", "order: [performance, signing]")],
        ("NAME-UNKNOWN", "pay.order[1]: pay.pools 中没有 signing"),
    ),
    (
        [("order: [performance, signing-staff]", "order: [performance]")],
        ("FIELD-MISSING", "pay.order: 扣缴的先后没有写 signing-staff"),
    ),
    (
        [("order: [performance, signing-staff]", "order: [performance, signing-staff, performance]")],
        ("DUPLICATE-ID", "pay.order[2]: performance 写了两次"),
    ),
    (
        [("  order: [performance, signing-staff]           #", "  #")],
        ("FIELD-MISSING", "pay: 扣缴的先后没有写 performance、signing-staff"),
    ),
    (
        [("tax: {mode: cumulative}", "tax: {mode: elsewhere}")],
        ("FIELD-MISSING", "pay.tax: 个税由财务合并代扣 (mode: elsewhere) 没有写 document"),
    ),
    (
        [("funding: redivide", "funding: 备用金")],
        ("FIELD-VALUE", 'pay.corrections: funding 写 redivide 或 "reserve: 备用金名称"'),
    ),
    (
        [("points: [position, time, score, hold]", "points: [position, time, score, hold, time]")],
        ("DUPLICATE-ID", "pay.pools.performance.points[4]: 因素 time 写了两次"),
    ),
    (
        [("      points: [position, time, score, hold]     #", "      #")],
        ("FIELD-MISSING", "pay.pools.performance: 没有写 points (按什么分到人)"),
    ),
    (
        [("points: [signed_months, fulfilment], who: rows", "points: [score], who: rows")],
        ("FIELD-MISSING", "pay.pools.signing-staff.who: who: rows 按第一个数量的行定人员, points 中没有数量"),
    ),
    (
        [("points: [position, time, score, hold]", "points: [position, time, score, size]")],
        ("FIELD-VALUE", "pay.pools.performance.points[3]: size 是科室的人数, 只用于 teams.weight"),
    ),
    (
        [("points: [position, time, score, hold]", "points: [position, drug_income, hold]")],
        (
            "PAY-FACTOR",
            "pay.pools.performance.points[1]: drug_income (药品收入) 是药品、卫生材料或检查化验的收入",
        ),
    ),
    (
        [("weight: [coefficient, score, size]", "weight: [coefficient, 科室检查收入, size]")],
        (
            "PAY-FACTOR",
            "pay.pools.performance.teams.weight[1]: 科室检查收入 是药品、卫生材料或检查化验的收入",
        ),
    ),
    (
        [("title: 派驻补助", "title: 检查开单提成")],
        ("PAY-FACTOR", "pay.items[1].title: 检查开单提成 是药品、卫生材料或检查化验的收入"),
    ),
    (
        [("points: [position, time, score, hold]", "points: [position, time, 工分, hold]")],
        ("PAY-FACTOR", "pay.pools.performance.points[2]: 出勤 (time) 与工作量 工分 同时作因素, 一份出勤算了两次"),
    ),
    (
        [('amount: "20000.00", time', "time")],
        ("FIELD-VALUE", "pay.pools.performance.caps[0]: amount 和 times_mean 写其中一个"),
    ),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_what_is_wrong_alone(changes: list[tuple[str, str]], said: tuple[str, str], tmp_path: Path) -> None:
    assert told(tmp_path, changed(*changes)) == [said]


def test_all_at_once_each_at_its_line(tmp_path: Path) -> None:
    """One fault of the schema hides no other."""
    path = tmp_path / "plan.yaml"
    text = changed(
        ("public_days: 5", "public_days: 很久"), ("items: [gp, posting]", "items: [g]"), ("score, hold]", "化验收入]")
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        load(load_configs(), path, DAY, alone=True)
    lines = text.splitlines()
    found = [
        (one.code, lines[int(one.where.rpartition(":")[2]) - 1].split(":")[0].strip()) for one in caught.value.problems
    ]
    assert found == [("FIELD-VALUE", "approval"), ("NAME-UNKNOWN", "items"), ("PAY-FACTOR", "points")]


NUMBERED = [
    "pay.approval: 公示天数",
    "pay.leave[0]: 假别 病假",
    "pay.leave[1]: 假别 产假",
    "pay.leave[2]: 假别 事假",
    "pay.items[0]: 专项 gp",
    "pay.items[1]: 专项 posting",
    "pay.pools.performance.caps[0]: 上限",
    "pay.pools.performance.floors[0]: 下限",
    "pay.pools.performance.defer: 递延",
    "pay.second_post: 双绩效的上限",
    "pay.corrections: 扣回比例",
]


def test_every_number_has_a_source(tmp_path: Path) -> None:
    """Its own, or that of what is around it; a source at `pay:` holds for all (the example)."""
    said = [("FIELD-MISSING", f"{one}没有写 source (数字的依据)") for one in NUMBERED]
    assert told(tmp_path, changed((ONCE, ""))) == said
    pool = changed((ONCE, ""), (POOL, POOL + "      source: local\n"))
    assert told(tmp_path, pool) == [one for one in said if ".performance." not in one[1]]
    own = changed((ONCE, ""), ("public_days: 5", "public_days: 5, source: local"))
    assert told(tmp_path, own) == said[1:]


def test_a_clause_may_be_the_source(tmp_path: Path) -> None:
    text = changed((ONCE, ""), ('counts: "0.5"', 'counts: "0.5", source: {document: x-2026, clause: "三"}'))
    assert told(tmp_path, text) == [
        ("FIELD-MISSING", f"{one}没有写 source (数字的依据)") for one in NUMBERED if "病假" not in one
    ]
    text = changed(('defer: {share: "0.10"', 'defer: {source: {clause: "三"}, share: "0.10"'))
    assert told(tmp_path, text) == [("CITE-DOCUMENT", "pay.pools.performance.defer.source: 没有写明是哪份文件")]


def test_an_order_is_needed_of_more_than_one_pool(tmp_path: Path) -> None:
    text = ALONE + (
        "pay:\n  approval: {body: 职代会, document: x, public_days: 5, source: local}\n"
        '  pools: {bonus: {in_total: "yes", points: [score]}}\n  tax: {mode: cumulative}\n'
    )
    assert told(tmp_path, text) == []


@pytest.mark.parametrize("reason", ["", "工分只计非工作时间"])
def test_time_beside_a_workload_needs_a_reason(reason: str, tmp_path: Path) -> None:
    text = changed(
        ("points: [position, time, score, hold]", f"points: [time, 工分]\n      double_time: {reason or '~'}")
    )
    found = told(tmp_path, text)
    assert [code for code, _ in found] == ([] if reason else ["PAY-FACTOR", "FIELD-VALUE"])


WORK = ("工分", "rvu", "visits", "签约人月", "time", "score", "满意度", "quality_rate")


def test_rates_and_scores_are_no_workload(tmp_path: Path) -> None:
    assert told(tmp_path, changed(("points: [position, time, score, hold]", "points: [time, 履约率]"))) == []
    assert [*filter(is_workload, WORK)] == ["工分", "rvu", "visits", "签约人月"]


@pytest.mark.parametrize(
    "said",
    [
        *("药品收入", "卫生材料收入", "检查收入", "化验收入", "耗材收入", "检查检验收入", "药费", "材料费", "检查费"),
        *("开单提成", "ＣＴ收费", "药 品 收 入", "中药饮片销售额"),
        *("drug_income", "drugIncome", "exam-fees", "Consumables Revenue", "lab_income"),
    ],
)
def test_incomes_of_drugs_consumables_and_examinations(said: str) -> None:
    assert is_income(said)


@pytest.mark.parametrize(
    "said",
    [
        *("工分", "签约人月", "门诊人次", "检查人次", "体检人数", "药事服务费", "药师系数", "药占比", "医疗服务收入"),
        *("耗材费用控制得分", "公共卫生检查经费完成率"),
        *("score", "visits", "exams", "latest_income", "labour"),
    ],
)
def test_what_is_none(said: str) -> None:
    assert not is_income(said)


# ── beside pools of the plan ──────────────────────────────────────────────────────────────────────────────

COUNTY = load_configs().content(load_configs().plans["demo-county"]).decode("utf-8")
SMALL = """
pay:
  source: local
  approval: {body: 职工代表大会, document: 示例院职〔2026〕3号, public_days: 5}
  pools: {POOL: {points: [score]IN_TOTAL}}
  tax: {mode: cumulative}
"""


def beside(pool: str, in_total: str) -> str:
    head = COUNTY.partition("\npay:")[0].replace("id: demo-county\n", "id: plan\n")
    return head + SMALL.replace("POOL", pool).replace("IN_TOTAL", in_total)


@pytest.mark.parametrize(
    ("pool", "in_total", "said"),
    [
        ("performance", "", []),
        ("performance", ', in_total: "yes"', []),
        (
            "performance",
            ', in_total: "no", document: x',
            [("POOL-IN-TOTAL", "pay.pools.performance.in_total: in_total: no, 与资金池 performance 的 yes 不一致")],
        ),
        ("r", ', in_total: "yes"', []),
        ("r", "", [("FIELD-MISSING", "pay.pools.r: 方案的 pools 中没有 r, 没有写 in_total (是否占绩效工资总量)")]),
        (
            "surplus-settled",
            "",
            [
                (
                    "FIELD-VALUE",
                    "pay.pools.surplus-settled: 资金池 surplus-settled 是单位的收入 (purpose: income), 不发给人员",
                )
            ],
        ),
    ],
)
def test_in_total_agrees_with_the_pool(pool: str, in_total: str, said: list[tuple[str, str]], tmp_path: Path) -> None:
    assert told(tmp_path, beside(pool, in_total)) == said


# ── a plan of pay alone ───────────────────────────────────────────────────────────────────────────────────


def test_without_pay_a_plan_has_packs_and_scorecards(tmp_path: Path) -> None:
    assert told(tmp_path, ALONE) == [("FIELD-MISSING", "缺少 packs"), ("FIELD-MISSING", "缺少 scorecards")]


def test_a_run_needs_more_than_pay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(ALONE + EXAMPLE, encoding="utf-8")
    said = "方案只有 pay (把机构的钱发到人), 不评价, 也不分配到机构, 用于 liangyun pay; 此处另选方案 (PLAN-ONLY-PAY)"
    for command in (
        ["run", str(path), "examples/county/2026Q3.xlsx", "--period", "2026Q3", "--out", str(tmp_path / "out")],
        ["template", str(path), "--period", "2026Q3", "--out", str(tmp_path / "t.xlsx")],
        ["ledger", str(path), "examples/county/2026Q3.xlsx", "--as-of", "2026-09-30"],
    ):
        assert cli.main(command) == 2
        assert capsys.readouterr().err.removeprefix("读取方案\n") == f"{path}:4: {said}\n"
    assert sorted(tmp_path.iterdir()) == [path]


def test_plan_check_and_show_take_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(ALONE + EXAMPLE, encoding="utf-8")
    assert cli.main(["plan", "check", str(path), "--on", "2026-09-30"]) == 0
    assert capsys.readouterr().out == "方案 plan 无误: 评分表 0, 资金池 0, 发到人的资金池 2\n"
    assert cli.main(["plan", "show", str(path), "--on", "2026-09-30", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)["pay"]
    assert (shown["items"][0]["rate"], shown["leave"][0]["counts"]) == ("1200.00", "0.5")


def test_plan_show_prints_the_scheme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(ALONE + EXAMPLE, encoding="utf-8")
    assert cli.main(["plan", "show", str(path), "--on", "2026-09-30"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.partition("\t")[0]: line.split("\t")[1:] for line in lines if "\t" in line}
    assert rows["病假"] == ["0.5", "本地规定"]
    assert rows["posting"] == ["派驻补助", "80.00 元/天", "66 天 (一人合计)", "不占", "工资薪金", "…", "本地规定"]
    assert rows["performance"] == [
        "参加分配的任职",
        "gp, posting",
        "科室系数 × 考核得分 × 科室人数",
        "岗位系数 × 出勤 × 考核得分 × 停减发",
        "上限 20000.00 元, 保底 7000.00 元 × 出勤",
        "0.1, 离开的当期发",
        "占",
        "",
        "本地规定",
    ]
    assert rows["signing-staff"][:4] == ["有数量的人, 含劳务", "", "", "signed_months × fulfilment"]
    assert "发放办法: 职工代表大会通过 示例院职〔2026〕3号, 公示 5 个工作日" in lines
    assert "更正: 同一笔钱重新分, 每次最多扣回下次应发的 0.2" in lines


@pytest.mark.parametrize("document", ["", ", document: ' '"])
def test_a_scheme_that_nobody_passed_is_no_fault_of_the_plan_but_pays_nobody(
    document: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(changed((", document: 示例院职〔2026〕3号", document)), encoding="utf-8")
    assert cli.main(["plan", "check", str(path), "--on", "2026-09-30", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["payment_refused"] == [
        "方案的 pay.approval 没有写明通过分配办法的文件, 不得据以发放: 职工代表大会通过后写 document (PAY-NO-APPROVAL)"
    ]
