"""One number's story, from the run folder alone."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from allocation.answer import Conflicting
from allocation.holding import Held
from api import cli
from domain.period import Period
from domain.problems import InputProblems
from engine.folder.excerpt import around
from engine.folder.execute import execute
from engine.folder.explain import explain
from engine.folder.story_text import say
from engine.policy.configs import load_configs
from engine.run.say import held_words
from engine.run.words import say_conflict

SMALL = Path(__file__).parents[1] / "small"
QUARTER = Period.parse("2026Q3")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "out"
    execute(load_configs(), SMALL / "plan.yaml", SMALL / "data", QUARTER, out)
    return out


def test_an_amount_from_cell_to_fen(done: Path) -> None:
    said = say(explain(done, "T1", pool="reward"), full=True)
    for part in (
        "【分配】绩效奖励 东乡卫生院 = 250.00",
        "资金池 = 1,700.00; 绩效 = 200",
        "按占比 (向下取整到分) = 200.00",
        "基层占比下限 (grassroots_min_share)",
        "small-pack 第五条",
        "县财社〔2026〕1号",
        "取数: facts.csv!D7",
        "受限: 封顶于绩效工资总量",
        "放宽: 绩效工资总量",
        "多得 2.50 元",  # 1 % of 250.00
        "【资金池】资金池 = 1,700.00",
        "取数: money.csv!D2",
    ):
        assert part in said
    assert "结余留用" not in said


def test_the_answer_comes_first(done: Path) -> None:
    """250 of 1700: 14.71 %. The pool: H1 is held by the share of the grassroots, T1 by its approved total."""
    first = say(explain(done, "T1", pool="reward")).splitlines()[0]
    assert first == "东乡卫生院 绩效奖励: 250.00 元, 占 14.71%, 封顶于绩效工资总量余额"
    assert explain(done, "A1", pool="绩效奖励").answer == (
        "第一医共体 绩效奖励: 1,700.00 元分给 4 家, 未分配 0.00 元, 受限 2 家"
    )
    assert explain(done, "T1").answer == "东乡卫生院: 得分 50 (不合格); 2 个资金池共分得 270.00 元"
    assert explain(done, "A1").answer == "第一医共体: 得分 81.25; 2 个资金池共 1,870.00 元, 未分配 0.00 元"
    item = explain(done, "T1", indicator="satisfied").answer
    assert item == "东乡卫生院 satisfaction 群众满意率: 50 分 (满分 100), 实际值 0.4, 目标 0.8"
    assert explain(done, "T1", indicator="satisfied").as_json()["answer"] == item


def test_a_pool_names_its_units(done: Path) -> None:
    told = explain(done, "A1", pool="reward")
    rows = say(told).partition("【各单位】")[2].split("\n\n")[0].strip().splitlines()
    assert [row.split()[0] for row in rows] == ["C1", "H1", "T1", "T2"]
    assert {row["unit"]: row["amount"] for row in told.as_json()["members"]}["T1"] == "250.00"


def test_a_pool_that_nobody_got_of_or_whose_units_are_not_shown_is_no_contradiction(done: Path) -> None:
    """A2 has a surplus of 0.00; whoever sees sums alone is told them all the same."""
    assert explain(done, "A2", pool="surplus").answer.endswith("结余留用: 0.00 元, 没有分给单位, 未分配 0.00 元")
    told = explain(done, "A1", pool="reward")
    assert replace(told, members=()).answer == told.answer


def test_steps_come_after_what_is_put_into_them(done: Path) -> None:
    """The pool's amount is the smaller of what is given and what may be: both are told before it."""
    keys = [story.key for story in explain(done, "A1", pool="surplus").stories if story.kind == "pool"]
    for story in explain(done, "A1", pool="surplus").stories:
        for name, _ in story.told["step"]["numbers"]:
            before = f"pool/A1/surplus/{name}"
            assert before not in keys or keys.index(before) < keys.index(story.key) or story.kind != "pool"


def test_what_others_gain_by_relief_is_told_to_the_loser(done: Path) -> None:
    """T1's cap loosened by 2.50 comes out of T2 and C1: 2 : 3 → 1.00 and 1.50."""
    assert "少得 1.00 元" in say(explain(done, "T2", pool="reward"))
    assert "少得 1.50 元" in say(explain(done, "C1", pool="reward"))


def test_who_gave_way_to_a_member_that_nothing_held(done: Path) -> None:
    """T2 by its share of merit: 1700 × 200 ÷ 1700 = 200.00; it gets 308.00, for H1 and T1 are held."""
    assert "受限: 无, 比按绩效占比多得 108.00 元, 由受限的 H1、T1 让出" in say(explain(done, "T2", pool="reward"))
    assert "受限: 无, 按绩效占比分得" in say(explain(done, "T2", pool="surplus"))  # 20.00 of 170.00, nobody held


def test_a_score_by_item_or_by_indicator(done: Path) -> None:
    story = explain(done, "T1", indicator="satisfaction")
    assert say(story) == say(explain(done, "T1", indicator="satisfied"))
    assert [trace["key"] for trace in story.as_json()["traces"]] == ["score/T1/members/satisfaction"]
    said = say(story)
    for part in ("= 50", "分子 = 40", "分母 = 100", "目标 = 0.8", "small-pack 第三条", "facts.csv!D5、D6"):
        assert part in said


def test_a_name_is_as_good_as_a_code(done: Path) -> None:
    assert explain(done, "东乡卫生院").as_json() == explain(done, "T1").as_json()


