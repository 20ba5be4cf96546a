"""Another version's words may differ, not the figures, codes, units and clauses that they tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.period import Period
from domain.step import Place, Step
from engine.folder.since import SINCE, lacked
from engine.folder.wording import Wording
from engine.run.labels import UNNAMED
from engine.run.result import Result, frame

NAMES = {"T1": "东乡卫生院", "T10": "东乡卫生院分院", "T2": "西乡卫生院"}
STEP = Step("pool", Place("A1", "reward"), "w:step", 1, cites=("某办法 第一条", ("甲〔1〕号", "乙〔2〕号"), "local"))
GRADES = {"scope": "member", "unit_code": "T1", "scorecard": "c", "score": None, "grade": "合格", "rank": None}
RESULT = Result(
    "p",
    "",
    Period.parse("2026Q3"),
    "",
    replace(UNNAMED, names=NAMES),
    {"totals": frame("totals", [GRADES, GRADES | {"grade": "不合格"}])},
    (STEP,),
)


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ("资金池 = 1700.00", "池内金额 1,700.00 元", True),
        ("资金池 = 1700.00", "资金池 = 9900.00", False),
        ("资金池 = 1700.00", "资金池", False),
        ("资金池 = 1700.00", "资金池 = 1700.00; 另发 100.00", False),
        ("0.60 份", "0.6 份", True),
        ("结余 100 元", "结余 -100 元", False),
        ("占 50%", "占 50", False),
        ("得 50 元", "得 50万 元", False),
        ("日期 2026-09-30", "2026-09-30 的", True),
        ("甲得 100, 乙得 200", "甲得 200, 乙得 100", False),  # the words are the same: nothing was reworded
        ("结余 100, 留用 200", "留用 200 (结余 100)", True),
        ("壹佰元", "贰佰元", False),
        ("东乡卫生院封顶", "封顶: 东乡卫生院", True),
        ("东乡卫生院封顶", "封顶: 西乡卫生院", False),
        ("东乡卫生院封顶", "封顶: 东乡卫生院分院", False),
        ("T1 封顶", "封顶 T10", False),
        ("规则 wage_cap", "受限于 income_cap", False),
        ("等次 合格", "等次为 不合格", False),
        ("依据某办法 第一条", "按 某办法 第一条", True),
        ("依据某办法 第一条", "按某办法", False),
        ("余款结转下期", "余款将退回资金来源", False),
        ("余款结转下期", "余款留到下一期", True),
        ("封顶", "", False),
        ("封顶", "到顶", True),
    ],
)
def test_alike(old: str, new: str, *, alike: bool) -> None:
    assert Wording(RESULT).alike(old, new) == Wording(RESULT).alike(new, old) == alike


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ("某办法 第一条; 本地规定", "某办法 第一条; 当地规定", True),
        ("某办法 第一条; 本地规定", "某办法 第一条", False),
        ("某办法 第一条", "某办法 第一条; 另一办法", False),
        ("某办法 第一条", "甲〔1〕号、乙〔2〕号", False),
        ("某办法 第一条", "本地规定", False),
        ("某办法 第一条; 本地规定", "本地规定; 某办法 第一条", False),
    ],
)
def test_cited(old: str, new: str, *, alike: bool) -> None:
    assert Wording(RESULT).cited(old, new) == Wording(RESULT).cited(new, old) == alike


@pytest.mark.parametrize(
    ("version", "without"),
    [
        ("1.9.9", True),
        ("1.10.0", False),
        ("1.10", False),
        ("2.0.0", False),
        ("", False),
        ("None", False),
        ("1.x", False),
    ],
)
def test_only_an_earlier_version_lacks_what_came_later(
    version: str, monkeypatch: pytest.MonkeyPatch, *, without: bool
) -> None:
    monkeypatch.setitem(SINCE, "later.csv", (1, 10, 0))
    assert lacked("later.csv", version) == without
    assert not lacked("always.csv", version)
