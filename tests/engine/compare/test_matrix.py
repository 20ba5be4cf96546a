"""What stands between packs: the matrix, the comparison, and targets that change while a pack is in use."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api import cli
from domain.pack import Pack, PackDuty, PackIndicator, PackMilestone, PackMoney, PackNamed, PackPrice, PackTrend
from domain.period import Period
from domain.problems import InputProblems
from engine.compare.diff import WORDS, diff
from engine.compare.matrix import matrix, write_matrix
from engine.folder.execute import execute
from engine.policy.configs import load_configs
from engine.policy.files import read_pack
from engine.policy.load import check_pack_file

SMALL = Path(__file__).parents[1] / "small"
HEAD = {"number": None, "issuer": "某局", "level": "市", "region": "330000", "status": "in_force"}


def rule(name: str, code: str = "posting_coverage", **fields: Any) -> dict[str, Any]:
    given = {"op": ">=", "target": "0.5", "unit": "%", "subject": "区", "indicator": code, "title": f"规则 {name}"}
    return {"id": name, "cite": {"clause": "一"}, **given, **fields}


def pack(name: str = "甲", **sections: Any) -> Pack:
    return Pack.model_validate({"id": name, "title": f"文件{name}", **HEAD, **sections})


def entry(name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "title": f"条目 {name}", "cite": {"clause": "二"}, **fields}


# ── the matrix ────────────────────────────────────────────────────────────────────────────────────────────


def cells(*packs: Pack) -> dict[str, list[list[str]]]:
    table = matrix(packs)
    return {row.title: [row.text(one.id) for one in table.packs] for row in table.rows}


def test_one_row_per_quantity() -> None:
    a = pack(
        "甲",
        indicators=[
            rule("A1", deadline=date(2024, 6, 30)),
            rule("A2", "reserve_rate", params={"resource": "slots"}, recommended=True, ambiguity="没有写明"),
            rule("A3", "reserve_rate", params={"resource": "beds"}, op="between", target="0.1", upper="0.2"),
            rule("A4", "reported", params={"metric": "mechanism_established"}, op="=", target="1", unit="是否"),
        ],
        trends=[entry("A5", direction="up", indicator="grassroots_visit_share")],
        named=[entry("A6", title="资源下沉")],
    )
    b = pack(
        "乙",
        indicators=[rule("B1", target=None), rule("B2", "reserve_rate", params={"resource": "slots"}, op="approx")],
        trends=[entry("B3", direction="down", title="资源下沉")],
        named=[entry("B4", indicator="grassroots_visit_share"), entry("B5", indicator="bed_use_rate")],
    )
    assert cells(a, b) == {
        "基层诊疗人次占比": [["A5 ↑"], ["B4 列名"]],
        "床位使用率": [[], ["B5 列名 [口径待核]"]],  # no document says how it is computed
        "派驻覆盖率": [["A1 ≥ 50%, 2024-06-30 前"], ["B1 没有给数"]],
        "填报数: 规则 A4": [["A4 须做到"], []],
        "转诊资源预留率: 规则 A3": [["A3 10% 至 20%"], []],
        "转诊资源预留率: 规则 A2": [["A2 ≥ 50% [建议性] [歧义]"], ["B2 ≈ 50%"]],
        "资源下沉": [["A6 列名"], ["B3 ↓"]],
    }


def test_whose_figure_it_is_makes_no_row_but_is_said() -> None:
    a = pack("甲", indicators=[rule("A1", "key_group_signing_rate", params={"group": "key"})])
    b = pack("乙", indicators=[rule("B1", "key_group_signing_rate", params={"group": "poor"}, title="贫困人口")])
    assert cells(a, b) == {"重点人群签约率": [["A1 规则 A1 ≥ 50%"], ["B1 贫困人口 ≥ 50%"]]}


def test_slots_of_any_kind_share_a_row_and_say_which() -> None:
    a = pack("甲", indicators=[rule("A1", "reserve_rate", params={"resource": "slots"}, title="专家号源")])
    b = pack(
        "乙",
        indicators=[
            rule("B1", "reserve_rate", params={"resource": "booked_slots"}, title="预约号源"),
            rule("B2", "reserve_rate", params={"resource": "beds"}, title="床位"),
        ],
    )
    assert cells(a, b) == {
        "转诊资源预留率: 床位": [[], ["B2 ≥ 50%"]],
        "转诊资源预留率: 专家号源": [["A1 专家号源 ≥ 50%"], ["B1 预约号源 ≥ 50%"]],
    }


@pytest.mark.parametrize(("name", "code"), [("m.pdf", "FILE-TYPE"), ("none/m.xlsx", "OUT-NO-FOLDER")])
def test_where_the_workbook_cannot_be_written(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(InputProblems) as refused:
        write_matrix(matrix([pack("甲")]), {}, tmp_path / name)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert list(tmp_path.iterdir()) == []


def test_money_rules_share_a_row_by_their_hook_and_duties_by_their_title() -> None:
    a = pack(
        "甲",
        money=[entry("A1", hook="two_permits", title="两个允许", scope="政府办基层"), entry("A2", hook="pay_gap")],
        duties=[entry("A3", evidence="章程", title="章程", deadline=date(2025, 1, 1), deadline_stated=False)],
    )
    b = pack(
        "乙",
        money=[entry("B1", hook="two_permits", title="突破调控水平", scope="区镇", ambiguity="范围没有写明")],
        duties=[entry("B2", evidence="章程", title="章程", every="quarter")],
    )
    assert cells(a, b) == {
        "条目 A2": [["A2 有"], []],
        "两个允许": [["A1 两个允许 范围: 政府办基层"], ["B1 突破调控水平 范围: 区镇 [歧义]"]],
    }
    table = matrix([a, b], duties=True)
    assert [row.section for row in table.rows] == ["money", "money", "duties"]
    assert [table.rows[-1].text(name) for name in ("甲", "乙")] == [
        ["A3 2025-01-01 前 (文件没有写期限, 按年度任务)"],
        ["B2 每季度"],
    ]
    rows = table.as_json()["rows"]
    assert [(row["section"], row["indicator"], row["hook"]) for row in rows] == [
        ("money", None, "pay_gap"),
        ("money", None, "two_permits"),
        ("duties", None, None),
    ]
    assert rows[1]["cells"]["甲"][0]["scope"] == "政府办基层"


def test_the_workbook(tmp_path: Path) -> None:
    table = matrix([pack("甲", indicators=[rule("A1")], named=[entry("A2", title="=1+1")]), pack("乙")])
    for name in ("one.xlsx", "two.xlsx"):
        write_matrix(table, load_configs().hooks, tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    sheet = openpyxl.load_workbook(tmp_path / "one.xlsx").active
    assert sheet is not None
    said = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    assert ["派驻覆盖率\nposting_coverage", "A1 ≥ 50%"] in [row[:2] for row in said]
    assert ["指标", "甲", "乙"] in said
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}  # 'f' would be a formula
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    assert sheet.print_title_rows is not None


# ── the comparison ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mine", "other", "what"),
    [
        ({"target": "0.5"}, {"target": "0.6"}, ["stricter"]),
        ({"target": "0.5"}, {"target": "0.4"}, ["looser"]),
        ({"op": "<=", "target": "2"}, {"op": "<=", "target": "1"}, ["stricter"]),
        ({"op": "<=", "target": "2"}, {"op": "<=", "target": "3"}, ["looser"]),
        ({"op": "between", "target": "1", "upper": "4"}, {"op": "between", "target": "2", "upper": "4"}, ["stricter"]),
        ({"op": "between", "target": "2", "upper": "3"}, {"op": "between", "target": "1", "upper": "3"}, ["looser"]),
        ({"op": "between", "target": "1", "upper": "3"}, {"op": "between", "target": "2", "upper": "4"}, ["different"]),
        ({"target": None}, {"target": "0.4"}, ["stricter"]),
        ({"target": "0.4"}, {"target": None}, ["looser"]),
        ({"op": ">="}, {"op": "="}, ["different"]),
        ({"unit": "%"}, {"unit": "个"}, ["different"]),
        ({"params": {"tiers": ["township"]}}, {"params": {"tiers": ["community"]}}, ["different"]),
        # tiers: [township, community] is what leaving them out means
        ({"params": {"tiers": ["township", "community"]}}, {"target": "0.6"}, ["stricter"]),
        ({"recommended": True}, {}, ["stricter"]),
        ({}, {"recommended": True}, ["looser"]),
        ({"recommended": True}, {"target": "0.6"}, ["different"]),
        ({"deadline": date(2024, 1, 1)}, {"deadline": date(2025, 1, 1)}, ["later"]),
        ({}, {"deadline": date(2025, 1, 1)}, ["earlier"]),
        ({"target": "0.5"}, {"target": "0.6", "deadline": date(2025, 1, 1)}, ["stricter", "earlier"]),
        ({}, {"subject": "市", "title": "别名", "cite": {"clause": "九"}}, ["reworded"]),
        ({"target": [{"from": date(2026, 1, 1), "value": "1"}]}, {"target": "1"}, ["different"]),
    ],
)
def test_how_the_second_stands_to_the_first(mine: dict[str, Any], other: dict[str, Any], what: list[str]) -> None:
    changes = diff(pack("甲", indicators=[rule("A1", **mine)]), pack("乙", indicators=[rule("B1", **other)]))
    assert [list(change.what) for change in changes] == [what]


def test_two_documents_section_by_section() -> None:
    a = pack(
        "甲",
        indicators=[rule("A1"), rule("A2", "alliance_count", unit="个", target="2")],
        duties=[entry("A3", title="章程", evidence="章程"), entry("A4", evidence="名单")],
        money=[entry("A5", hook="two_permits", scope="区镇两级"), entry("A6", hook="pay_gap")],
    )
    b = pack(
        "乙",
        trends=[entry("B1", direction="up", indicator="alliance_count")],
        indicators=[rule("B2", title="规则 A1")],
        duties=[entry("B3", title="章程", evidence="章程", deadline=date(2025, 1, 1))],
        money=[entry("B5", hook="two_permits", scope="政府办基层"), entry("B6", hook="head_salary")],
        prices=[entry("B7", amount="60.00", unit="次")],
    )
    assert [(one.section, one.key, one.what, one.a, one.b) for one in diff(a, b)] == [
        ("indicators", "posting_coverage", ("same",), ("A1",), ("B2",)),
        ("indicators", "alliance_count", ("different",), ("A2",), ("B1",)),
        ("duties", "章程", ("earlier",), ("A3",), ("B3",)),
        ("duties", "条目 A4", ("only_a",), ("A4",), ()),
        ("money", "two_permits", ("different",), ("A5",), ("B5",)),
        ("money", "pay_gap", ("only_a",), ("A6",), ()),
        ("money", "head_salary", ("only_b",), (), ("B6",)),
        ("prices", "条目 B7", ("only_b",), (), ("B7",)),
    ]
    permits = next(one for one in diff(a, b) if one.key == "two_permits")
    assert (permits.a_says, permits.b_says) == ("A5 范围: 区镇两级 (二)", "B5 范围: 政府办基层 (二)")
    assert diff(a, b)[-1].b_says == "B7 60.00 元/次 (二)"


def test_the_one_number_of_each_side_is_compared() -> None:
    named = entry("A2", indicator="posting_coverage")
    a = pack("甲", indicators=[rule("A1")], named=[named])
    change = diff(a, pack("乙", indicators=[rule("B1", target="1")]))[0]
    assert (change.a, change.what) == (("A1", "A2"), ("stricter",))
    both = pack("乙", indicators=[rule("B1", target="1"), rule("B2", target="0.2")])
    assert diff(a, both)[0].what == ("different",)  # which of the two would be compared?


MIRROR = {"only_a": "only_b", "stricter": "looser", "earlier": "later"}
MIRROR |= {other: one for one, other in MIRROR.items()}


def test_the_shipped_documents_compare_alike_from_both_sides() -> None:
    packs = [read_pack(load_configs(), path) for path in load_configs().packs.values()]
    for a, b in combinations(packs, 2):
        there = {(one.section, one.key): {MIRROR.get(what, what) for what in one.what} for one in diff(b, a)}
        assert {(one.section, one.key): set(one.what) for one in diff(a, b)} == there
        held = {name for one in diff(a, b) for name in (*one.a, *one.b)}
        assert held == {one.id for side in (a, b) for one in side.entries()}


def test_two_versions_of_one_pack() -> None:
    old = pack(indicators=[rule("A1"), rule("A2"), rule("A3")], money=[entry("A4", hook="pay_gap")])
    new = pack(
        status="repealed",
        indicators=[rule("A1", target="0.7"), rule("A2", owner="区政府"), rule("A5")],
        money=[entry("A4", hook="pay_gap", params={"most": 3})],
    )
    assert [(one.section, one.key, one.what, one.fields) for one in diff(old, new)] == [
        ("head", "status", ("different",), ("status",)),
        ("indicators", "A1", ("stricter",), ("target",)),
        ("indicators", "A2", ("reworded",), ("owner",)),
        ("indicators", "A3", ("only_a",), ()),
        ("indicators", "A5", ("only_b",), ()),
        ("money", "A4", ("different",), ("params",)),
    ]
    assert {what for one in diff(old, old) for what in one.what} == {"same"}


def test_every_field_that_can_differ_has_a_word() -> None:
    kinds = (PackIndicator, PackTrend, PackNamed, PackDuty, PackMoney, PackPrice, PackMilestone)
    assert {name for kind in kinds for name in kind.model_fields} - {"id", "at"} - WORDS.keys() == set()


# ── the commands ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def call(*words: str, code: int = 0) -> str:
        assert cli.main([*words]) == code
        captured = capsys.readouterr()
        return captured.err if code else captured.out

    return call


def test_matrix_command(said: Callable[..., str], tmp_path: Path) -> None:
    lines = said("pack", "matrix", "tianjin-2024").splitlines()
    assert lines[1] == "指标\t名称\ttianjin-2024"
    assert "posting_coverage\t派驻覆盖率\tTJ-I03 ≥ 100%, 2024-06-30 前" in lines
    answer = json.loads(said("pack", "matrix", "tianjin-2024", "--json"))
    row = next(row for row in answer["rows"] if row["indicator"] == "centre_coverage")
    assert (row["params"], row["cells"]["tianjin-2024"][0]["target"]) == ({"centre": "imaging"}, "0.5")
    assert said("pack", "matrix", "--out", str(tmp_path / "m.xlsx")) == f"已写出 {tmp_path / 'm.xlsx'}\n"
    assert (tmp_path / "m.xlsx").stat().st_size > 0


def test_diff_command(said: Callable[..., str], tmp_path: Path) -> None:
    text = (SMALL / "packs" / "small-pack.yaml").read_text(encoding="utf-8")
    rules = (
        "indicators:\n  - {id: S1, title: 满意度, cite: {clause: 一}, indicator: satisfaction, params: {who: resident},"
    )
    rules += ' subject: 县, unit: "%", op: ">=", target: "0.8"}\n'
    (tmp_path / "old.yaml").write_text(text + rules, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(text + rules.replace("0.8", "0.9"), encoding="utf-8")
    old, new = str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")
    assert "满意度\tS1 满意度: ≥ 80% (一)\tS1 满意度: ≥ 90% (一)\t乙更严 (目标值)" in said("pack", "diff", old, new)
    assert json.loads(said("pack", "diff", old, new, "--json"))["changes"][0]["what"] == ["stricter"]
    assert said("pack", "diff", old, old).endswith("相同 1 项, 不同 0 项\n")
    # both are the same demand only as far as is known: no document says how they are computed
    lines = said("pack", "diff", "monitor-2020", "monitor-2024").splitlines()
    pair = next(line for line in lines if line.startswith("医保基金县域内支出占比"))
    assert pair.count("[口径待核]") == 2
    assert "--day" in said("pack", "diff", old, new, "--day", "明天", code=2)


# ── a target that changes while the pack is in use ────────────────────────────────────────────────────────

DATED = """
indicators:
  - id: S1
    title: 群众满意度
    cite: {clause: 第三条}
    indicator: reported_ratio
    params: {numerator: [resident_satisfaction_score], denominator: [resident_satisfaction_full]}
    subject: 成员
    unit: "%"
    op: ">="
    target:
      - {from: 2026-01-01, value: "0.5"}
      - {from: 2026-07-01, value: "0.8"}
      - {from: 2026-10-01, value: null}