def test_everything_of_a_unit_in_the_order_of_the_run(done: Path) -> None:
    families = [story.kind for story in explain(done, "T1").stories]
    assert list(dict.fromkeys(families)) == ["score", "pool", "quota", "allocation", "permits"]
    permits = [story.place.line for story in explain(done, "T1").stories if story.kind == "permits"]
    assert (permits[0], permits[-2:]) == ("a", ["r", "kept"])


def test_an_alliance_has_a_story_too(done: Path) -> None:
    said = say(explain(done, "A1"), full=True)
    assert "第一医共体" in said
    assert "81.25" in said
    assert "划入金额 = 1,700.00" in said


@pytest.mark.parametrize(
    ("unit", "asked", "code", "remedy"),
    [
        ("X", {}, "NO-UNIT", "核对单位编码"),
        ("T1", {"pool": "nix"}, "NO-NUMBER", "可查: reward, surplus"),
        ("T1", {"indicator": "nix"}, "NO-NUMBER", "可查: satisfaction, satisfied"),
        ("T1", {"pool": "reward", "indicator": "nix"}, "USAGE", "分两次问"),
        ("T1", {"pool": "reward", "indicator": "satisfaction"}, "USAGE", "分两次问"),
    ],
)
def test_what_is_not_there_is_said(done: Path, unit: str, asked: dict[str, str], code: str, remedy: str) -> None:
    with pytest.raises(InputProblems) as raised:
        explain(done, unit, **asked)
    problem = raised.value.problems[0]
    assert (problem.code, problem.remedy) == (code, remedy)


def test_the_command_in_text_and_json(done: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", str(done), "T1", "--pool", "reward"]) == 0
    assert capsys.readouterr().out == say(explain(done, "T1", pool="reward"))
    assert cli.main(["explain", str(done), "T1", "--pool", "reward", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["allocations"][0]["amount"] == "250.00"
    assert answer["unit"] == "T1"


def test_a_batch_is_explained_on_demand(done: Path, tmp_path: Path) -> None:
    execute(load_configs(), SMALL / "plan.yaml", SMALL / "data", QUARTER, tmp_path / "out", batch=True)
    for unit in ("T1", "A1", "东乡卫生院"):
        assert explain(tmp_path / "out", unit).as_json() == explain(done, unit).as_json()


def test_a_report_of_one_alliance_on_demand(done: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    execute(load_configs(), SMALL / "plan.yaml", SMALL / "data", QUARTER, tmp_path / "out", batch=True)
    result = around(tmp_path / "out", "A1")
    assert set(result.frames["allocations"]["unit_code"]) == {"H1", "T1", "T2", "C1"}
    totals = result.frames["totals"].set_index("unit_code")
    assert totals.loc["C1", "rank"] == 7  # among all eight, not among the four of A1
    assert set(totals.index) == {"A1", "H1", "T1", "T2", "C1"}
    for folder in (tmp_path / "out", done):
        assert cli.main(["report", str(folder), "A1", "--out", str(tmp_path / f"{folder.parent.name}.xlsx")]) == 0
    capsys.readouterr()
    books = [path.read_bytes() for path in tmp_path.glob("*.xlsx")]
    assert len(books) == 2
    assert books[0] == books[1]
    assert list(tmp_path.glob(".*")) == []


def test_a_contradiction_is_told(tmp_path: Path) -> None:
    """T1 is due 2000.00 of the pool of 1700.00."""
    shutil.copytree(SMALL, tmp_path / "small")
    plan, money = tmp_path / "small" / "plan.yaml", tmp_path / "small" / "data" / "money.csv"
    cap = "- {use: wage_cap, source: local}"
    floor = '- {use: floor_previous, params: {ratio: "1"}, source: local}'
    plan.write_text(plan.read_text(encoding="utf-8").replace(cap, floor), encoding="utf-8")
    text = money.read_text(encoding="utf-8").replace("T1,quota_approved,500.00", "T1,quota_approved,5000.00")
    for unit in ("H1", "T2", "C1", "T1", "H2", "T3", "T4", "C2"):
        text += f"2026Q3,{unit},previous_amount,{'2000.00' if unit == 'T1' else '0.00'},reward\n"
    money.write_text(text, encoding="utf-8")
    execute(load_configs(), plan, money.parent, QUARTER, tmp_path / "out")
    said = say(explain(tmp_path / "out", "T1", pool="reward"))
    assert "规则互相矛盾, 未分配" in said
    assert "合计至少差 300.00 元" in said
    assert explain(tmp_path / "out", "A1", pool="reward").answer.endswith("1,700.00 元, 规则互相矛盾, 未分配")


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblems, match="NOT-A-RUN"):
        explain(tmp_path, "T1")


def test_words() -> None:
    assert held_words([Held("grassroots_min_share", cap=False)]) == ["因基层占比下限受限"]
    assert held_words([Held("cap_previous", cap=True, priority=2, beyond=20_00, before=("wage_cap",))]) == [
        "超过较上期增幅上限 20.00 元 (软规则第 2 级, 让位于尽量分完资金池、绩效工资总量余额)"
    ]
    assert held_words([Held("pay_gap", cap=False, priority=1, beyond=1, before=("soft_keep",))]) == [
        "因收入差距受限, 该规则合计仍差 0.01 元 (软规则第 1 级, 让位于尽量分完资金池、软规则的保底 (soft_keep))"
    ]
    assert say_conflict([Conflicting("pool", "", 1_00)]) == [
        "  矛盾: 资金池金额",
        "  以上规则合计至少差 1.00 元",
    ]
