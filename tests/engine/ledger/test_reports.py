"""The task ledger: what units report of a duty, what nobody reported, milestones of duties, targets that ended."""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from domain.facts import COMPLETIONS
from domain.pack import PackDuty, PackIndicator, PackMilestone
from domain.period import Period
from domain.problems import InputProblems
from engine.ledger.lines import Line
from engine.ledger.make import make_ledger
from engine.ledger.sheet import ledger_workbook
from engine.policy.configs import load_configs
from engine.policy.entries import given_pack
from engine.policy.load import load, load_pack
from engine.read import read
from tests.engine.compare.test_matrix import DATED
from tests.engine.ledger.test_make import YEAR, facts, ledger, loaded

SMALL = Path(__file__).parents[1] / "small"


def reported(*rows: tuple[object, ...], day: date = date(2018, 1, 10), **sections: object) -> dict[str, Line]:
    """The lines on a day once these completions stand in the workbook: entry, unit, day, progress, evidence, note.

    Sections not given hold what the rows name (and LN-D01, LN-D02, LN-I01).
    """
    found = loaded()
    pack = found.packs["liaoning-2017"]
    named = {str(row[0]) for row in rows} | {"LN-D01", "LN-D02", "LN-I01"}
    kept = {
        name: [entry for entry in getattr(pack, name) if entry.id in named]
        for name in ("indicators", "trends", "named", "duties", "milestones")
    }
    pack = given_pack(pack.model_copy(update=kept | sections))
    table = pd.DataFrame([(f"liaoning-2017:{row[0]}", *row[1:], "在此") for row in rows], columns=list(COMPLETIONS))
    filled = replace(facts(), completions=table.astype(object))
    made = make_ledger(found.plan, {pack.id: pack}, filled, load_configs().catalogue, day, YEAR)
    return {one.id: one for one in made.lines}


def test_a_reported_day_and_its_evidence() -> None:
    row = ("LN-D07", "LN", date(2017, 12, 20), "", "示例医保〔2017〕9号", "全部病种")
    on = reported(row)["LN-D07"]
    assert (on.state, on.state_text, on.reported) == ("done", "已完成 (2017-12-20)", True)
    assert (on.documents, on.progress_text) == (("示例医保〔2017〕9号",), "2017-12-20 完成; 全部病种")
    before = reported(row, day=date(2017, 12, 19))["LN-D07"]
    assert (before.state, before.state_text, before.documents) == ("not_due", "未完成 (没有期限)", ())
    assert before.progress_text == "未完成 (填报 2017-12-20)"


def test_what_is_said_without_a_day_is_open() -> None:
    found = reported(("LN-D07", "LN", None, "3/7", "清单", ""))["LN-D07"]
    assert (found.state, found.state_text, found.progress_text) == ("not_due", "未完成 (没有期限)", "3/7")


def test_every_reporting_unit_must_be_done() -> None:
    rows = [("LN-D09", "C1", date(2017, 9, 1), "", "", ""), ("LN-D09", "C2", None, "招标中", "", "")]
    found = reported(*rows)["LN-D09"]
    assert (found.state, found.progress_text) == ("not_due", "1/2 完成; 未完成: 示例二市 招标中")
    assert reported(rows[0])["LN-D09"].state == "done"


def duty(every: str, **fields: object) -> dict[str, object]:
    """The sections with one duty X-D that is done again and again."""
    made = {"id": "X-D", "title": "督查", "cite": {"clause": "一"}, "evidence": "通报", "every": every} | fields
    return {"duties": [PackDuty.model_validate(made)], "milestones": []}


def done(*days: str, unit: str = "") -> list[tuple[object, ...]]:
    return [("X-D", unit, date.fromisoformat(day), "", f"通报 {day}", "") for day in days]


def test_without_a_stated_interval_the_last_time_counts() -> None:
    found = reported(*done("2017-03-05", "2017-06-05", "2017-09-05"), **duty("regular"))["X-D"]
    assert (found.state, found.state_text, found.demand) == ("done", "持续 (最近 2017-09-05)", "定期")
    assert (found.units[0].unit_name, found.rounds) == ("全区域", None)
    assert found.progress_text == "2017-09-05 完成 (共 3 次)"
    assert found.documents == ("通报 2017-03-05", "通报 2017-06-05", "通报 2017-09-05")


FOUR = "2017-03-05 2017-06-05 2017-09-05 2017-12-05"