"""


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """The small plan, its members scored by a rule of the pack with a dated target."""
    home = tmp_path / "small"
    shutil.copytree(SMALL, home)
    with (home / "packs" / "small-pack.yaml").open("a", encoding="utf-8") as file:
        file.write(DATED)
    plan = (home / "plan.yaml").read_text(encoding="utf-8")
    before = """            indicator: satisfied
            points: "100"
            curve: {use: attainment, params: {target: "0.8"}}
            source: {document: small-pack, clause: 第三条}"""
    assert before in plan
    after = """            indicator: reported_ratio
            params: {numerator: [resident_satisfaction_score], denominator: [resident_satisfaction_full]}
            rule: small-pack:S1
            points: "100"
            curve: {use: attainment}
            source: {document: small-pack, clause: 第三条}"""
    (home / "plan.yaml").write_text(plan.replace(before, after), encoding="utf-8")
    return home


def test_what_a_dated_target_is_called(dated: Path, said: Callable[..., str]) -> None:
    path = str(dated / "packs" / "small-pack.yaml")
    assert "S1 2026-01-01 起 ≥ 50%; 2026-07-01 起 ≥ 80%; 2026-10-01 起终止" in said("pack", "matrix", path)
    assert "\tS1 ≥ 80%\n" in said("pack", "matrix", path, "--day", "2026-09-30")
    assert "\tS1 没有给数\n" in said("pack", "matrix", path, "--day", "2026-10-01")


def scores(home: Path, period: str) -> dict[str, str]:
    """The members' scores, with the third quarter's data as those of `period`."""
    for name in ("facts.csv", "money.csv"):
        text = (SMALL / "data" / name).read_text(encoding="utf-8")
        (home / "data" / name).write_text(text.replace("2026Q3", period), encoding="utf-8")
    execute(load_configs(), home / "plan.yaml", home / "data", Period.parse(period), home / period)
    with (home / period / "totals.csv").open(encoding="utf-8", newline="") as file:
        return {row["unit_code"]: row["score"] for row in csv.DictReader(file) if row["scorecard"] == "members"}


def test_a_period_takes_the_target_in_force_on_its_last_day(dated: Path) -> None:
    # H1 80, T1 40 of 100. Until 30 June the target is 0.5: 80 ≥ 50 → 100, 40/50 → 80 points.
    second = scores(dated, "2026Q2")
    assert (second["H1"], second["T1"]) == ("100", "80")
    # from 1 July it is 0.8: 100 and 40/80 → 50 points
    third = scores(dated, "2026Q3")
    assert (third["H1"], third["T1"]) == ("100", "50")


def test_a_target_that_has_ended_is_not_used_and_not_guessed(dated: Path) -> None:
    # `value: null` ends it on 1 October: the curve has no target any more, and the plan must say one or drop the item
    with pytest.raises(InputProblems) as caught:
        scores(dated, "2026Q4")
    said = [problem for problem in caught.value.problems if problem.code == "RULE-NO-TARGET"]
    assert ["规则 small-pack:S1 当日没有目标值" in problem.message for problem in said] == [True]
    check_pack_file(load_configs(), dated / "packs" / "small-pack.yaml")  # the pack itself stays valid on every day
