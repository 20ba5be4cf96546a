"""Values of a pack that change over time."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.policy.load import check_pack_file, load_pack
from engine.policy.words import target_text

CHANGING = """
id: changing
title: 测试文件
number: null
issuer: 测试
level: 区
region: "000000"
status: in_force
effective_from: 2024-01-01
indicators:
  - id: I01
    title: 每个街道或每 3 万至 10 万居民一所中心
    cite: {clause: 一}
    indicator: centre_provision
    params: {low: [{from: 2026-01-01, value: "30000"}, {from: 2027-01-01, value: "20000"}], high: "100000"}
    subject: 区
    unit: 是否
    op: "="
    target: "1"
  - id: I02
    title: 人员经费占比
    cite: {clause: 一}
    indicator: staff_cost_share
    subject: 成员
    unit: "%"
    op: between
    target: [{from: 2026-01-01, value: "0.3"}]
    upper: [{from: 2026-01-01, value: "0.5"}, {from: 2026-08-15, value: "0.6"}]
prices:
  - id: P01
    title: 上门
    cite: {clause: 一}
    amount: [{from: 2026-01-01, value: "50"}, {from: 2027-01-01, value: "60"}]
    unit: 次
"""


def test_every_value_of_a_pack_may_change_over_time(tmp_path: Path) -> None:
    path = tmp_path / "changing.yaml"
    path.write_text(CHANGING, encoding="utf-8")
    newest = check_pack_file(load_configs(), path)  # without a day: the newest values, with what changed
    centre, share, price = newest.indicators[0], newest.indicators[1], newest.prices[0]
    assert (centre.params["low"], share.upper, price.amount) == ("20000", Fraction("0.6"), 6000)
    assert centre.changes == "params.low: 2026-01-01 起 30000, 2027-01-01 起 20000"
    assert price.changes == "amount: 2026-01-01 起 50, 2027-01-01 起 60"
    assert target_text(share) == "2026-01-01 起 30% 至 60%"
    there = load_pack(load_configs(), path, date(2026, 8, 14))  # a day has its own values, and nothing to tell
    assert (there.indicators[0].params["low"], there.indicators[1].upper) == ("30000", Fraction("0.5"))
    assert {entry.changes for entry in there.entries()} == {""}


def test_fields_that_the_reader_fills_in_are_no_fields_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "changing.yaml"
    path.write_text(CHANGING.replace("    op: between", "    op: between\n    changes: 无"), encoding="utf-8")
    with pytest.raises(InputProblems, match="changes") as caught:
        load_pack(load_configs(), path)
    assert [problem.code for problem in caught.value.problems] == ["FIELD-UNKNOWN"]
