"""A city and its districts: both are units of scope district, the city covers what its districts have."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from domain.facts import FACTS, INSTITUTIONS, MEMBERSHIPS, MONEY, Facts
from domain.period import Period
from indicators.evaluate import Wanted, evaluate

from .cases import catalogue, lacking

UNITS = {  # code: tier, region
    "CITY": ("district", "990000"),
    "D1": ("district", "990101"),
    "D2": ("district", "990102"),
    "D3": ("district", "990103"),
    "A1": ("alliance", "990101"),
    "A2": ("alliance", "990102"),
    "S1": ("community", "990101"),
    "S2": ("community", "990102"),
    "S3": ("community", "980101"),
}


def measured(indicator: str, params: dict[str, Any], rows: list[tuple[str, str, str, str]]) -> pd.DataFrame:
    """rows: period, unit, metric, value; the result by unit code."""
    facts = Facts(
        pd.DataFrame(
            [(code, code, tier, "public", region, "", True, "", "", "in") for code, (tier, region) in UNITS.items()],
            columns=list(INSTITUTIONS),
        ),
        pd.DataFrame(
            [("S1", "A1", date(2020, 1, 1), None, "in"), ("S2", "A2", date(2020, 1, 1), None, "in")],
            columns=list(MEMBERSHIPS),
        ),
        pd.DataFrame(
            [(*row[:3], Decimal(row[3]), "", f"in!D{at}") for at, row in enumerate(rows, start=2)], columns=list(FACTS)
        ),
        pd.DataFrame(columns=list(MONEY)).astype({"amount": "int64"}),
    )
    wanted = [Wanted("x", indicator, params, "district")]
    return evaluate(facts, catalogue(), Period.parse("2022"), wanted).table.set_index("unit_code")


def test_districts_that_have_carried_it_out() -> None:
    rows = [("2022", f"D{at}", "incentive_policy_done", value) for at, value in enumerate(("3", "2", "3"), start=1)]
    table = measured("districts_done", {"metric": "incentive_policy_done", "least": "3"}, rows)
    assert dict(table["value"]) == {"CITY": Fraction(2, 3), "D1": 1, "D2": 0, "D3": 1}
    assert table.loc["CITY", "numerator"] == 2
    assert table.loc["CITY", "cells"] == ("in!D2", "in!D3", "in!D4")


def test_districts_of_a_level() -> None:
    # the city answers for itself; its districts are not asked
    table = measured(
        "districts_done", {"metric": "signing_started", "level": "city"}, [("2022", "CITY", "signing_started", "1")]
    )
    assert table.loc["CITY", "status"] == "not_applicable"  # 990000 is a province: no city in it
    table = measured(
        "districts_done", {"metric": "signing_started", "level": "province"}, [("2022", "CITY", "signing_started", "1")]
    )
    assert table.loc["CITY", "value"] == 1
    assert table.loc["CITY", "cells"] == ("in!D2",)


def test_only_some_districts_are_asked() -> None:
    # D1 and D2 are in the centre; D2 does not offer it: 1 ÷ 2
    rows = [("2022", f"D{at}", "home_care_offered", value) for at, value in enumerate(("1", "0", "1"), start=1)]
    rows += [("2022", f"D{at}", "urban_core", value) for at, value in enumerate(("1", "1", "0"), start=1)]
    table = measured("districts_done", {"metric": "home_care_offered", "among": "urban_core"}, rows)
    assert table.loc["CITY", "value"] == Fraction(1, 2)
    assert table.loc["D3", "status"] == "not_applicable"


def test_a_district_that_says_nothing_is_missing_in_the_city() -> None:
    rows = [("2022", "D1", "home_care_offered", "1"), ("2022", "D2", "home_care_offered", "1")]
    table = measured("districts_done", {"metric": "home_care_offered"}, rows)
    assert dict(table["status"]) == {"CITY": "missing", "D1": "ok", "D2": "ok", "D3": "missing"}
    assert "(D3, 2022)" in lacking(table.loc["CITY", "missing"])


def test_a_city_adds_up_districts_and_institutions() -> None:
    # centres: 4 + 5 + 2 of 4 + 5 + 2 streets; signed: 60 + 30 of 100 + 100 (S3 is in another province)
    rows = [("2022", f"D{at}", "community_centre_count", value) for at, value in enumerate(("4", "5", "2"), start=1)]
    rows += [("2022", f"D{at}", "street_count", value) for at, value in enumerate(("5", "5", "2"), start=1)]
    table = measured("centres_per_street", {}, rows)
    assert dict(table["value"]) == {"CITY": Fraction(11, 12), "D1": Fraction(4, 5), "D2": 1, "D3": 1}
    rows = [("2022", unit, "key_population", "100") for unit in ("S1", "S2", "S3")]
    rows += [("2022", unit, "signed_key", value) for unit, value in (("S1", "60"), ("S2", "30"), ("S3", "99"))]
    table = measured("key_group_signing_rate", {}, rows)
    assert table.loc["CITY", "value"] == Fraction(90, 200)
    assert table.loc["D1", "value"] == Fraction(60, 100)
    assert table.loc["D3", "status"] == "missing"  # nobody in it to ask: what it does not state itself is lacking


def test_a_district_that_speaks_for_itself_is_missing_where_it_leaves_a_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """D3 lists no centre. Whoever states one figure of the centres owes the others; 0 of 0 is not applicable."""
    people, signed = ("2022", "D3", "key_population", "100"), ("2022", "D3", "signed_key", "60")
    for rows, said in (
        ([people], "签约重点人群数 (D3, 2022)"),
        ([signed], "重点人群数 (D3, 2022)"),
        ([], "签约重点人群数 (D3, 2022); 重点人群数 (D3, 2022)"),
    ):
        found = measured("key_group_signing_rate", {}, rows).loc["D3"]
        assert (found["status"], lacking(found["missing"])) == ("missing", said)
    assert measured("key_group_signing_rate", {}, [people, signed]).loc["D3", "value"] == Fraction(60, 100)
    none = [(*people[:3], "0"), (*signed[:3], "0")]
    assert measured("key_group_signing_rate", {}, none).loc["D3", "status"] == "not_applicable"
    # With a county hospital and no centre it is not asked of the centres, unless it answers for them.
    monkeypatch.setitem(UNITS, "H3", ("county", "990103"))
    assert measured("key_group_signing_rate", {}, []).loc["D3", "status"] == "not_applicable"
    assert measured("key_group_signing_rate", {}, [people]).loc["D3", "status"] == "missing"


def test_a_city_s_own_number_goes_first() -> None:
    rows = [("2022", f"D{at}", "street_count", "5") for at in (1, 2, 3)]
    rows += [("2022", unit, "community_centre_count", "5") for unit in ("D1", "D2", "D3")]
    rows += [("2022", "CITY", "community_centre_count", "12"), ("2022", "CITY", "street_count", "16")]
    assert measured("centres_per_street", {}, rows).loc["CITY", "value"] == Fraction(3, 4)


@pytest.mark.parametrize(("quarters", "least"), [("1112", 1), ("1302", 0), ("2222", 2)])
def test_every_quarter_counts(quarters: str, least: int) -> None:
    rows = [(f"2022Q{at}", "CITY", "coordination_meetings", count) for at, count in enumerate(quarters, start=1)]
    table = measured("least_per_quarter", {"metric": "coordination_meetings"}, rows)
    assert table.loc["CITY", "value"] == least
    assert table.loc["D1", "status"] == "missing"


def test_a_quarter_without_a_word_is_missing() -> None:
    rows = [(f"2022Q{at}", "CITY", "coordination_meetings", "1") for at in (1, 2, 4)]
    table = measured("least_per_quarter", {"metric": "coordination_meetings"}, rows)
    assert table.loc["CITY", "status"] == "missing"
    assert "2022Q3" in lacking(table.loc["CITY", "missing"])
