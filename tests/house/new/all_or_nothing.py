"""All or nothing (达到得满分): full marks from the target up, else none. Source: an example of the tests."""

from __future__ import annotations

from domain.demand import Lean
from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase
from domain.values import Exact
from indicators.curves import Readings, Scored, scored
from indicators.ratios import Ratios

TITLE = "达到得满分"
WORDS = {"reached": "{target} 以上 (含) 得满分, 否则得 0"}
KEYS: Keys = {"Params": Key(TITLE, "到目标得满分, 否则得 0"), "target": Key("目标值", "含本数", "0.8")}


class Params(Strict):
    """target: full marks from here on."""

    target: Exact


def score(readings: Readings, params: Params) -> Scored:
    """1 or 0 for every unit, (units,)."""
    value = readings.value
    return scored(Ratios.where(value.filled >= params.target, 1, 0), value.ok)


def describe(params: Params) -> Phrase:
    """What is reached."""
    return Phrase(f"{__name__}:reached", {"target": params.target})


def lean(_params: Params) -> Lean:
    """More is better."""
    return "up"
