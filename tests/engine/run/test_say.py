"""Steps and phrases become words in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from domain.step import Named, Phrase, Place, RunWarning, Step, Words, step_data
from engine.run.labels import Labels
from engine.run.say import Speaker

WORDS = {
    "share": Words(
        "{unit:where} 的份额",
        "{pool:title} × {rate:whole} = {terms:join  + }",
        {"rate": Named("比例", "whole"), "paid": "已付 ({it})", "from": "{it:title} ({of}/{it})"},
    ),
    "none": Words("总分", none="不计分"),
    "below": "低于 {least}, {day} 起",
}
HERE = "tests.engine.run.test_say"
SPEAKER = Speaker(Labels(words={"P1": "资金池一"}, names={"T01": "示例卫生院"}))


def test_a_step_is_said_with_its_values() -> None:
    below = Phrase(f"{HERE}:below", {"least": Fraction(1, 2), "day": date(2026, 9, 30)})
    step = Step(
        "allocation",
        Place("A01", "P1", unit="T01"),
        f"{HERE}:share",
        123_45,
        {"rate": Fraction(1, 8), ("paid", "P0"): 5, ("from", "P1", "A01"): 7, "visits": None},
        {"unit": "T01", "pool": "P1", "terms": (100, 23_45)},
        notes=(below,),
    )
    told = SPEAKER.told(step)
    assert told["key"] == "allocation/A01/P1/T01"
    assert told["title"] == "T01 示例卫生院 的份额"
    assert told["formula"] == "资金池一 × 0.125 = 1.00 + 23.45"
    assert told["numbers"] == {
        "比例": "0.125",
        "已付 (P0)": "0.05",
        "资金池一 (A01/P1)": "0.07",
        "visits": "—",
    }
    assert (told["result"], told["notes"]) == ("123.45", ["低于 0.5, 2026-09-30 起"])


def test_only_money_is_counted_in_fen() -> None:
    step = Step("score", Place(unit="T01"), f"{HERE}:none", Fraction(5))
    assert replace(step, result=5).fen == 5
    with pytest.raises(TypeError, match="score/T01 不是金额"):
        _ = step.fen


def test_what_is_kept_of_a_step_has_no_words() -> None:
    step = Step("score", Place(unit="T01", card="c"), f"{HERE}:none", None, {("paid", "P0"): 5})
    assert SPEAKER.told(step)["result"] == "不计分"
    assert step_data(step)["numbers"] == [[["paid", "P0"], {"fen": 5}]]
    assert step_data(step)["place"] == {"unit": "T01", "card": "c"}


def test_a_warning_ends_with_its_code() -> None:
    said = Phrase(f"{HERE}:below", {"least": Fraction(60), "day": "今"})
    assert SPEAKER.warning(RunWarning("LOW", said)) == "低于 60, 今 起 (LOW)"