# in place by 2017-03-31: the first quarter is the first due. 2018-01-10 is 80 days before 2018-03-31 and 102 after
# 2017-09-30
@pytest.mark.parametrize(
    ("days", "day", "state", "left", "said"),
    [
        (
            "2017-03-05 2017-06-05 2017-09-05 2017-12-05",
            "2018-01-10",
            "not_due",
            80,
            "2018年第1季度 还有 80 天, 4/4 期",
        ),
        (FOUR, "2018-03-31", "due", 0, "2018年第1季度 今天到期, 4/4 期"),
        (FOUR, "2017-12-31", "done", 0, "2017年第4季度 已完成, 4/4 期"),
        ("2017-03-05 2017-06-05 2017-12-05", "2018-01-10", "overdue", -102, "2017年第3季度 逾期 102 天, 3/4 期"),
        ("2017-06-05", "2018-01-10", "overdue", -285, "2017年第1季度 逾期 285 天, 1/4 期"),
        ("2018-02-01", "2017-03-31", "due", 0, "2017年第1季度 今天到期"),
    ],
)
def test_each_interval_is_asked_for(days: str, day: str, state: str, left: int, said: str) -> None:
    on, sections = date.fromisoformat(day), duty("quarter", deadline=date(2017, 3, 31))
    found = reported(*done(*days.split()), day=on, **sections)["X-D"]
    assert (found.state, found.days, found.state_text) == (state, left, said)
    assert found.deadline is not None
    assert (found.deadline - on).days == left
    assert found.demand == "每季度"


def test_missed_intervals_are_named() -> None:
    found = reported(*done("2017-06-05"), **duty("quarter", deadline=date(2017, 3, 31)))["X-D"]
    assert found.notes == ("没有完成的期: 2017年第1季度、2017年第3季度、2017年第4季度",)
    assert found.as_json()["rounds"] == {
        "title": "2017年第1季度",
        "begins": "2017-01-01",
        "ends": "2017-03-31",
        "due": 4,
        "done": 1,
        "missed": ["2017年第1季度", "2017年第3季度", "2017年第4季度"],
    }


def test_of_what_nobody_reported_no_interval_is_called_late() -> None:
    found = reported(**duty("quarter", deadline=date(2017, 3, 31)))["X-D"]
    assert (found.state, found.shown, found.rounds) == ("overdue", "past", None)
    assert found.state_text == "未填报, 期限已过 285 天"
    assert reported(**duty("year"))["X-D"].state_text == "未填报"
    # said to be at work, and no day yet: that is a report
    begun = reported(("X-D", "", None, "筹备中", "", ""), **duty("quarter", deadline=date(2017, 12, 31)))["X-D"]
    assert (begun.shown, begun.state_text) == ("overdue", "2017年第4季度 逾期 10 天, 0/1 期")


def test_each_unit_that_reports_answers_for_its_own_intervals() -> None:
    rows = [*done("2017-12-05", "2018-01-05", unit="C1"), *done("2018-01-06", unit="C2")]
    found = reported(*rows, **duty("quarter", deadline=date(2017, 12, 31)))["X-D"]
    assert (found.state, found.state_text) == ("overdue", "2017年第4季度 逾期 10 天, 1/2 期")
    assert [unit.progress for unit in found.units] == ["done", "open"]
    assert found.share_text == "1/2"


def test_a_milestone_asks_for_what_was_due_by_its_day() -> None:
    sections = duty("quarter", deadline=date(2017, 6, 30)) | {
        "milestones": [
            PackMilestone.model_validate(
                {"id": f"X-S{day.month}", "title": "建立", "cite": {"clause": "一"}, "deadline": day, "rules": ["X-D"]}
            )
            for day in (date(2017, 6, 30), date(2017, 9, 30))
        ]
    }
    found = reported(*done("2017-06-05", "2017-12-05"), **sections)
    assert found["X-D"].state_text == "2017年第3季度 逾期 102 天, 2/3 期"
    assert (found["X-S6"].state, found["X-S9"].state_text) == ("done", "逾期 102 天")


# ── days after the day of the ledger ──────────────────────────────────────────────────────────────────────


