"""The task ledger: states by hand, units, evidence, and the files it is written to."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from api import cli
from domain.facts import Facts
from domain.pack import PackMilestone, PackTrend
from domain.period import Period
from domain.plan import Item
from domain.problems import InputProblems
from engine.ledger.lines import Ledger, Line, UnitLine, table
from engine.ledger.make import _trend, make_ledger
from engine.ledger.picture import draw_ledger
from engine.ledger.sheet import ledger_workbook
from engine.policy.configs import load_configs
from engine.policy.entries import given_pack
from engine.policy.files import read_pack
from engine.policy.given import given_item
from engine.policy.load import Loaded, load
from engine.read import read
from engine.run.say import Speaker

INPUT = Path(__file__).parents[3] / "examples" / "liaoning-2017" / "2017.xlsx"
YEAR = Period.parse("2017")


@cache
def loaded() -> Loaded:
    return load(load_configs(), "demo-liaoning", date(2017, 12, 31))


@cache
def facts() -> Facts:
    return read(INPUT, load_configs().catalogue, loaded().plan, YEAR)


@cache
def ledger(day: date, within: int = 30) -> Ledger:
    found = loaded()
    cautions = Speaker().warnings(found.warnings)
    return make_ledger(
        found.plan, found.packs, facts(), load_configs().catalogue, day, YEAR, within=within, warnings=cautions
    )


def line(rule: str, day: date, within: int = 30) -> Line:
    return next(one for one in ledger(day, within).lines if one.id == rule)


def test_a_city_that_did_not_report_stays_in_the_ledger() -> None:
    found, given = loaded(), facts()
    less = replace(given, facts=given.facts[given.facts["unit_code"] != "C5"].reset_index(drop=True))
    lines = make_ledger(found.plan, found.packs, less, load_configs().catalogue, date(2018, 3, 1), YEAR).lines
    said = next(one.progress_text for one in lines if one.id == "LN-I01")
    assert said == "4/6 完成; 未完成: 示例三市 27%, 示例五市 未填报"


# LN-I02 (60 % of the key groups, by 2017-12-31) is missed by two cities: 228 ÷ 400 = 57 %, 189 ÷ 350 = 54 %
@pytest.mark.parametrize(
    ("day", "state", "days", "said"),
    [
        (date(2017, 11, 1), "not_due", 60, "还有 60 天"),
        (date(2017, 12, 1), "due", 30, "还有 30 天"),
        (date(2017, 12, 31), "due", 0, "今天到期"),
        (date(2018, 1, 1), "overdue", -1, "逾期 1 天"),
        (date(2018, 3, 1), "overdue", -60, "逾期 60 天"),
    ],
)
def test_states_by_hand(day: date, state: str, days: int, said: str) -> None:
    found = line("LN-I02", day)
    assert (found.state, found.days, found.state_text) == (state, days, said)
    assert found.progress_text == "4/6 完成; 未完成: 示例三市 57%, 示例五市 54%"
    assert found.owner == "体改处、基层卫生处"
    assert found.demand == "≥ 60%"


def test_how_soon_is_asked_for() -> None:
    assert line("LN-I02", date(2017, 12, 10), 20).state == "not_due"
    assert line("LN-I02", date(2017, 12, 11), 20).state == "due"


def test_a_day_of_completion_counts_from_that_day_on() -> None:
    before, after = line("LN-D03", date(2017, 7, 13)), line("LN-D03", date(2017, 7, 14))
    assert (before.state, before.done_on) == ("not_due", None)
    assert (after.state, after.done_on) == ("done", date(2017, 7, 14))
    assert after.evidence == "印发的实施意见"
    assert after.documents == ("示例卫发〔2017〕31号",)


def test_the_last_unit_decides() -> None:
    # the fifth city's ledger came on 2018-01-05, five days late
    assert line("LN-D28", date(2018, 1, 4)).state == "overdue"
    assert line("LN-D28", date(2018, 1, 5)).state_text == "已完成 (2018-01-05, 晚 5 天)"
    assert {unit.unit_code for unit in line("LN-D28", date(2018, 1, 5)).units} == {
        "LN",
        *(f"C{at}" for at in range(1, 7)),
    }


def test_pilots_only() -> None:
    found = line("LN-I10", date(2018, 1, 1))
    assert [unit.unit_code for unit in found.units if unit.progress == "not_applicable"] == ["C3", "C4", "C6"]
    assert found.progress_text == "2/3 完成; 未完成: 示例五市 81%"


def test_the_chosen_reading_is_told() -> None:
    found = line("LN-I15", date(2018, 1, 1))
    assert found.title == "社会办医院床位占比较上年提高的百分点"
    assert (found.demand, found.notes) == ("≥ 3 个百分点", ("读法 points",))
    # 2310 ÷ 11200 − 20 % = 0.625 points, shown with two places
    assert "示例一市 0.63 个百分点" in found.progress_text


def test_milestones_look_at_their_rules() -> None:
    day = date(2018, 1, 1)
    assert line("LN-S02", day).state == "done"
    assert line("LN-S01", day).notes == ("未完成: LN-I01, LN-I02",)


def test_what_the_text_only_recommends_is_told() -> None:
    found = line("LN-I09", date(2018, 1, 1))  # 逐步实现
    assert found.notes == ("建议性",)
    # one city of six has not: that is neither late nor unmet, and the milestone that rests on it is not either
    assert (found.state, found.shown, found.state_text) == ("not_applicable", "encouraged", "文件只是鼓励, 未做到")


def test_a_milestone_does_not_wait_for_what_is_only_recommended_nor_hide_an_open_reading() -> None:
    found = loaded()
    pack = found.packs["liaoning-2017"]
    stones = [
        PackMilestone.model_validate(
            {"id": f"X-S{at}", "title": "事", "cite": {"clause": "一"}, "deadline": date(2017, 6, 30), "rules": rules}
        )
        for at, rules in enumerate((["LN-I09"], ["LN-I15"]))
    ]
    late = [
        rule.model_copy(update={"deadline": date(2017, 6, 30)}) if rule.id == "LN-I09" else rule
        for rule in pack.indicators
    ]
    unread = load(load_configs(), "demo-liaoning", date(2017, 12, 31)).plan.model_copy(update={"scorecards": []})
    raw = read_pack(load_configs(), "liaoning-2017")
    both = [rule for rule in raw.indicators if rule.id == "LN-I15"]
    assert len(both[0].readings) > 1
    kept = [rule for rule in late if rule.id != "LN-I15"] + both
    packs = {pack.id: pack.model_copy(update={"indicators": kept, "milestones": stones})}
    made = make_ledger(unread, packs, facts(), load_configs().catalogue, date(2018, 1, 1), YEAR)
    lines = {one.id: one for one in made.lines}
    assert (lines["LN-I09"].state, lines["X-S0"].state) == ("not_applicable", "not_applicable")
    one = lines["LN-I15"]
    assert (one.state, one.shown, one.state_text, one.reported) == ("unread", "unread", "读法未定", True)
    assert one.notes == ("有几种读法 (points, relative), 方案没有选",)
    assert (lines["X-S1"].state, lines["X-S1"].notes) == ("unread", ("读法未定: LN-I15",))
    assert "读法未定" in made.summary
    assert "读法未定" in draw_ledger(made, ".svg").decode("utf-8")


def test_a_city_made_of_its_districts_is_not_one_of_them() -> None:
    book = INPUT.parents[1] / "beijing-2021" / "2022.xlsx"
    found = load(load_configs(), "demo-beijing", date(2022, 12, 31), money=False)
    when = Period.parse("2022")
    given = read(book, load_configs().catalogue, found.plan, when)
    made = make_ledger(found.plan, found.packs, given, load_configs().catalogue, date(2022, 12, 31), when)
    # four districts, of which the one in the hills has not carried out the policy
    told = next(one for one in made.lines if one.id == "BJ-I01")
    assert told.progress_text == "3/4 完成; 未完成: 示例山区 0%"


def test_what_no_fact_shows_is_not_done() -> None:
    found = line("LN-D01", date(2018, 1, 1))
    assert (found.state, found.deadline, found.notes) == ("not_due", None, ())
    assert (found.reported, found.state_text, found.shown) == (False, "未填报", "unreported")


def test_order_and_completeness() -> None:
    made = ledger(date(2018, 1, 1))
    pack = loaded().packs["liaoning-2017"]
    wanted = {
        *(rule.id for rule in pack.indicators),
        *(trend.id for trend in pack.trends),
        *(one.id for one in pack.named),
        *(duty.id for duty in pack.duties),
        *(stone.id for stone in pack.milestones),
    }
    assert {one.id for one in made.lines} == wanted
    days = [one.deadline for one in made.lines]
    assert days == sorted(days, key=lambda day: day or date.max)
    assert sum(made.counts.values()) == len(made.lines)


def test_trends_and_open_milestones() -> None:
    found = loaded()
    pack = found.packs["liaoning-2017"]
    trend = PackTrend.model_validate(
        {
            "id": "X-T",
            "title": "床位",
            "cite": {"clause": "一"},
            "direction": "up",
            "indicator": "reported",
            "params": {"metric": "private_hospital_beds"},
        }
    )
    stones = [
        PackMilestone.model_validate(
            {"id": f"X-S{at}", "title": "事", "cite": {"clause": "一"}, "deadline": date(2017, 6, 30), "rules": rules}
        )
        for at, rules in enumerate((["X-T"], []))
    ]
    packs = {pack.id: given_pack(pack.model_copy(update={"trends": [trend], "milestones": stones}))}
    lines = {
        one.id: one
        for one in make_ledger(found.plan, packs, facts(), load_configs().catalogue, date(2018, 1, 1), YEAR).lines
    }
    # the province adds up its cities; every city has more private beds than the year before
    assert lines["X-S0"].state == "done"
    assert (lines["X-S1"].state, lines["X-S1"].notes) == ("overdue", ("没有可核对的规则, 由主管部门认定后填报",))
    # half a year and a day after 30 June; nobody said anything, which is not the same as late
    assert (lines["X-S1"].shown, lines["X-S1"].state_text) == ("past", "未填报, 期限已过 185 天")


@pytest.mark.parametrize(
    ("direction", "now", "progress"),
    [("up", 4, "done"), ("up", 3, "open"), ("up", 2, "open"), ("down", 2, "done"), ("down", 3, "open")],
)
def test_standing_still_keeps_to_no_direction(direction: str, now: int, progress: str) -> None:
    """The year before it was 3."""
    fields = {"id": "X-T", "title": "床位", "cite": {"clause": "一"}, "indicator": "surplus_rate"}
    trend = PackTrend.model_validate(fields | {"direction": direction})
    line = _trend(trend, None, UnitLine("C1", "甲市", "missing"), Fraction(now), Fraction(3))
    assert line.progress == progress


@pytest.mark.parametrize(
    ("needs", "item", "state"),
    [
        ([], "", "done"),
        (["min_change"], "", "overdue"),  # 明显 without a figure, and the plan says none: nothing shows that it is done
        (["min_change"], "0", "done"),
        (["min_change"], "1000000", "overdue"),  # no city has a million private beds more
    ],
)
def test_how_much_a_trend_asks_for_is_the_plans(needs: list[str], item: str, state: str) -> None:
    found = loaded()
    fields = {"indicator": "reported", "params": {"metric": "private_hospital_beds"}}
    trend = PackTrend.model_validate(
        {"id": "X-T", "title": "床位", "cite": {"clause": "一"}, "direction": "up", "needs": needs} | fields
    )
    stone = PackMilestone.model_validate(
        {"id": "X-S", "title": "事", "cite": {"clause": "一"}, "deadline": date(2017, 6, 30), "rules": ["X-T"]}
    )
    update = {"trends": [trend], "milestones": [stone]}
    packs = {name: given_pack(pack.model_copy(update=update)) for name, pack in found.packs.items()}
    plan = found.plan
    if item:
        params = {"direction": "up", "min_change": item}
        made = {"id": "X", "points": "0", "rule": "liaoning-2017:X-T", "source": "local"} | fields
        line = Item.model_validate(made | {"curve": {"use": "trend", "params": params, "source": "local"}})
        line = given_item(line)
        card = plan.scorecards[0]
        first = card.dimensions[0]
        first = first.model_copy(update={"items": [*first.items, line]})
        card = card.model_copy(update={"dimensions": [first, *card.dimensions[1:]]})
        plan = plan.model_copy(update={"scorecards": [card, *plan.scorecards[1:]]})
    made_of = make_ledger(plan, packs, facts(), load_configs().catalogue, date(2018, 1, 1), YEAR)
    told = next(one for one in made_of.lines if one.id == "X-S")
    assert told.state == state


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_workbook() -> None:
    made = ledger(date(2018, 1, 10))
    content = ledger_workbook(made)
    assert content == ledger_workbook(made)
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["任务台账", "分单位"]
    cells = [tuple(cell or "" for cell in row) for row in book["任务台账"].iter_rows(values_only=True)]
    for row in table(made):
        assert tuple(row) in cells
    assert book["任务台账"].print_title_rows


def test_the_timeline_is_the_same_each_time() -> None:
    made = ledger(date(2018, 1, 10))
    text = draw_ledger(made, ".svg")
    assert text == draw_ledger(made, ".svg")
    said = text.decode("utf-8")
    for word in ("LN-I02 重点人群家庭医生签约覆盖率", "逾期 10 天  4/6", "2018-01-10", "另有 51 项没有期限, 见台账表"):
        assert word in said
    assert draw_ledger(made, ".png").startswith(b"\x89PNG")


def test_no_timeline_without_deadlines() -> None:
    made = ledger(date(2018, 1, 10))
    bare = Ledger(
        made.plan_id, made.plan_title, made.as_of, made.period, tuple(x for x in made.lines if not x.deadline)
    )
    with pytest.raises(InputProblems, match="有期限的事项 0 项"):
        draw_ledger(bare, ".svg")


# ── the command ───────────────────────────────────────────────────────────────────────────────────────────


def call(*more: str) -> int:
    return cli.main(["ledger", "demo-liaoning", str(INPUT), *more])


def test_the_command_writes_and_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "台账.xlsx"
    assert call("--as-of", "2017-11-20", "--out", str(out)) == 0
    said = capsys.readouterr()
    assert "LN-D03\t任务\t出台家庭医生签约服务制度的实施意见" in said.out
    assert "已失效" in said.err
    assert out.read_bytes()[:2] == b"PK"
    assert call("--as-of", "2017-11-20", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert sum(answer["counts"].values()) == len(answer["lines"])
    first = answer["lines"][0]
    assert (first["id"], first["state"], first["days"], first["deadline"]) == ("LN-I01", "not_due", 41, "2017-12-31")
    assert {unit["unit"] for unit in first["units"]} == {f"C{at}" for at in range(1, 7)}
    shown = Counter(line["shown"] for line in answer["lines"])
    assert {name: count for name, count in answer["counts"].items() if count} == shown
    assert {line["state"] for line in answer["lines"] if line["shown"] == "unreported"} == {"not_due"}


def test_a_plan_without_documents_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    book = INPUT.parents[1] / "pilot-counties" / "2019.xlsx"
    assert cli.main(["ledger", "pilot-counties", str(book), "--as-of", "2019-12-31"]) == 0
    assert capsys.readouterr().out.endswith("0 项: 方案没有引用政策文件, 没有任务\n")


def test_early_in_a_year_the_figures_of_the_last_one_stand(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--as-of", "2018-01-10") == 0
    said = capsys.readouterr().out
    assert "截至 2018-01-10 (数据期间 2017)" in said
    assert "已完成 (2018-01-05, 晚 5 天)" in said
    assert call("--as-of", "2019-01-10") == 2
    assert "没有2019年的数据, 只有2016年、2017年" in capsys.readouterr().err


def test_a_quarters_workbook_is_asked_for_its_quarter(capsys: pytest.CaptureFixture[str]) -> None:
    # TJ-I06, at least one appraisal: the quarter has one; of the year the other quarters would be missing
    book = INPUT.parents[1] / "county" / "2026Q3.xlsx"
    assert cli.main(["ledger", "demo-county", str(book), "--as-of", "2026-09-30", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["period"] == "2026Q3"
    line = next(one for one in answer["lines"] if one["id"] == "TJ-I06")
    assert (line["state"], line["units"][0]["value"]) == ("done", "1 次")


def test_before_the_plan_pays_and_before_any_figure(capsys: pytest.CaptureFixture[str]) -> None:
    # the shares of the plan begin in 2025 and so do its figures; the ledger asks for neither
    book = INPUT.parents[1] / "county" / "2026Q2.xlsx"
    assert cli.main(["ledger", "demo-county", str(book), "--as-of", "2024-06-29", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    line = next(one for one in answer["lines"] if one["id"] == "TJ-I03")
    assert (line["state"], line["reported"], line["said"]) == ("due", False, "未填报, 还有 1 天")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--as-of", "2017-13-01"), "--as-of: 2017-13-01 不是日期"),
        (("--as-of", "2017-11-20", "--out", "台账.docx"), "台账只能写成 .xlsx、.svg 或 .png"),
        (("--as-of", "2017-11-20", "--out", "没有/台账.xlsx"), "OUT-NO-FOLDER"),
        (("--as-of", "2017-11-20", "--period", "二〇一七"), "--period"),
        (("--as-of", "2017-11-20", "--within", "-3"), "--within 的值不对: 不得小于 0"),
        (("--as-of", "2017-11-20", "--within", "月"), "--within 的值不对: 须为整数"),
    ],
)
def test_what_the_command_refuses(more: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(*more) == 2
    assert said in capsys.readouterr().err
