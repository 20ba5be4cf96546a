"""Every kind of check on cases that a clerk can read: tests/spec/checks, one file per kind."""

from __future__ import annotations

from typing import Any

import pytest

from domain.money import exact_text
from engine.checks.kinds import kinds
from engine.run.labels import Labels
from engine.run.say import Speaker
from tests.engine.checks.looking import SPEC, cases, catalogue, found

FILES = sorted(path.stem for path in SPEC.glob("*.yaml"))


def test_every_kind_has_a_spec_case() -> None:
    assert set(FILES) == set(kinds())


@pytest.mark.parametrize("case", [case for name in FILES for case in cases(name)])
def test_spec_case(case: dict[str, Any]) -> None:
    known = catalogue()
    titles = {code: one.title for code, one in (*known.metrics.items(), *known.items.items())}
    say = Speaker(Labels(words=titles | {"reward": "季度绩效奖励"}))
    told = [
        {"unit": one.unit, "cell": one.cell, "value": exact_text(one.value), "expected": say.value(one.expected)}
        | ({"answer": one.answer} if one.answer else {})
        for one in found(case)
    ]
    assert told == case["expect"]
    assert all(say.phrase(one.what).startswith("核对: ") for one in found(case))
