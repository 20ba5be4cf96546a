"""The stories of the examples: every amount has the numbers it was made of, so that a reader can reckon it again."""

from __future__ import annotations

import re
from fractions import Fraction
from types import SimpleNamespace

import pytest

from domain.money import exact, floor_fen, half_up_fen

from . import goldens

pytestmark = pytest.mark.xdist_group("examples")  # one worker: each example is computed once

PAYING = ("hz-xiacheng-2018", "jilin-city-2017", "beijing-2021", "county-2025", "county-2026Q3")
REPORTED = {"填报数", "医保清算确认数", "人工决定"}
"""Formulas without terms: the number is what somebody stated, its cells are cited."""
ROUNDING = re.compile(
    r"^(不[小大]于 0|逐.*|.*(最大余数法?|四舍五入到分|取整到分).*|.*落到分|.*负数|单位承担|不得计入个人|基层不分担)$"
)
WORDS = {
    "遵守各条规则",
    "到顶封住",
    "余款再按占比分",
    "由造成的单位承担",
    "只作核对",
    "以核定总量为准",
    "下转率达到界限的",
    "其中人员部分",
    "其中机构部分",
    "得分所在等次的比例",
}
SUM = re.compile(r"^(本期|此前)?(各|按可用).*(之和|合计)")
YUAN = re.compile(r"-?\d+\.\d\d")


def terms(formula: str) -> set[str]:
    """The named numbers of a formula, without literals and what it says of rounding."""
    parts = {part.strip() for part in re.split(r"[×÷+−/=()·,;:]|min|Σ| (?=不)", formula)}
    return {part for part in parts if part and not re.fullmatch(r"[\d. ]+", part) and not ROUNDING.match(part)} - WORDS


def lacking(trace: SimpleNamespace) -> str:
    """What a story does not tell: terms of its formula without a number, or addends that are not the whole."""
    if trace.formula.partition(";")[0] in REPORTED:  # behind it stands what is to be heeded
        return "" if trace.cells else "no cell"
    if trace.formula.startswith(("本期没有", "此前没有", "不开展")):
        return "" if exact(trace.result) == 0 else "not nothing"
    if trace.formula == "Σ 各项服务次数 × 单价":  # each service with its number and price
        each = [text.split(" 次 × ") for text in trace.numbers.values() if " 次 × " in text]
        whole = sum((exact(times) * exact(price) for times, price in each), Fraction(0))
        return "" if whole == exact(trace.result) else f"makes {float(whole)}"
    if SUM.match(trace.formula):
        each = [text for name, text in trace.numbers.items() if YUAN.fullmatch(text) and name != "签约人年"]
        whole = sum(map(exact, each), Fraction(0))
        return "" if whole == exact(trace.result) else f"adds up to {float(whole)}"
    return ", ".join(term for term in sorted(terms(trace.formula)) if not any(term in name for name in trace.numbers))


@pytest.mark.parametrize("name", PAYING)
def test_every_term_of_a_formula_is_among_its_numbers(name: str) -> None:
    told = [trace for trace in goldens.stories(name) if not trace.key.startswith("score/")]
    wanting = {(trace.formula, lacking(trace)): trace.key for trace in told if lacking(trace)}
    assert wanting == {}


def factor(name: str, trace: SimpleNamespace) -> Fraction | None:
    """What one factor of a formula is by the numbers printed beside it; None where that is no single number."""
    name, _, months = name.strip().partition("/")
    if re.fullmatch(r"[\d.]+", name):
        return exact(name)
    found = trace.numbers.get(name) or next((text for key, text in trace.numbers.items() if name in key), "")
    number = re.fullmatch(r"-?[\d.]+(/\d+)?", found)
    return Fraction(found) / (int(months) if months else 1) if number else None


def reckoned(trace: SimpleNamespace) -> int | None:
    """Fen of a formula of sums and products, from the printed numbers alone; None of any other formula."""
    head = re.sub(r" \((四舍五入到分|向下取整到分|最大余数法)\)", "", trace.formula.partition(";")[0])
    head, least, _ = head.partition(", 不小于 0")
    head, most, _ = head.partition(", 不大于 0")
    if not re.fullmatch(r"[^()÷Σ,]+", head) or "逐" in head or SUM.match(head):
        return None
    whole = Fraction(0)
    for sign, part in re.findall(r"(^|[+−])([^+−]+)", head):
        product = Fraction(-1 if sign == "−" else 1)
        for name in part.split("×"):
            value = factor(name, trace)
            if value is None:
                return None
            product *= value
        whole += product
    whole = max(whole, Fraction(0)) if least else min(whole, Fraction(0)) if most else whole
    return (floor_fen if "向下取整" in trace.formula else half_up_fen)(whole * 100)


@pytest.mark.parametrize("name", PAYING)
def test_an_amount_can_be_reckoned_from_the_numbers_printed_beside_it(name: str) -> None:
    told = [one for one in goldens.stories(name) if not one.key.startswith("score/") and YUAN.fullmatch(one.result)]
    made = [(one, reckoned(one)) for one in told]
    wrong = [(one.key, one.formula, one.result, fen) for one, fen in made if fen not in (None, exact(one.result) * 100)]
    assert wrong == []
    assert sum(fen is not None for _, fen in made) >= 50


@pytest.mark.parametrize("name", ["hz-xiacheng-2018", "beijing-2021", "county-2025"])
def test_what_a_pool_owes_cites_what_its_allocation_cites(name: str) -> None:
    told = {one.key: one for one in goldens.stories(name)}
    owing = {key: one for key, one in told.items() if "/merit/" in key and YUAN.fullmatch(one.result)}
    assert {one.title for one in owing.values()} & {"应拨补助", "应付签约服务费", "应发津贴", "应发年薪"}
    assert [key for key, one in owing.items() if one.title.startswith("应") and not one.cites] == []


def test_factors_are_printed_whole() -> None:
    # 859320.00 × 0.867909 = 745811.56; the score of A01 does not end, so the factor is a fraction
    story = next(one for one in goldens.stories("county-2025") if one.key == "pool/A01/public-health/merit/C01")
    assert (story.numbers["挂钩补助"], story.result) == ("859320.00", "745811.29")
    assert "/" in story.numbers["系数"]
    assert half_up_fen(85932000 * Fraction(story.numbers["系数"])) == 74581129
