"""What a corrected run changes and who pays: tests/spec/corrections/deltas.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from allocation.deposit import LINES
from domain.corrections import Corrections
from domain.facts import MONEY, Facts
from domain.money import format_yuan, parse_yuan
from domain.period import Period
from domain.problems import InputProblems
from engine.policy.configs import load_configs
from engine.run.correction_lines import POOL, lines_of
from engine.run.corrections import OldRun, corrected
from engine.run.labels import UNNAMED
from engine.run.result import Result, frame
from engine.yaml.document import read_bytes

SPEC = Path(__file__).parents[2] / "spec" / "corrections" / "deltas.yaml"
CASES = read_bytes(SPEC.read_bytes(), name=SPEC.name).data["cases"]
QUARTER = Period.parse("2026Q3")


def key(text: str) -> tuple[str, str]:
    alliance, _, pool = text.partition("/")
    return alliance, pool


def statements(beside: dict[str, dict[str, str]]) -> dict[str, list[dict[str, object]]]:
    """Rows of frames. beside: by "alliance/line" what each unit has; of a deposit other lines are 0."""
    found: dict[str, list[dict[str, object]]] = {"permits": [], "settlements": [], "deposits": [], "overspend": []}
    for name, units in beside.items():
        alliance, kind, *rest = name.split("/")
        for unit, yuan in units.items():
            row: dict[str, object] = {"alliance_code": alliance, "unit_code": unit, "amount": parse_yuan(yuan)}
            if kind == "permits":
                found["permits"].append(row | {"line": "r"})
                found["permits"].append(row | {"line": "kept", "amount": 1})  # not told: it is a − r
            elif kind == "settlement":
                pool, line, *of = rest
                found["settlements"].append(row | {"pool": pool, "line": line, "of": "".join(of)})
                found["settlements"].append(row | {"pool": pool, "line": "due", "of": "", "amount": len(beside)})
            elif kind == "deposit":
                pool, line = rest
                found["deposits"].append(row | dict.fromkeys(LINES, 0) | {"pool": pool, line: row["amount"]})
            else:
                found["overspend"].append(row | {"line": rest[0], "decision": ""})
    return found


def result(now: dict[str, dict[str, str]], beside: dict[str, dict[str, str]]) -> Result:
    pools = [
        (*key(name), parse_yuan(one["pool"]), 0, 0)  # what is distributed plays no part
        for name, one in now.items()
    ]
    paid = [
        (*key(name), unit, "township", None, parse_yuan(yuan), ())
        for name, one in now.items()
        for unit, yuan in one.items()
        if unit != "pool"
    ]
    frames = {"pools": frame("pools", pools), "allocations": frame("allocations", paid)}
    frames |= {name: frame(name, rows) for name, rows in statements(beside).items()}
    return Result("small", "", QUARTER, "330000", UNNAMED, frames)


def old(was: dict[str, dict[str, str]], unpaid: list[str], beside: dict[str, dict[str, str]]) -> OldRun:
    pools = {key(name): parse_yuan(one["pool"]) for name, one in was.items()}
    paid = {
        key(name): {unit: parse_yuan(yuan) for unit, yuan in one.items() if unit != "pool"} for name, one in was.items()
    }
    tables = {name: pd.DataFrame(rows) for name, rows in statements(beside).items() if rows}
    for name in tables.keys() & {"permits", "deposits"}:  # as they are read back, without alliances
        tables[name] = tables[name].drop(columns="alliance_code")
    return OldRun("0" * 64, "small", QUARTER, pools, paid, frozenset(unpaid), lines_of(tables))


def facts(reserve: dict[str, str]) -> Facts:
    """The reserves, and one of another name that may not be touched."""
    rows = [
        ("2026Q3", alliance, "reserve_opening", parse_yuan(yuan), "调节金", "", "", "", f"money.csv!D{at}")
        for at, (alliance, yuan) in enumerate(reserve.items(), start=2)
    ]
    rows.append(("2026Q3", "A1", "reserve_opening", 99_999_99, "另一项", "", "", "", "money.csv!D9"))
    nothing = pd.DataFrame()
    return Facts(nothing, nothing, nothing, pd.DataFrame(rows, columns=list(MONEY)))


def correct(case: dict[str, Any]) -> Result:
    rules = Corrections(funding=case["funding"])
    before = old(case["was"], case.get("unpaid", []), case.get("beside_was", {}))
    given = facts(case.get("reserve", {}))
    return corrected(
        result(case["now"], case.get("beside_now", {})), rules, given, load_configs().catalogue, before, stories=True
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_is_paid_and_taken_back(case: dict[str, Any]) -> None:
    if "codes" in case:
        with pytest.raises(InputProblems) as caught:
            correct(case)
        assert [problem.code for problem in caught.value.problems] == case["codes"]
        return
    made = correct(case)
    rows = made.frames["deltas"]
    amounts = [rows[name].map(format_yuan) for name in ("old", "new", "delta")]
    pools = rows["alliance_code"] + "/" + rows["code"]
    assert [list(row) for row in zip(pools, rows["unit_code"], *amounts, strict=True)] == case["expect"]
    beside = rows["kind"] != POOL
    assert set(rows.loc[~beside, "funding"]) <= {case["funding"]}
    assert set(rows.loc[beside, "funding"]) <= {""}
    told = {step.key for step in made.steps if step.place.line != "reserve"}
    assert len(told) == len(rows)
    left = {step.place.alliance: format_yuan(step.fen) for step in made.steps if step.place.line == "reserve"}
    assert left == case.get("left", {})
    assert [one.place.alliance for one in made.warnings if one.code == "CORRECTION-NOT-PAID"] == case.get("warned", [])
    assert made.before == "0" * 64


def test_the_two_amounts_are_named() -> None:
    by_name = {case["name"]: case for case in CASES}
    with pytest.raises(InputProblems, match=r"A1/reward: 资金池原为 100.00 元, 现为 110.00 元") as pool:
        correct(by_name["a pool of another amount is not divided anew"])
    assert len(pool.value.problems) == 1
    with pytest.raises(InputProblems, match=r"money.csv!D2: 调节金期初 9.99 元, 不够支付补发合计 10.00 元"):
        correct(by_name["a reserve that lacks a fen, though more is taken back than paid"])


@pytest.mark.parametrize("text", ["", "reserve:", "reserve: ", "reserved: 调节金", "redivided", "调节金"])
def test_a_funding_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="funding"):
        Corrections(funding=text)
