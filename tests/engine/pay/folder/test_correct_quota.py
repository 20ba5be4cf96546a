"""What corrections charge to the approval of a whole alliance."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from api import cli
from domain.money import parse_yuan
from engine.pay.quota import RunLedger
from tests.engine.pay.folder.making import MONTH, PERIOD, tables, write
from tests.engine.pay.folder.test_correct import brought, case, corrected

COLUMNS = ("document", "scope", "unit_code", "pool", "approved", "used_before", "used_now")


@pytest.mark.parametrize(("approved", "expected"), [("15224.29", 0), ("15224.28", 4)])
def test_what_a_reserve_pays_is_charged_to_the_alliance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, approved: str, expected: int
) -> None:
    """The run charged 10,000.00 and 5,000.00, all of it paid; P3 gets 224.29 beside that (`test_from_a_reserve`)."""
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "pay"))
    plan, people = write(tmp_path / "given", tables())
    old = tmp_path / "old"
    asked = ["--period", PERIOD, "--month", MONTH, "--first", "--out", str(old)]
    assert cli.main(["pay", "run", str(plan), str(people), *asked]) == 0
    rows = [
        ("文1", "member", "U1", "bonus", "20000.00", "0.00", "10000.00"),
        ("文1", "member", "U2", "bonus", "20000.00", "0.00", "5000.00"),
        ("文2", "alliance", "A1", "", approved, "0.00", "15000.00"),
    ]
    table = pd.DataFrame([(*row[:4], *map(parse_yuan, row[4:])) for row in rows], columns=COLUMNS)
    ledger = RunLedger(table, dict.fromkeys(("U1", "U2"), frozenset({"A1"})))
    monkeypatch.setattr("engine.pay.folder.correct._ledger", lambda _inputs, _scheme: ledger)
    reserve = [{"reserve": "更正备用金", "unit_code": "U1", "opening": "224.29", "document": "示例备〔2026〕1号"}]
    assert corrected(tmp_path, old, brought(case(funding="reserve: 更正备用金"), reserves=reserve))[0] == expected
    assert corrected(tmp_path, old, brought(case()), "redivided")[0] == 0
