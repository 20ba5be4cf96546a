"""What the check of a plan points out: duties of others that are scored, and what of the packs no scorecard uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from api import cli
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.policy.notes import notes

PLANS = Path(__file__).parents[3] / "configs" / "plans"
DAYS = {"demo-county": date(2026, 9, 30), "demo-jilin": date(2018, 12, 31), "demo-beijing": date(2022, 12, 31)}


def told(plan: str, folder: Path, change: Callable[[str], str] = str) -> list[tuple[str, str]]:
    """(code, message) of the notes on a shipped plan once its text is changed."""
    path, configs = folder / f"{plan}.yaml", load_configs()
    path.write_text(change((PLANS / path.name).read_text(encoding="utf-8")), encoding="utf-8")
    loaded = load(configs, path, DAYS[plan])
    return [(one.code, one.message) for one in notes(configs.document(path), loaded.plan, loaded.packs)]


@pytest.mark.parametrize("plan", DAYS)
def test_no_shipped_plan_scores_the_duty_of_others(plan: str, tmp_path: Path) -> None:
    assert [said for code, said in told(plan, tmp_path) if code == "OWNER-OTHER"] == []


@pytest.mark.parametrize(
    ("plan", "changes", "said"),
    [
        (
            "demo-county",
            {'TJ-I09", points: "4", tiers: [lead]': 'TJ-I09", points: "4", tiers: [lead, township]'},
            "评分表 member 的 M01 考核乡镇卫生院, 而 tianjin-2024:TJ-I09 是牵头医院的任务",
        ),
        (  # without tiers of its own an item is for all of the card
            "demo-county",
            {'TJ-I09", points: "4", tiers: [lead]': 'TJ-I09", points: "4"'},
            "评分表 member 的 M01 考核县级医院、乡镇卫生院、社区卫生服务中心, 而 tianjin-2024:TJ-I09 是牵头医院的任务",
        ),
        (  # an alliance answers for nobody outside it
            "demo-county",
            {'TJ-I08", points: "0"': 'TJ-I08", points: "5"', 'TJ-I04", points: "10"': 'TJ-I04", points: "5"'},
            "评分表 external 的 X01 考核医联体, 而 tianjin-2024:TJ-I08 是医联体之外的机构的任务",
        ),
        (
            "demo-jilin",
            {'JL-I09", points: "15", tiers: [city, county]': 'JL-I09", points: "15", tiers: [township]'},
            "评分表 member 的 B04 考核乡镇卫生院, 而 jilin-city-2017:JL-I09 是省级医院、市级医院、县级医院的任务",
        ),
    ],
)
def test_the_duty_of_others_is_told(plan: str, changes: Mapping[str, str], said: str, tmp_path: Path) -> None:
    def change(text: str) -> str:
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        return text

    assert [one for code, one in told(plan, tmp_path, change) if code == "OWNER-OTHER"] == [said]


def test_what_no_card_uses_is_told_by_id(tmp_path: Path) -> None:
    found = [said for code, said in told("demo-jilin", tmp_path) if code == "PACK-UNUSED"]
    # JL-T01 is what N02 computes, JL-N04 what N04 does
    assert found == ["jilin-city-2017 的趋势没有评分项用到: JL-T02, JL-T03, JL-T04"]

    def dropped(text: str) -> str:
        rule = ', rule: "jilin-city-2017:JL-I15", points: "5", tiers: [township, community], curve: {use: attainment}'
        curve = '{use: attainment, params: {target: "3"}, source: local}'
        own = f', points: "5", tiers: [township, community], curve: {curve}'
        assert rule in text
        return text.replace(rule, own)

    assert ("PACK-UNUSED", "jilin-city-2017 的指标没有评分项用到: JL-I15") in told("demo-jilin", tmp_path, dropped)


def test_the_command_prints_notes_and_refuses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["plan", "check", "demo-jilin", "--on", "2018-12-31"]) == 0
    said = capsys.readouterr().out
    assert "注意: " in said
    assert "demo-jilin.yaml:12: jilin-city-2017 的趋势没有评分项用到: JL-T02, JL-T03, JL-T04" in said
    assert "PACK-UNUSED" in said


def test_what_a_batch_will_want_and_the_plan_does_not_say_is_told_at_its_id(tmp_path: Path) -> None:
    def silent(text: str) -> str:
        text = text.replace("deadlines: {report: 10, confirm: 5, objection: 5, disclosure: 5, source: local}\n", "")
        return text.replace("silence_confirms: {value: true, source: local}\n", "")

    assert [said for code, said in told("demo-county", tmp_path) if code == "PLAN-SILENT"] == []
    assert [said for code, said in told("demo-county", tmp_path, silent) if code == "PLAN-SILENT"] == [
        (
            "方案没有写 deadlines.report (填报的工作日), deadlines.confirm (成员单位确认得分的工作日), "
            "silence_confirms (逾期不答复是否视同确认得分), deadlines.objection (答复异议的工作日), "
            "deadlines.disclosure (公示的工作日)"
        )
    ]
