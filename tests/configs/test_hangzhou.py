"""The Xiacheng pack: every rule of the repealed document is there, with its clause, and no number of its own."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pytest

from domain.pack import Pack
from engine.policy.configs import load_configs
from engine.policy.load import load, load_pack

END = date(2020, 12, 31)
NUMERIC = {  # clause as printed, operator, target, upper end, deadline
    "HZ-I01": ("三", ">=", "0.6", None, END),
    "HZ-I02": ("三", ">=", "0.5", None, END),
    "HZ-I03": ("四(二)1", ">=", "5", None, END),
    "HZ-I04": ("四(一)2", "=", "1", None, None),
    "HZ-I05": ("四(一)2", "between", "3000", 5000, None),
    "HZ-I06": ("四(一)4", ">=", "1", None, None),
}
TRENDS = {"HZ-T01": "三", "HZ-T02": "四(二)3(3)", "HZ-T03": "四(一)5", "HZ-T04": "四(二)1"}
MONEY = {
    **{f"HZ-M{number:02}": "四(二)4" for number in (1, 2, 3, 4, 5, 6, 12)},
    "HZ-M07": "四(二)5",
    "HZ-M08": "六3",
    "HZ-M09": "四(一)2",
    "HZ-M10": "五",
    "HZ-M11": "四(一)4",
    "HZ-M13": "四(二)1",
}
NAMED = [
    "慢性病联合门诊",
    "学科能力",
    "设备配置",
    "信息平台",
    "共享中心",
    "医保支出",
    "转诊率",
    "医联体转诊率",
    "社区就诊率",
    "签约服务覆盖率",
    "签约服务质量",
    "群众满意度",
    "医务人员满意度",
    "居民健康",
]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(load_configs(), "hz-xiacheng-2018")


def test_what_it_is(pack: Pack) -> None:
    assert (pack.status, pack.number, pack.region) == ("repealed", "下政办发〔2018〕56号", "330103")
    # published, then in effect; the day of its repeal is not printed
    assert (pack.announced, pack.effective_from, pack.effective_to) == (date(2019, 1, 10), date(2019, 1, 29), None)


def test_numeric_targets(pack: Pack) -> None:
    found = {rule.id: (rule.cite.clause, rule.op, rule.target, rule.upper, rule.deadline) for rule in pack.indicators}
    expected = {
        key: (clause, op, Fraction(target), upper, day) for key, (clause, op, target, upper, day) in NUMERIC.items()
    }
    assert found == expected


def test_either_way_of_providing_centres_is_enough(pack: Pack) -> None:
    rule = next(rule for rule in pack.indicators if rule.id == "HZ-I04")
    assert (rule.indicator, rule.params) == ("centre_provision", {"low": "30000", "high": "100000"})


def test_what_one_plus_ten_means_is_left_open(pack: Pack) -> None:
    rule = next(rule for rule in pack.indicators if rule.id == "HZ-I06")
    assert rule.ambiguity
    assert sorted(rule.readings) == ["as_listed", "eleven"]


def test_trends_and_money(pack: Pack) -> None:
    assert {rule.id: rule.cite.clause for rule in pack.trends} == TRENDS
    assert {rule.id: rule.cite.clause for rule in pack.money} == MONEY


def test_the_permits_and_the_tilt_mean_whom_the_text_means(pack: Pack) -> None:
    scopes = {rule.hook: rule.scope or "" for rule in pack.money}
    assert "政府办基层" in scopes["two_permits"]
    assert "医务人员" in scopes["signing_tilt"]


def test_fourteen_named_items_in_the_order_of_the_text(pack: Pack) -> None:
    assert [rule.id for rule in pack.named] == [f"HZ-N{number:02}" for number in range(1, 15)]
    assert [word for word, rule in zip(NAMED, pack.named, strict=True) if word not in rule.title] == []
    assert {rule.cite.clause for rule in pack.named} == {"四(二)6"}


def test_it_has_no_number_of_its_own(pack: Pack) -> None:
    # the text prints no share, coefficient, growth or standard of an allowance
    assert pack.prices == []
    assert not any(re.search(r"\d", str(rule.params)) for rule in pack.money)


def test_the_plan_has_three_appraisals_with_all_fourteen_items() -> None:
    plan = load(load_configs(), "demo-hz-xiacheng", END).plan
    assert [(card.scope, card.dimensions[0].title) for card in plan.scorecards] == [
        ("district", "组织建设"),
        ("district", "组织建设"),
        ("member", "组织建设"),
    ]
    for card in plan.scorecards:
        assert [part.title for part in card.dimensions] == ["组织建设", "政策配套支持", "分级诊疗效果"]
        ids = {item.id.partition("-")[2] for part in card.dimensions for item in part.items}
        assert {f"N{number:02}" for number in range(1, 15)} <= ids
    rules = {item.rule for card in plan.scorecards for part in card.dimensions for item in part.items}
    assert {f"hz-xiacheng-2018:{rule}" for rule in (*NUMERIC, *TRENDS)} <= rules
