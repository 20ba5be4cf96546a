"""The table of diseases with gaps: a rank is never made of fewer years or fewer diseases than were reported."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.period import Period
from indicators.evaluate import Wanted, evaluate
from tests.words import said

from .cases import catalogue, lacking, region

YEARS = (2014, 2015, 2016, 2017)
RATES = {"A": 30, "B": 25, "C": 20, "D": 15, "E": 10, "F": 5, "G": 1}
ITEMS = {
    "top_five_exits": {"against": "year"},
    "top_five_outbound_rate": {},
}


def table() -> dict[int, dict[str, dict[str, tuple[int, int]]]]:
    return {year: {"A01": {code: (rate, 100) for code, rate in RATES.items()}} for year in YEARS}


def answers(given: dict[int, dict[str, dict[str, tuple[int, int]]]]) -> Iterator[tuple[str, str, str]]:
    for code, params in ITEMS.items():
        facts = region({}, units=["T01"], diseases=given)
        row = evaluate(facts, catalogue(), Period.parse("2017"), [Wanted("case", code, params, "alliance")]).table
        first = row.set_index("unit_code").loc["A01"]
        yield code, first["status"], lacking(first["missing"])


def test_the_full_table_has_an_answer() -> None:
    assert [status for _, status, _ in answers(table())] == ["ok", "ok"]


def test_the_diseases_that_left_are_named() -> None:
    given = table()
    given[2017]["A01"]["A"] = (0, 100)
    given[2017]["A01"]["B"] = (0, 100)
    facts = region({}, units=["T01"], diseases=given)
    asked = [Wanted(code, code, params, "alliance") for code, params in ITEMS.items()]
    rows = evaluate(facts, catalogue(), Period.parse("2017"), asked).table.set_index("key")
    first = "前三年合并的前五位: 病种A、病种B、病种C、病种D、病种E"
    assert rows.loc["top_five_exits", "value"] == 2
    assert said(rows.loc["top_five_exits", "told"], {}) == [first, "其中已退出的: 病种A、病种B"]
    assert said(rows.loc["top_five_outbound_rate", "told"], {}) == [first]


def test_nothing_is_named_where_something_is_missing() -> None:
    given = table()
    del given[2015]
    facts = region({}, units=["T01"], diseases=given)
    row = evaluate(facts, catalogue(), Period.parse("2017"), [Wanted("x", "top_five_outbound_rate", {}, "alliance")])
    assert row.table["told"].tolist() == [()]


# A is listed, G is not: it could have been, had it more referrals in the year that is not there.
@pytest.mark.parametrize("disease", ["A", "G"])
@pytest.mark.parametrize("year", YEARS)
def test_a_disease_without_a_row_in_one_year_is_missing(year: int, disease: str) -> None:
    given = table()
    del given[year]["A01"][disease]
    for code, status, missing in answers(given):
        assert (code, status) == (code, "missing")
        assert f"病种 {disease} (A01, {year})" in missing


def test_a_disease_that_is_new_this_year_needs_its_earlier_years() -> None:
    given = table()
    given[2017]["A01"]["N"] = (90, 100)
    for _, status, missing in answers(given):
        assert status == "missing"
        assert all(f"病种 N (A01, {year})" in missing for year in (2014, 2015, 2016))


def test_none_treated_in_some_year_is_a_zero_and_no_gap() -> None:
    given = table()
    given[2015]["A01"]["G"] = (0, 0)
    assert [status for _, status, _ in answers(given)] == ["ok", "ok"]


def test_a_year_without_any_row_is_named_once_as_a_year() -> None:
    given = table()
    del given[2015]
    for _, status, missing in answers(given):
        assert status == "missing"
        assert "病种表 (A01, 2015)" in missing
        assert "病种 A" not in missing


def test_years_that_do_not_count_may_differ() -> None:
    given = table() | {2013: {"A01": {"Z": (99, 100)}}}
    assert [status for _, status, _ in answers(given)] == ["ok", "ok"]
