"""Figures to date that are not those of the run that is corrected: tests/spec/corrections/to_date.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from domain.facts import MONEY
from domain.money import format_yuan, parse_yuan
from domain.period import Period
from domain.step import Phrase
from engine.policy.configs import load_configs
from engine.run.correction_to_date import Stated, differing, to_date
from engine.run.say import Speaker
from engine.yaml.document import read_bytes

SPEC = Path(__file__).parents[2] / "spec" / "corrections" / "to_date.yaml"
CASES = read_bytes(SPEC.read_bytes(), name=SPEC.name).data["cases"]
QUARTER = Period.parse("2026Q3")
ITEMS = load_configs().catalogue.items


def money(rows: list[list[str]]) -> pd.DataFrame:
    made = [
        (period, unit, item, parse_yuan(yuan), document, "", "", "", f"money.csv!D{at}")
        for at, (period, unit, item, document, yuan) in enumerate(rows, start=2)
    ]
    return pd.DataFrame(made, columns=list(MONEY))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_told(case: dict[str, Any]) -> None:
    old = Stated(to_date(money(case["was"]), ITEMS, QUARTER), earlier=case.get("earlier", False))
    told = list(differing(money(case["now"]), ITEMS, QUARTER, old))
    found = []
    for one in told:
        what = one.said.values["what"]
        assert isinstance(what, Phrase)
        amounts = (one.said.values.get(name) for name in ("old", "new"))
        found.append(
            [
                one.place.unit,
                what.values["item"],
                *(format_yuan(fen) if isinstance(fen, int) else "" for fen in amounts),
            ]
        )
        assert "money.csv!D" in Speaker().warning(one)
    assert found == case["expect"]
    assert {one.code for one in told} <= {"CORRECTION-TO-DATE"}


def test_a_version_that_kept_nothing_tells_nothing() -> None:
    assert list(differing(money(CASES[1]["now"]), ITEMS, QUARTER, None)) == []


def test_only_some_units() -> None:
    whole = Stated({("T1", "quota_paid", ""): (1, "a"), ("T2", "quota_paid", ""): (2, "b")}, earlier=True)
    assert whole.only({"T2"}) == Stated({("T2", "quota_paid", ""): (2, "b")}, earlier=True)
