"""任务完成表: what was done of the packs' entries, on which day and shown by what.

An entry is named as 政策包:条目, or by its id alone where one pack of the plan has it. A row where nothing but the
entry, its title, owner and deadline stands is a line of the blank form and is passed over. What belongs to no unit is
the plan's region's.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from domain.institution import Tier
from domain.pack import Pack, PackDuty, PackEntry, PackMoney, PackPrice
from domain.problems import Problems
from engine.read import cells, words
from engine.read.layout import Table
from engine.read.rows import Rows
from engine.read.tables import unit_columns
from engine.read.units import Units

_FILLED = ("completed_on", "progress", "evidence", "note")
_DONE = frozenset({"完成", "已完成", "全部完成", "已办结", "是"})
_OPEN = frozenset({"未完成", "没有完成", "未办结", "未开始", "否"})
_SEVERAL = 3
"""Unknown entries from which a table where none is known is taken to be another plan's."""
_SHARE = re.compile(r"([0-9]+)/([0-9]+)")


class Entries:
    """The entries of a plan's packs by what a cell may call them."""

    def __init__(self, packs: Mapping[str, Pack]) -> None:
        self.entries: dict[str, PackEntry] = {
            f"{pack.id}:{entry.id}": entry for pack in packs.values() for entry in pack.entries()
        }
        self.by_key: dict[str, list[str]] = {}
        for reference, entry in self.entries.items():
            for name in (reference, entry.id):
                self.by_key.setdefault(words.key(name), []).append(reference)

    def resolve(self, written: str) -> str | tuple[str, str, str]:
        """The reference of an entry as written, or code, message and remedy of what is wrong with it."""
        found = self.by_key.get(words.key(written), [])
        if len(found) > 1:
            return "ENTRY-AMBIGUOUS", f"几份政策包都有条目 {written}", f"写成 {' 或 '.join(found)}"
        if not found:
            close = difflib.get_close_matches(words.key(written), self.by_key, n=1, cutoff=0.6)
            remedy = f"是否为 {self.by_key[close[0]][0]}" if close else "写成 政策包:条目, 见 liangyun pack show"
            return "ENTRY-UNKNOWN", f"方案的政策包里没有条目 {written}", remedy
        if isinstance(self.entries[found[0]], PackMoney | PackPrice):
            return "ENTRY-KIND", f"{written} 是资金规则或价格, 没有完成一说", "只填指标、任务和时间表的条目"
        return found[0]

    def repeats(self, reference: str) -> bool:
        """Whether an entry is done again and again, so that one unit may report several days."""
        entry = self.entries.get(reference)
        return isinstance(entry, PackDuty) and bool(entry.every)


def completions(table: Table, problems: Problems) -> pd.DataFrame:
    """The rows where something is filled in: entry, unit (as written), completed_on, progress, evidence, note, source.

    A month without a day is its last day. What is said to be done must say since when, and the other way round.
    """
    rows = Rows(table, problems)
    rows.take("entry", cells.code)
    unit_columns(rows)
    rows.take("completed_on", lambda cell: cells.day(cell, last=True))
    for role in ("progress", "evidence", "note"):
        rows.take(role, cells.text)
    rows.columns["source"] = rows.columns["completed_on_at"]
    rows.bad |= ~pd.concat([rows.columns[role].map(bool) for role in _FILLED], axis=1).any(axis=1)
    rows.need("entry")
    dated, progress = rows.columns["completed_on"].map(bool), rows.columns["progress"]
    if "progress" in table.columns:
        rows.refuse(
            "progress",
            progress.map(lambda said: _compared(said) > 0),
            "PART-GT-WHOLE",
            lambda said: f"完成情况 {said} 超过总数",
            "核对填报",
        )
        done = progress.isin(_DONE) | progress.map(lambda said: _compared(said) == 0)
        rows.refuse(
            "progress",
            ~dated & done,
            "COMPLETION-DAY",
            lambda said: f"完成情况写 {said}, 没有填完成日期",
            "补填完成日期",
            at="completed_on",
        )
        rows.refuse(
            "progress",
            dated & progress.map(_undone),
            "COMPLETION-DAY",
            lambda said: f"填了完成日期, 完成情况却是 {said}",
            "未完成的不填完成日期",
        )
    return rows.good()


def _undone(said: str | None) -> bool:
    return said in _OPEN or _compared(said) == -1


def _compared(said: str | None) -> int:
    """How `5/7` compares with all of it: −1 less, 0 all, 1 more; −2 for a text that is no share."""
    share = _SHARE.fullmatch(words.key(said or ""))
    if share is None:
        return -2
    part, whole = int(share[1]), int(share[2])
    return (part > whole) - (part < whole)


def settled(
    frame: pd.DataFrame, packs: Mapping[str, Pack] | None, units: Units, region: str, problems: Problems
) -> pd.DataFrame:
    """The rows with entries and units resolved; what is unknown, no entry of these packs or told twice is a problem.

    packs: None where they are not known: entries stay as written. region: the code of the plan's region.
    """
    if frame.empty:
        return frame.assign(unit_code="")
    rows = frame.assign(unit_code=_whole(units, region))
    named = rows["unit"] != ""
    if named.any():
        rows.loc[named, "unit_code"] = units.resolve(rows[named], "unit", problems)
    repeats: Callable[[str], bool] = lambda _: True  # noqa: E731  (nothing is known of entries without packs)
    if packs is not None:
        entries = Entries(packs)
        repeats = entries.repeats
        rows["entry"] = list(_resolved(rows, entries, problems))
    rows = rows[rows["entry"].notna() & rows["unit_code"].notna()]
    day = rows["completed_on"].where(rows["entry"].map(repeats).astype(bool), None)
    keys = rows[["entry", "unit_code"]].assign(day=day.map(str))
    first: dict[tuple[str, ...], str] = {}
    for key, source in zip(map(tuple, keys.to_numpy()), rows["source"], strict=True):
        if key in first:
            said = f"{key[0]} {units.codes.get(key[1], '')}".rstrip() + f" 与 {first[key]} 重复"
            problems.add(str(source), "DUPLICATE", said, "每个条目每个单位一行")
        first.setdefault(key, source)
    return rows


def _resolved(rows: pd.DataFrame, entries: Entries, problems: Problems) -> Iterator[str | None]:
    """The references; where not one of several entries is known the table is another plan's, which is said once."""
    names = list(dict.fromkeys(rows["entry"]))
    if len(names) >= _SEVERAL and not any(entries.by_key.get(words.key(name)) for name in names):
        listed = "、".join(names[:_SEVERAL]) + (f" 等 {len(names)} 个" if len(names) > _SEVERAL else "")
        where = str(rows["entry_at"].iloc[0]).partition("!")[0]
        said = f"没有一个条目在方案的政策包里 (表中是 {listed})"
        problems.add(where, "ENTRY-OTHER", said, "核对数据文件与方案是否相配, 或改正条目")
        yield from [None] * len(rows)
        return
    for written, at in zip(rows["entry"], rows["entry_at"], strict=True):
        found = entries.resolve(written)
        if isinstance(found, str):
            yield found
        else:
            problems.add(str(at), *found)
            yield None


def _whole(units: Units, region: str) -> str:
    """The code of the unit that is the plan's whole region; "" where none or several are."""
    found = [code for code, place in units.regions.items() if place == region and units.tiers[code] == Tier.DISTRICT]
    return found[0] if len(found) == 1 else ""
