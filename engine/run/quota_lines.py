"""The quota ledger (总量台账): of every approval what was used before, what this run uses, what is left.

A member stands where it is at home, with what the pools of all alliances paid it inside the total; `PERMITS` stands for
r, which the statement of the two permits pays. Under an approval for the whole alliance a member over its own line is
moved what it uses beyond (`moved_in`), out of what the others leave of theirs, in proportion (largest remainder), the
rest out of what the alliance's approval holds beyond its members' lines. Source: 调剂使用, domain/B_money B.1.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allocation.context import Amount
from allocation.quota import QuotaBook
from domain.money import largest_remainder

Row = dict[str, Any]
Uses = Mapping[str, Mapping[str, int]]
"""What pools of this run pay inside the total, fen by unit, then by pool in the order of the plan."""
PERMITS = "permits"
"""What stands for a pool where the statement of the two permits pays r."""


def quota_rows(alliance: str, book: QuotaBook, uses: Uses, own: int) -> list[Row]:
    """The rows of the frame `quota` of one alliance.

    uses: of every member; own: fen that the alliance itself pays inside the total in this run.
    """
    lines = {unit: line for unit, line in book.lines.items() if unit not in book.away}
    now = {unit: sum(uses.get(unit, {}).values()) for unit in lines}
    left = {unit: line.approved.fen - line.paid.fen - now[unit] for unit, line in lines.items()}
    shared = book.alliance is not None
    moved_in = {unit: max(0, -fen) if shared else 0 for unit, fen in left.items()}
    spare = {unit: max(0, fen) for unit, fen in left.items()}
    asked = sum(moved_in.values())
    given = min(asked, sum(spare.values()))
    moved_out = largest_remainder(given, spare) if given else {}
    rows = []
    for unit, line in sorted(lines.items()):
        before = line.paid.fen
        for pool, fen in uses.get(unit, {}).items():
            rows.append(_row(line.approved, unit, before, fen, pool=pool))
            before += fen
        out = moved_out.get(unit, 0)
        rows.append(_row(line.approved, unit, line.paid.fen, now[unit], moved_in=moved_in[unit], moved_out=out))
    without = {unit: reason for unit, reason in book.exempt.items() if unit not in book.away}
    rows += [_row(Amount(0), unit, 0, 0) | {"exempt": reason} for unit, reason in without.items()]
    if book.alliance is not None:  # its own row has what members beyond their lines were moved out of its reserve
        paid = sum(line.paid.fen for line in lines.values())
        whole = _row(book.alliance, alliance, paid, own)
        rows.append(whole | {"scope": "alliance", "moved_out": asked - given})
    return rows


def _row(
    approved: Amount, unit: str, before: int, now: int, *, pool: str = "", moved_in: int = 0, moved_out: int = 0
) -> Row:
    return {
        "document": approved.document,
        "scope": "member",
        "unit_code": unit,
        "pool": pool,
        "approved": approved.fen,
        "used_before": before,
        "used_now": now,
        "left": approved.fen + moved_in - moved_out - before - now,
        "moved_in": moved_in,
        "moved_out": moved_out,
        "exempt": "",
    }
