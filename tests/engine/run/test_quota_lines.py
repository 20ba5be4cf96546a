"""The quota ledger, by hand, on the small plan of test_execute.py."""

from __future__ import annotations

from pathlib import Path

from tests.engine.folder.test_execute import edit, rows, run, small
from tests.engine.run.test_pools import moved

__all__ = ["small"]  # the fixture

COLUMNS = ("unit_code", "pool", "approved", "used_before", "used_now", "left", "moved_in", "moved_out")


def ledger(home: Path) -> dict[tuple[str, str], list[str]]:
    return {(unit, pool): rest for unit, pool, *rest in rows(home, "quota", *COLUMNS)}


def test_what_pools_and_the_statement_use(small: Path) -> None:
    """C1: 10000 − 0 − 462.00 of the reward pool − 28.80 of r. T1: 500 − 250 − 250.00, nothing left for r."""
    run(small)
    found = ledger(small)
    assert found["C1", "reward"] == ["10000.00", "0.00", "462.00", "9538.00", "0.00", "0.00"]
    assert found["C1", "permits"] == ["10000.00", "462.00", "28.80", "9509.20", "0.00", "0.00"]
    assert found["C1", ""] == ["10000.00", "0.00", "490.80", "9509.20", "0.00", "0.00"]
    assert found["T1", ""] == ["500.00", "250.00", "250.00", "0.00", "0.00", "0.00"]
    assert rows(small, "quota", "document", "scope")[0] == ("县人社〔2026〕8号", "member")


def test_a_member_of_two_alliances_stands_once(small: Path) -> None:
    """T1 was paid by A2 until 15 August and by A1 since: one row of its home holds both pools' parts."""
    moved(small)
    run(small)
    units = [unit for unit, pool in rows(small, "quota", "unit_code", "pool") if not pool]
    assert units == sorted(set(units))
    paid = rows(small, "allocations", "pool", "unit_code", "amount")
    both = sum(int(fen.replace(".", "")) for pool, unit, fen in paid if (pool, unit) == ("reward", "T1"))
    assert int(ledger(small)["T1", ""][2].replace(".", "")) == both


def test_what_is_moved_between_members_of_one_approval(small: Path) -> None:
    """T1's own line is 450.00, a tenth may be exceeded: 495 − 250 = 245.00 is its headroom, and all of it is paid.

    Its use of 495.00 is 45.00 beyond its own line, out of what H1, T2 and C1 leave of theirs, in proportion.
    """
    edit(small / "plan.yaml", "quota:\n  scope: member\n", 'quota:\n  scope: alliance\n  grassroots_over: "0.1"\n')
    edit(small / "data" / "money.csv", "2026,T1,quota_approved,500.00", "2026,T1,quota_approved,450.00")
    text = (small / "data" / "money.csv").read_text(encoding="utf-8")
    more = "2026,A1,quota_approved,40000.00,县人社〔2026〕9号\n2026,A2,quota_approved,40000.00,县人社〔2026〕9号\n"
    (small / "data" / "money.csv").write_text(text + more, encoding="utf-8")
    run(small)
    found = ledger(small)
    assert found["T1", ""] == ["450.00", "250.00", "245.00", "0.00", "45.00", "0.00"]
    out = {unit: found[unit, ""][5] for unit in ("H1", "T2", "C1")}
    assert sum(int(fen.replace(".", "")) for fen in out.values()) == 4500
    used = {unit: int(found[unit, ""][2].replace(".", "")) for unit in ("H1", "T1", "T2", "C1")}
    whole = found["A1", ""]
    assert int(whole[2].replace(".", "")) == sum(used.values())
    assert whole[0] == "40000.00"
    assert whole[1] == "250.00"


def test_members_without_a_quota_say_why(small: Path) -> None:
    edit(small / "data" / "institutions.csv", "T2,西乡卫生院,township,public", "T2,西乡卫生院,township,private")
    edit(small / "data" / "money.csv", "2026,T2,quota_approved,10000.00,县人社〔2026〕8号\n", "")
    run(small)
    assert ("T2", "民办机构, 无绩效工资总量") in rows(small, "quota", "unit_code", "exempt")
