"""The Tianjin pack: every rule of the draft is there, with its clause, and no number that the text does not print."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pytest

from domain.pack import Pack
from engine.policy.configs import load_configs
from engine.policy.load import load_pack

# clause as printed, operator and target; None where the text names no deadline
NUMERIC = {
    "TJ-I01": ("二(一), 附件 1", "=", "1", date(2024, 6, 30)),
    "TJ-I02": ("二(一), 附件 2", ">=", "1", date(2024, 6, 30)),
    "TJ-I03": ("二(一), 附件 3", ">=", "1", date(2024, 6, 30)),
    "TJ-I04": ("二(一), 附件 4", "=", "1", date(2024, 6, 30)),
    "TJ-I05": ("二(一), 附件 5", ">=", "0.5", date(2024, 12, 31)),
    "TJ-I06": ("二(一), 附件 6", ">=", "1", date(2024, 12, 31)),
    "TJ-I07": ("二(一), 附件 7", ">=", "1", date(2024, 12, 31)),
    "TJ-I08": ("三(一)3", ">=", "3", None),
    "TJ-I09": ("三(二)8", ">=", "1", None),
    "TJ-I10": ("三(一)4", ">=", "1", None),
    "TJ-I11": ("三(三)12", ">=", "0.2", None),
    "TJ-I11b": ("三(三)12", ">=", "0.2", None),
    "TJ-I11c": ("三(三)12", ">=", "0.2", None),
    "TJ-I12": ("三(一)4", ">=", "1", None),
    "TJ-I13": ("三(四)18", ">=", "1", None),
    "TJ-I14": ("三(二)6", ">=", "1", None),
    "TJ-I15": ("三(三)12", ">=", "1", None),
    "TJ-I16": ("三(一)2", ">=", "2", None),
    "TJ-I17": ("三(一)2", ">=", "2", None),
}
MONEY = {
    "TJ-M01": "三(二)7",
    "TJ-M02": "三(二)7",
    "TJ-M03": "三(四)17",
    "TJ-M04": "三(四)17",
    "TJ-M05": "三(四)17",
    "TJ-M06": "三(四)17",
    "TJ-M07": "三(四)18",
    "TJ-M08": "三(四)18",
    "TJ-M09": "三(四)16",
    "TJ-M10": "三(二)8",
    # 公卫和基药补助, 医保与公卫资金衔接, 健康管理导向的激励, 一般诊疗费
    "TJ-M11": "三(四)16",
    "TJ-M12": "三(三)14",
    "TJ-M13": "三(四)18",
    "TJ-M14": "三(四)19",
}
TIMETABLE = {
    1: (date(2024, 6, 30), ["TJ-I01"]),
    2: (date(2024, 6, 30), ["TJ-I02"]),
    3: (date(2024, 6, 30), ["TJ-I03"]),
    4: (date(2024, 6, 30), ["TJ-I04"]),
    5: (date(2024, 12, 31), ["TJ-I05"]),
    6: (date(2024, 12, 31), ["TJ-I06"]),
    7: (date(2024, 12, 31), ["TJ-I07"]),
    8: (date(2025, 12, 31), []),
    9: (date(2027, 12, 31), []),
}


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(load_configs(), "tianjin-2024")


def test_what_it_is(pack: Pack) -> None:
    assert (pack.status, pack.number, pack.announced) == ("draft", None, date(2024, 4, 8))
    assert (pack.effective_from, pack.effective_to, pack.region) == (None, None, "120000")


def test_numeric_targets(pack: Pack) -> None:
    found = {rule.id: (rule.cite.clause, rule.op, rule.target, rule.deadline) for rule in pack.indicators}
    assert found == {key: (clause, op, Fraction(target), day) for key, (clause, op, target, day) in NUMERIC.items()}


def test_recommendations_are_marked(pack: Pack) -> None:
    # 一般应 (常驻时长, 牵头医院级别) and 可 (医共体个数) do not demand
    assert {rule.id for rule in pack.indicators if rule.recommended} == {"TJ-I10", "TJ-I16", "TJ-I17"}


def test_imaging_counts_township_hospitals_only(pack: Pack) -> None:
    rule = next(rule for rule in pack.indicators if rule.id == "TJ-I05")
    assert (rule.indicator, rule.params) == ("centre_coverage", {"centre": "imaging", "tiers": ["township"]})


def test_reserved_resources_are_three_ratios(pack: Pack) -> None:
    rules = [rule for rule in pack.indicators if rule.id.startswith("TJ-I11")]
    assert [rule.params["resource"] for rule in rules] == ["slots", "beds", "exams"]


def test_money_rules(pack: Pack) -> None:
    found = {rule.id: rule.cite.clause for rule in pack.money}
    assert {key: found[key] for key in MONEY} == MONEY


def test_scope_of_the_permits_and_of_the_tilt(pack: Pack) -> None:
    scopes = {rule.hook: rule.scope or "" for rule in pack.money}
    assert "区镇两级" in scopes["two_permits"]
    assert "签约" in scopes["signing_tilt"]
    assert "基层" in scopes["signing_tilt"]


def test_timetable_rows_stay_apart(pack: Pack) -> None:
    found = {row.cite.clause: (row.deadline, row.rules) for row in pack.milestones}
    assert found == {f"附件 {row}": expected for row, expected in TIMETABLE.items()}


WORDS = {
    "trends": "诊疗量占比 签约覆盖率 电子健康档案使用率 服务性收入 价格差 使用效能 岗位比例 财政 成本 "
    "获得感 服务水平 老年人 急救",
    "named": "资源下沉 巡诊派驻 签约服务 慢性病 成本控制 年度任务 获得感 疾病诊断质量 漏报",
    "duties": "法人资格 按岗聘用 区管镇用 提名 涉农区 自愿 药品和医疗器械 延伸举办 疾控监督员 内部审计 七方面 内部监督 "
    "非营利性 流程与标准 一体化服务 投入政策 人才引进 智能辅助诊疗",
}


@pytest.mark.parametrize("section", WORDS)
def test_rows_without_a_number(pack: Pack, section: str) -> None:
    titles = [entry.title for entry in getattr(pack, section)]
    assert [word for word in WORDS[section].split() if not any(word in title for title in titles)] == []


def test_every_entry_cites_a_clause_of_the_document(pack: Pack) -> None:
    printed = re.compile(r"前言|(一|二|三|四)(\((一|二|三|四)\)([1-9]|1[0-9])?)?|附件 [1-9]")
    wrong = [
        entry.id
        for entry in pack.entries()
        if not all(printed.fullmatch(part) for part in entry.cite.clause.split(", "))
    ]
    assert wrong == []
    # 19 measures are numbered through the four sections of part 三: 5, 4, 6, 4
    last = {"一": range(1, 6), "二": range(6, 10), "三": range(10, 16), "四": range(16, 20)}
    measures = [match for entry in pack.entries() if (match := re.fullmatch(r"三\((.)\)(\d+)", entry.cite.clause))]
    assert [match[0] for match in measures if int(match[2]) not in last[match[1]]] == []
    assert {int(match[2]) for match in measures} == set(range(1, 20))


def test_it_has_no_number_of_its_own(pack: Pack) -> None:
    # the draft prints no share, weight or price; money rules may name sources and uses, never amounts
    assert pack.prices == []
    assert not any(re.search(r"\d", str(rule.params)) for rule in pack.money)


def test_every_indicator_has_a_number_the_text_gives_or_says_why_not(pack: Pack) -> None:
    unclear = {rule.id for rule in pack.indicators if rule.ambiguity}
    assert unclear == {"TJ-I06", "TJ-I07", "TJ-I10", "TJ-I13", "TJ-I17"}
