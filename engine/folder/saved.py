"""A run folder read back into values: whose number a story tells, who got how much of a pool, what is warned of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocation.answer import Conflicting
from allocation.holding import Held, holding
from domain.money import floor_fen, parse_yuan
from domain.problems import InputProblems, Problem
from domain.step import Phrase, Place, RunWarning
from engine.exchange.parse import parse
from engine.exchange.written import amounts_of, conflict_of, missed_of

FILE = "explain.json"
WORDS = {"written": "{said}"}


@dataclass(frozen=True)
class Story:
    """One number's story: of what (kind, place), in words, and as typed data where the version that wrote it had it."""

    kind: str
    place: Place
    told: Mapping[str, Any]

    @property
    def key(self) -> str:
        """The one name of the number."""
        return str(self.told["key"])


@dataclass(frozen=True)
class Loosened:
    """What loosening a rule would move: the rule, whose ("" for all), by how much (as written), fen for the unit."""

    use: str
    code: str
    relax: str
    fen: int


@dataclass(frozen=True)
class Line:
    """What one unit got of one pool: fen, its share of what was paid (as written), what held it; or the conflict.

    paid: fen of all units; by_share: fen that its merit alone would give it; gave_way: the members that something held,
    "" for one that is not named.
    """

    alliance: str
    pool: str
    title: str
    unit: str = ""
    fen: int = 0
    paid: int = 0
    share: str = ""
    held_by: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    by_share: int = 0
    gave_way: tuple[str, ...] = ()
    relief: tuple[Loosened, ...] = ()
    warnings: tuple[str, ...] = ()
    conflict: tuple[Conflicting, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """explain.json. items: indicators by scorecard and item."""

    stories: tuple[Story, ...]
    items: Mapping[tuple[str, str], str]
    warnings: tuple[str, ...]
    allocations: tuple[Mapping[str, Any], ...]

    def lines(self, unit: str) -> Iterator[Line]:
        """The lines of a unit, in the order of alliances and pools; one for every pool whose rules contradict."""
        for one in self.allocations:
            if any(member["code"] == unit for member in one["problem"]["members"]):
                yield from _lines(one, unit)

    def members(self, alliance: str, pool: str) -> Iterator[Line]:
        """The lines of all units of a pool, in the order of the answer; none where its rules contradict."""
        for one in self.allocations:
            if (one["alliance_code"], one["pool"]) == (alliance, pool) and "conflict" not in one["answer"]:
                yield from _lines(one)


def read_explanation(folder: Path) -> Explanation:
    """What a run folder tells. Raises InputProblems (EXPLAIN-UNREADABLE) if the file is missing or spoiled."""
    path = folder / FILE
    try:
        return explanation_of(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError) as error:
        said = Problem(str(path), "EXPLAIN-UNREADABLE", "说明文件缺失或损坏", "用 liangyun verify 核对, 或重新运行")
        raise InputProblems([said]) from error


def explanation_of(data: Mapping[str, Any]) -> Explanation:
    """The content of explain.json. Raises KeyError, TypeError or ValueError if it is not what a run writes."""
    pairs = {key.partition("/")[::2]: indicator for key, indicator in data["items"].items()}
    stories = tuple(_story(key, told) for key, told in data["traces"].items())
    return Explanation(stories, pairs, tuple(data["warnings"]), tuple(data["allocations"]))


def _story(key: str, told: Mapping[str, Any]) -> Story:
    """The story of one number. Raises ValueError if it, or its typed step, says that it is another number's."""
    kind, place = _place(told)
    if told["key"] != key or "/".join((kind, *place.parts)) != key:
        raise ValueError(f"{key} tells of another number")
    return Story(kind, place, told)


def warning_of(written: str) -> RunWarning:
    """A warning as it was written: what is said, and its code in brackets."""
    said, _, code = written.removesuffix(")").rpartition(" (")
    return RunWarning(code, Phrase(f"{__name__}:written", {"said": said}))


def _lines(one: Mapping[str, Any], unit: str = "") -> Iterator[Line]:
    """The lines of one pool; unit: only that one's."""
    here, answer = (one["alliance_code"], one["pool"], one["title"]), one["answer"]
    if "conflict" in answer:
        yield Line(*here, unit=unit, conflict=conflict_of(answer["conflict"]))
        return
    problem, paid = parse(one["problem"]), amounts_of(answer)
    merits = {member.code: member.merit for member in problem.members}
    held, whole = holding(problem, paid, missed_of(answer)), sum(merits.values())
    distributed, gave_way = sum(one.fen for one in paid), tuple(one.code for one in paid if one.held_by)
    for entry in answer["amounts"]:
        if unit in {"", entry["code"]}:
            yield Line(
                *here,
                unit=entry["code"],
                fen=parse_yuan(entry["amount"]),
                paid=distributed,
                share=entry["share"],
                held_by=tuple(entry["held_by"]),
                held=held[entry["code"]],
                by_share=floor_fen(problem.pool * merits[entry["code"]] / whole),
                gave_way=gave_way,
                relief=tuple(_loosened(answer.get("relief", ()), entry["code"])),
                warnings=tuple(answer["warnings"]),
            )


def _place(told: Mapping[str, Any]) -> tuple[str, Place]:
    """Of what a story tells; where it has no typed step, its key says it."""
    if "step" in told:
        return told["step"]["kind"], Place(**told["step"]["place"])
    kind, *parts = told["key"].split("/")
    return kind, Place(**dict(zip(_names(kind, parts), parts, strict=True)))


def _names(kind: str, parts: list[str]) -> tuple[str, ...]:
    """What the parts of a key name, from the largest to the smallest."""
    if kind == "score":
        return ("unit", "card", "item")[: len(parts)]
    if kind == "permits":
        return ("unit", "line")
    if kind == "overspend":
        return ("alliance", "unit", "line")
    if kind == "pool" and len(parts) == 3:
        return ("alliance", "pool", "line")
    within = ("part", "unit", "line") if kind == "pool" else ("unit", "line", "of")
    return ("alliance", "pool", *within)[: len(parts)]


def _loosened(relief: Any, unit: str) -> Iterator[Loosened]:
    for one in relief:
        for move in one["moves"]:
            if move["code"] == unit:
                yield Loosened(one["use"], one["code"] or "", one["relax"], parse_yuan(move["amount"]))
