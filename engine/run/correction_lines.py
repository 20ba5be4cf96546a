"""What a correction changes beside the amounts of pools: r, settlements, deposits, the parts of an overspend.

Each is a line of its own in `deltas.csv`, whose column `pool` says which (`Changed.code`):

    permits                     r of the statement of the two permits
    settlement/POOL/LINE        prepaid/FROM, carried/FROM, top_up, claw_back (due is the amount of the pool itself)
    deposit/POOL/LINE           opening, held, released, forfeited, closing
    overspend/LINE              as in `overspend.csv`, also of the whole alliance

They say of the same money when it is paid, to whom and by whom, so they have no funding and are never added to what
pools pay: r comes out of the member's own a, a top-up and a deposit out of the pool. Source: a correction shows all
that it changes, domain/B_money ("Through the year").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from allocation.deposit import LINES as DEPOSIT
from domain.step import Phrase, Place, Value
from engine.run.quota_lines import PERMITS

POOL, SETTLEMENT, DEPOSITS, OVERSPEND = "pool", "settlement", "deposit", "overspend"
TABLES = ("permits", "settlements", "deposits", "overspend")
WORDS = {
    "permits": "两个允许测算表 r",
    "settlement": "{pool:title} 清算: {line}",
    "settlement_of": "{pool:title} 清算: {line} ({of:title})",
    "deposit": "{pool:title} 质量保证金: {line}",
    "overspend": "超支分担: {line}",
}
_TITLES = {
    "prepaid": "已预付",
    "carried": "扣回余额",
    "top_up": "补发",
    "claw_back": "扣回",
    "opening": "期初余额",
    "held": "扣存",
    "released": "释放",
    "forfeited": "扣罚",
    "closing": "期末余额",
    "overspend": "清算确认超支",
    "unreasonable": "不合理支出",
    "to_share": "待分担",
    "bands": "分档分担额",
    "alliance_part": "由上级医院分担",
    "share": "分担",
    "relief": "弹性结算减免",
    "borne": "承担合计",
    "fund": "由医保基金承担",
}


@dataclass(frozen=True, order=True)
class Changed:
    """What may change: the amount of a pool (kind `POOL`), or a line, of a pool, about another one (of)."""

    kind: str
    pool: str = ""
    line: str = ""
    of: str = ""

    @property
    def code(self) -> str:
        """What stands in the column `pool` of `deltas.csv`."""
        kind = "" if self.kind == POOL else self.kind
        return "/".join(filter(None, (kind, self.pool, "" if kind == PERMITS else self.line, self.of)))

    @property
    def said(self) -> Phrase:
        """What a line is called."""
        told: dict[str, Value | None] = {"pool": self.pool, "line": _TITLES.get(self.line, self.line), "of": self.of}
        return Phrase(f"{__name__}:{self.kind}{'_of' if self.of else ''}", told)

    def place(self, alliance: str, unit: str) -> Place:
        """Where it belongs."""
        return Place(alliance, self.pool, unit=unit, line=self.line, of=self.of)


R = Changed(PERMITS, line="r")
Line = tuple[str, Changed, str]
"""An alliance ("" where its table has none), what it is of, and a unit."""
Lines = Mapping[Line, int]
"""fen."""


def lines_of(tables: Mapping[str, pd.DataFrame]) -> dict[Line, int]:
    """The lines of the tables of a run, as far as it has them: frames, or as read back, with fen."""
    return {key: fen for name in TABLES if name in tables for key, fen in _of(name, tables[name])}


def _of(name: str, table: pd.DataFrame) -> Iterator[tuple[Line, int]]:
    for row in table.to_dict("records"):
        alliance, unit = str(row.get("alliance_code", "")), str(row["unit_code"])
        if name == "deposits":
            for line in DEPOSIT:
                yield (alliance, Changed(DEPOSITS, str(row["pool"]), line), unit), int(row[line])
        elif name == "permits" and row["line"] == R.line:
            yield (alliance, R, unit), int(row["amount"])
        elif name == "overspend":
            yield (alliance, Changed(OVERSPEND, line=str(row["line"])), unit), int(row["amount"])
        elif name == "settlements" and row["line"] != "due":
            what = Changed(SETTLEMENT, str(row["pool"]), str(row["line"]), str(row["of"]))
            yield (alliance, what, unit), int(row["amount"])


def changed_lines(was: Lines, now: Lines, homes: Mapping[str, str]) -> Iterator[tuple[Line, int, int]]:
    """Every line of which any unit's amount changed, with its fen before and now, in their order.

    was: may lack alliances: there the unit stands where it does now, else where `homes` (by unit) says.
    """
    here = {unit: alliance for alliance, what, unit in now if what.kind in {PERMITS, DEPOSITS}}
    placed = {
        (alliance or here.get(unit) or homes.get(unit, ""), what, unit): fen
        for (alliance, what, unit), fen in was.items()
    }
    keys = sorted(placed.keys() | now.keys())
    changed = {key[:2] for key in keys if placed.get(key, 0) != now.get(key, 0)}
    for key in keys:
        if key[:2] in changed:
            yield key, placed.get(key, 0), now.get(key, 0)