def test_a_day_after_that_of_the_ledger_is_told() -> None:
    row = ("LN-D07", "LN", date(2017, 12, 20), "", "文", "")
    assert reported(row, day=date(2017, 12, 20))["LN-D07"].notes == ()
    before = reported(row, day=date(2017, 12, 19))["LN-D07"]
    assert before.notes == ("填报完成日期 2017-12-20 在台账日期之后, 未计",)
    assert before.as_json()["units"][0]["later"] == ["2017-12-20"]
    # also beside days that have come, of which the last counts
    found = reported(*done("2017-03-05", "2018-01-11", "2018-02-05"), **duty("regular"))["X-D"]
    assert found.state_text == "持续 (最近 2017-03-05)"
    assert found.notes == ("填报完成日期 2018-01-11、2018-02-05 在台账日期之后, 未计",)
    # of several units it is said whose
    rows = [("LN-D09", "C1", date(2017, 9, 1), "", "", ""), ("LN-D09", "C2", date(2018, 9, 1), "", "", "")]
    assert reported(*rows)["LN-D09"].notes == ("示例二市: 填报完成日期 2018-09-01 在台账日期之后, 未计",)
    # and of what a figure measures
    two = reported(("LN-I02", "C1", date(2018, 9, 1), "", "", ""))["LN-I02"]
    assert two.notes == ("示例一市: 填报完成日期 2018-09-01 在台账日期之后, 未计",)


def test_it_is_told_of_figures_and_in_the_workbook() -> None:
    # the fifth city's ledger came on 2018-01-05
    made = ledger(date(2018, 1, 4))
    told = "填报完成日期 2018-01-05 在台账日期之后, 未计"
    found = next(one for one in made.lines if one.id == "LN-D28")
    assert found.notes == ("文件没有写期限, 按年度任务", f"示例五市: {told}")
    book = openpyxl.load_workbook(io.BytesIO(ledger_workbook(made)))
    cells = {sheet.title: {cell for row in sheet.iter_rows(values_only=True) for cell in row} for sheet in book}
    assert f"文件没有写期限, 按年度任务; 示例五市: {told}" in cells["任务台账"]
    assert f"未完成 (填报 2018-01-05); {told}" in cells["分单位"]


def test_a_report_never_makes_a_measured_rule_done() -> None:
    # two cities are below 60 %; the first city's own day and document stand beside its figure
    found = reported(
        ("LN-I02", "LN", date(2017, 12, 1), "", "总结", ""), ("LN-I02", "C1", date(2017, 11, 1), "", "名册", "")
    )["LN-I02"]
    assert (found.state, found.state_text) == ("overdue", "逾期 10 天")
    one = next(unit for unit in found.units if unit.unit_code == "C1")
    assert (one.value, one.done_on, one.documents) == ("65%; 2017-11-01 完成", date(2017, 11, 1), ("名册",))
    three = reported(("LN-I02", "C3", date(2017, 12, 1), "", "总结", ""))["LN-I02"]
    assert "示例三市 57%" in three.progress_text


def test_a_report_says_more_than_a_no() -> None:
    # the province reported 0 as the day of LN-D05; what it reports later of the same duty counts
    found = reported(("LN-D05", "LN", date(2018, 1, 5), "", "名单", ""))["LN-D05"]
    assert found.state_text == "已完成 (2018-01-05, 晚 5 天)"


def test_the_whole_region_speaks_for_those_of_whom_nothing_is_known() -> None:
    ask = {
        "id": "X-I",
        "title": "事",
        "cite": {"clause": "一"},
        "indicator": "reported",
        "subject": "市",
        "params": {"metric": "mechanism_established"},
        "unit": "是否",
        "op": "=",
        "target": "1",
        "deadline": date(2017, 12, 31),
    }
    rules = {"indicators": [PackIndicator.model_validate(ask)], "milestones": []}
    nobody = reported(**rules)["X-I"]
    assert (nobody.state, nobody.shown, nobody.state_text) == ("overdue", "past", "未填报, 期限已过 10 天")
    whole = reported(("X-I", "LN", date(2017, 10, 1), "", "", ""), **rules)["X-I"]
    assert whole.state_text == "已完成 (2017-10-01)"
    part = reported(("X-I", "C1", date(2017, 10, 1), "", "", ""), **rules)["X-I"]
    assert (part.state, part.share_text) == ("overdue", "1/7")
    assert (part.shown, part.state_text) == ("past", "部分未填报, 期限已过 10 天")


