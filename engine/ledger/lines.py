"""What a task ledger says: its lines, how far each unit is, and both as tables of texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import pandas as pd

from engine.ledger.rounds import Rounds

State = Literal["done", "due", "overdue", "not_due", "unread", "not_applicable"]
Progress = Literal["done", "open", "missing", "not_applicable"]
Extent = Literal["done", "open", "partly", "missing", "unread", "encouraged", "not_applicable"]
"""Of a line: partly is done as far as reported, with reports missing; unread: the plan chose none of its readings;
encouraged: not met, and the text only encourages it."""
UNREAD = "读法未定"
STATES: dict[State, str] = {
    "done": "已完成",
    "due": "即将到期",
    "overdue": "逾期",
    "not_due": "未到期",
    "unread": UNREAD,
    "not_applicable": "不适用",
}
Shown = Literal[
    "done", "due", "overdue", "past", "not_due", "open", "unreported", "unread", "encouraged", "named", "not_applicable"
]
SHOWN: dict[Shown, str] = {
    "done": "已完成",
    "due": "即将到期",
    "overdue": "逾期",
    "past": "未填报, 期限已过",
    "not_due": "未到期",
    "open": "未完成, 没有期限",
    "unreported": "未填报, 没有期限",
    "unread": UNREAD,
    "encouraged": "文件只是鼓励, 未做到",
    "named": "点名未定目标, 不判完成",
    "not_applicable": "不适用",
}
"""What is counted and drawn: a state, and apart from it what nobody reported (which is no statement of being late) and
what the text only encourages (which is none of not having met it), or names without a target."""
Kind = Literal["rule", "trend", "named", "duty", "milestone"]
KINDS: dict[Kind, str] = {
    "rule": "指标",
    "trend": "趋势",
    "named": "点名未定目标",
    "duty": "任务",
    "milestone": "时间表",
}
_DOCUMENTS = 3
"""Documents that the table names of one line; the rest is in the sheet of units."""


@dataclass(frozen=True)
class UnitLine:
    """How far one unit is: the value as text, the day of completion, and what was noted with its figures.

    rounds: of what is done again and again and was reported; later: days of completion after the day of the ledger.
    """

    unit_code: str
    unit_name: str
    progress: Progress
    value: str = ""
    done_on: date | None = None
    documents: tuple[str, ...] = ()
    rounds: Rounds | None = None
    later: tuple[date, ...] = ()

    @property
    def later_text(self) -> str:
        """That days of completion after the day of the ledger do not count."""
        return f"填报完成日期 {'、'.join(map(str, self.later))} 在台账日期之后, 未计" if self.later else ""

    def until(self, day: date) -> UnitLine:
        """The unit where only intervals due by a day are asked for: what lapsed later undoes nothing before."""
        lapsed = self.rounds is None or any(one.due <= day for one in self.rounds.missed)
        return self if lapsed or self.done_on is None else replace(self, progress="done")

    def as_json(self) -> dict[str, Any]:
        """The unit for programs."""
        return {
            "unit": self.unit_code,
            "name": self.unit_name,
            "progress": self.progress,
            "value": self.value,
            "done_on": _iso(self.done_on),
            "documents": list(self.documents),
            "later": [_iso(day) for day in self.later],
        }


@dataclass(frozen=True)
class Line:
    """One line of the ledger.

    begins: the day the document holds from; demand: the target in words; evidence: what the document asks to be shown;
    days: to the deadline (negative: past it), None without one; units: empty where nothing shows it; reported: False
    where all that is missing is reports, partly: some are there; repeats: whether it is done again and again; rounds:
    its intervals where they are known and somebody reported (begins and deadline are then those of the interval that
    the state speaks of); encouraged: not met, and the text only encourages it (its state is not_applicable).
    """

    pack: str
    id: str
    kind: Kind
    title: str
    cite: str
    owner: str
    begins: date | None
    deadline: date | None
    demand: str
    evidence: str
    state: State
    days: int | None
    units: tuple[UnitLine, ...] = ()
    notes: tuple[str, ...] = ()
    reported: bool = True
    partly: bool = False
    repeats: bool = False
    rounds: Rounds | None = None
    encouraged: bool = False

    @property
    def shown(self) -> Shown:
        """The state, and apart from it what nobody reported and what is only encouraged."""
        if self.encouraged:
            return "encouraged"
        if self.kind == "named" and self.state == "not_applicable" and not self.units:
            return "named"
        if not self.reported and self.state == "overdue":
            return "past"
        if self.deadline is None and self.state == "not_due":
            return "open" if self.reported else "unreported"
        return self.state

    @property
    def done_on(self) -> date | None:
        """The day the last unit was done, where every unit names its day."""
        days = [unit.done_on for unit in self.units if unit.progress == "done"]
        there = [day for day in days if day is not None]
        return max(there) if self.state == "done" and there and len(there) == len(days) else None

    @property
    def state_text(self) -> str:
        """The state with its days: 逾期 31 天; with its interval: 2022年第2季度 逾期 31 天, 3/4 期."""
        if self.rounds is None or self.state == "not_applicable":
            return self._once_text
        count = self.rounds.count_text
        return f"{self.rounds.asked.title} {self._once_text}" + (f", {count}" if count else "")

    @property
    def _once_text(self) -> str:
        if self.state == "done":
            return self._done_text
        if self.state in {"not_applicable", "unread"}:
            return SHOWN[self.shown]
        unsaid = "" if self.reported else "部分未填报" if self.partly else "未填报"
        if self.days is None:
            return unsaid or ("未达到 (没有期限)" if self.kind in {"rule", "trend"} else "未完成 (没有期限)")
        if self.state == "overdue":
            return f"{unsaid}, 期限已过 {-self.days} 天" if unsaid else f"逾期 {-self.days} 天"
        left = "今天到期" if self.days == 0 else f"还有 {self.days} 天"
        return f"{unsaid}, {left}" if unsaid else left

    @property
    def _done_text(self) -> str:
        if self.done_on is None or self.rounds is not None:
            return STATES["done"]
        if self.repeats:
            return f"持续 (最近 {self.done_on})"
        late = (self.done_on - self.deadline).days if self.deadline else 0
        return f"已完成 ({self.done_on}{f', 晚 {late} 天' if late > 0 else ''})"

    @property
    def share_text(self) -> str:
        """How many of several units are done, while not all are: 4/6."""
        asked = [unit for unit in self.units if unit.progress != "not_applicable"]
        if len(asked) < 2 or self.state == "done":
            return ""
        return f"{sum(unit.progress == 'done' for unit in asked)}/{len(asked)}"

    @property
    def progress_text(self) -> str:
        """Who is done and who is not: 4/6 完成; 未完成: 示例三市 27%."""
        asked = [unit for unit in self.units if unit.progress != "not_applicable"]
        if not asked:
            return ""
        if len(asked) == 1:
            return asked[0].value or ("未填报" if asked[0].progress == "missing" else "")
        done = sum(unit.progress == "done" for unit in asked)
        late = [f"{unit.unit_name} {unit.value or '未填报'}" for unit in asked if unit.progress != "done"]
        return f"{done}/{len(asked)} 完成" + (f"; 未完成: {', '.join(late)}" if late else "")

    @property
    def documents(self) -> tuple[str, ...]:
        """What was noted with the figures, each once."""
        several = len(self.units) > 1
        said = [f"{unit.unit_name}: {text}" if several else text for unit in self.units for text in unit.documents]
        return tuple(dict.fromkeys(said))

    def as_json(self) -> dict[str, Any]:
        """The line for programs."""
        return {
            "pack": self.pack,
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "cite": self.cite,
            "owner": self.owner,
            "begins": _iso(self.begins),
            "deadline": _iso(self.deadline),
            "demand": self.demand,
            "evidence": self.evidence,
            "state": self.state,
            "shown": self.shown,
            "reported": self.reported,
            "said": self.state_text,
            "days": self.days,
            "done_on": _iso(self.done_on),
            "notes": list(self.notes),
            "rounds": self.rounds.as_json() if self.rounds else None,
            "units": [unit.as_json() for unit in self.units],
        }


@dataclass(frozen=True)
class Ledger:
    """All lines, by deadline (those without last), pack and place in the pack."""

    plan_id: str
    plan_title: str
    as_of: date
    period: str
    lines: tuple[Line, ...]
    warnings: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[Shown, int]:
        """How many lines are shown as what."""
        return {shown: sum(line.shown == shown for line in self.lines) for shown in SHOWN}

    @property
    def summary(self) -> str:
        """How many lines are shown as what, in words."""
        if not self.lines:
            return "方案没有引用政策文件, 没有任务"
        return "; ".join(f"{SHOWN[shown]} {count}" for shown, count in self.counts.items() if count)

    @property
    def unreported(self) -> dict[State, int]:
        """How many lines of each state nobody reported."""
        return {state: sum(line.state == state and not line.reported for line in self.lines) for state in STATES}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def table(ledger: Ledger) -> Iterator[tuple[str, ...]]:
    """The ledger's lines as texts, in the order of HEADINGS; with one pack only, clauses do not name it."""
    alone = len({line.pack for line in ledger.lines}) == 1
    for line in ledger.lines:
        yield (
            line.id,
            KINDS[line.kind],
            line.title,
            line.owner,
            line.deadline.isoformat() if line.deadline else "",
            line.state_text,
            line.demand,
            line.progress_text,
            line.evidence,
            "; ".join(line.documents[:_DOCUMENTS])
            + (f" 等 {len(line.documents)} 份" if len(line.documents) > _DOCUMENTS else ""),
            line.cite.removeprefix(f"{line.pack} ") if alone else line.cite,
            "; ".join(line.notes),
        )


HEADINGS = ("编号", "种类", "事项", "责任单位", "期限", "状态", "要求", "进展", "应有凭据", "已报凭据", "条款", "说明")


def detail(ledger: Ledger) -> pd.DataFrame:
    """One row per line and unit: id, title, unit_code, unit_name, progress, value, documents."""
    words = {"done": "已完成", "open": "未完成", "missing": "未填报", "not_applicable": "不适用"}
    rows = [
        (
            line.id,
            line.title,
            unit.unit_code,
            unit.unit_name,
            words[unit.progress],
            "; ".join(text for text in (unit.value, unit.later_text) if text),
            "; ".join(unit.documents),
        )
        for line in ledger.lines
        for unit in line.units
    ]
    return pd.DataFrame(rows, columns=["id", "title", "unit_code", "unit_name", "progress", "value", "documents"])