def test_milestones_of_reported_duties() -> None:
    stone = {"id": "X-S", "title": "齐备", "cite": {"clause": "一"}, "deadline": date(2017, 12, 31)}
    two = {"milestones": [PackMilestone.model_validate(stone | {"rules": ["LN-D01", "LN-D02"]})]}
    first = ("LN-D01", "LN", date(2017, 5, 1), "", "", "")
    assert reported(**two)["X-S"].state_text == "未填报, 期限已过 10 天"
    half = reported(first, **two)["X-S"]
    assert (half.state_text, half.notes) == ("部分未填报, 期限已过 10 天", ("未填报: LN-D02",))
    both = reported(first, ("LN-D02", "LN", date(2017, 6, 1), "", "", ""), **two)["X-S"]
    assert (both.state, both.notes) == ("done", ("依据: LN-D01, LN-D02",))
    assert both.owner == "规划信息处、基层卫生处、医政医管处、中医处"  # those who answer for the two duties, each once
    alone = {"milestones": [PackMilestone.model_validate(stone)]}
    own = ("X-S", "LN", date(2017, 12, 30), "", "", "")
    assert reported(own, **alone)["X-S"].state_text == "已完成 (2017-12-30)"
    # where none of the rules is reported, the report of the milestone itself is what is known
    assert reported(own, **two)["X-S"].state == "done"
    assert reported(own, first, **two)["X-S"].state == "overdue"


def test_trends_are_shown_where_they_are_reported() -> None:
    found = reported(("LN-T01", "LN", date(2017, 12, 1), "", "", ""))
    assert (found["LN-T01"].kind, found["LN-T01"].state) == ("trend", "done")


def test_trends_and_named_items_are_listed_by_id_though_nobody_reports_them() -> None:
    pack = loaded().packs["liaoning-2017"]
    found = reported(trends=pack.trends, named=pack.named)
    silent = found["LN-T01"]
    assert (silent.kind, silent.state_text, silent.cite) == ("trend", "未填报", "liaoning-2017 二(一)")
    # a named item has no target: it is there with its clause, and neither done nor not
    named = found["LN-N01"]
    assert (named.kind, named.shown, named.notes) == ("named", "named", ("方案没有评分项用到",))
    assert named.state_text == "点名未定目标, 不判完成"


def test_the_counts_keep_what_nobody_reported_apart() -> None:
    made = ledger(date(2018, 1, 10))
    unreported = sum(line.shown == "unreported" for line in made.lines)
    assert f"未填报, 没有期限 {unreported}" in made.summary
    assert made.unreported["not_due"] == unreported
    assert sum(int(part.rpartition(" ")[2]) for part in made.summary.split("; ")) == len(made.lines)


# ── targets that ended ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("day", "state", "said"),
    [
        (date(2025, 12, 31), "not_applicable", "尚未开始 (2026-01-01 起)"),
        (date(2026, 9, 30), "overdue", ""),  # T1 has 40 of 100, below 0.8
        (date(2026, 10, 1), "not_applicable", "已终止 (2026-10-01 起)"),
    ],
)
def test_a_rule_that_has_ended_is_not_overdue(tmp_path: Path, day: date, state: str, said: str) -> None:
    home = tmp_path / "small"
    shutil.copytree(SMALL, home)
    with (home / "packs" / "small-pack.yaml").open("a", encoding="utf-8") as file:
        file.write(DATED.replace('op: ">="', 'op: ">="\n    deadline: 2025-06-30'))
    found = load(load_configs(), home / "plan.yaml", day, money=False)
    when = Period.parse("2026Q3")
    figures = read(home / "data", load_configs().catalogue, found.plan, when, found.packs)
    made = make_ledger(found.plan, found.packs, figures, load_configs().catalogue, day, when)
    line = next(one for one in made.lines if one.id == "S1")
    assert (line.state, "; ".join(line.notes)) == (state, said)


def test_a_rule_that_never_had_a_number_is_not_overdue() -> None:
    rules = [rule for rule in loaded().packs["liaoning-2017"].indicators if rule.id == "LN-I02"]
    bare = {"indicators": [rules[0].model_copy(update={"target": None})], "milestones": []}
    found = reported(**bare)["LN-I02"]
    assert (found.state, found.notes, found.demand) == ("not_applicable", ("没有给数",), "没有给数")
    assert reported(("LN-I02", "LN", date(2017, 12, 1), "", "", ""), **bare)["LN-I02"].state == "done"


def test_a_pack_may_not_say_itself_what_has_ended(tmp_path: Path) -> None:
    text = (SMALL / "packs" / "small-pack.yaml").read_text(encoding="utf-8")
    (tmp_path / "p.yaml").write_text(text + "without_target: {}\n", encoding="utf-8")
    with pytest.raises(InputProblems, match="FIELD-UNKNOWN"):
        load_pack(load_configs(), tmp_path / "p.yaml")
