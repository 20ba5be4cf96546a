"""One number's story, told from the run folder: formula, numbers, rule, clauses, cells, and what held it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from allocation.permit_lines import LINES
from allocation.settlement import LINES as SETTLED
from domain.problems import InputProblems, Problem
from engine.exchange.written import conflict_of
from engine.folder.output import explanation, frame_of, read_manifest
from engine.run.say import held_words
from engine.run.words import rule_title, say_conflict

FAMILIES = {
    "score": "得分", "pool": "资金池", "quota": "总量", "reward": "收支结余", "allocation": "分配",
    "settlement": "清算", "permits": "两个允许", "overspend": "超支分担",
}  # fmt: skip
"""What a trace's key begins with, in the order of a run."""


@dataclass(frozen=True)
class Story:
    """What is told of one unit: its traces (as explain.json has them) and its lines of allocation answers.

    lines: one per pool: alliance_code, pool, amount (text, yuan), share, held_by, relief, warnings.
    """

    unit: str
    traces: tuple[dict[str, Any], ...]
    lines: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The story for programs."""
        return {
            "unit": self.unit,
            "traces": list(self.traces),
            "allocations": list(self.lines),
            "warnings": list(self.warnings),
        }


def explain(folder: Path, unit: str, *, pool: str | None = None, indicator: str | None = None) -> Story:
    """The story of `unit` in a run folder, of one pool or one indicator if named.

    unit: code or name of an institution, alliance or district; indicator: its code, or the id of the scorecard's item.
    Raises InputProblems if there is no such number.
    """
    read_manifest(folder)
    code = _code(folder, unit)
    told = _load(folder, code)
    items = {item.partition("/")[2] for item, found in told["items"].items() if found == indicator}
    wanted = [{one} for one in (pool,) if one] + ([{indicator, *items}] if indicator else [])
    mine = {key: trace for key, trace in told["traces"].items() if code in _units(key)}
    traces = [trace for key, trace in mine.items() if all(one & set(_parts(key)) for one in wanted)]
    lines = () if indicator else tuple(_lines(told["allocations"], code, pool))
    if pool:
        formed = {f"pool/{line['alliance_code']}/{pool}/" for line in lines}
        traces += [trace for key, trace in told["traces"].items() if key.rpartition("/")[0] + "/" in formed]
    if not traces and not lines:
        raise InputProblems([_nothing(folder, unit, mine, told, pool)])
    return Story(code, tuple(sorted(traces, key=_place(folder, code))), lines, tuple(told["warnings"]))


def say(story: Story) -> str:
    """The story as text."""
    blocks = [f"警告: {warning}" for warning in story.warnings]
    lines = {f"allocation/{line['alliance_code']}/{line['pool']}/{story.unit}": line for line in story.lines}
    pools = {f"pool/{line['alliance_code']}/{line['pool']}/": line["title"] for line in story.lines}
    for trace in story.traces:
        line = lines.pop(trace["key"], None)
        said = [*_say_trace(trace | {"notes": []}), *_say_line(line)] if line else _say_trace(trace)
        pool = pools.get("/".join(trace["key"].split("/")[:3]) + "/")
        if pool and len(pools) > 1:  # the steps of several pools have the same titles
            said.insert(1, f"  资金池: {pool}")
        blocks.append("\n".join(said))
    blocks += ["\n".join([f"【分配】{line['title']}", *_say_line(line)]) for line in lines.values()]
    return "\n\n".join(blocks) + "\n"


def _load(folder: Path, unit: str) -> dict[str, Any]:
    manifest = read_manifest(folder)
    if manifest["batch"]:
        from engine.folder.excerpt import around  # noqa: PLC0415  (only batches are computed again to be told)

        told: dict[str, Any] = json.loads(json.dumps(explanation(around(folder, unit))))
        return told
    path = folder / "explain.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        said = Problem(str(path), "EXPLAIN-UNREADABLE", "说明文件缺失或损坏", "用 liangyun verify 核对, 或重新运行")
        raise InputProblems([said]) from error
    return told


def _code(folder: Path, unit: str) -> str:
    """The code of a unit given by code or by a name that only one unit has."""
    names = pd.concat([frame_of(folder, name)[["unit_code", "unit_name"]] for name in ("totals", "allocations")])
    codes = names.loc[names["unit_name"] == unit, "unit_code"].unique()
    return str(codes[0]) if len(codes) == 1 and unit not in set(names["unit_code"]) else unit


def _units(key: str) -> list[str]:
    """Where a trace's key may name the unit it tells of; a score's item may be called like a unit (D01)."""
    family, *rest = key.split("/")
    return rest[:1] if family == "score" else rest


def _parts(key: str) -> list[str]:
    """What a trace's key names besides: of a score the card and the item, of an amount also its pool."""
    family, *rest = key.split("/")
    return rest[1:] if family == "score" else rest


def _place(folder: Path, unit: str) -> Callable[[Mapping[str, Any]], tuple[int, int, str]]:
    """Where a trace stands in a story: as the run goes, the statement of the two permits in its own order."""
    permits = frame_of(folder, "permits")
    steps = permits.loc[permits["unit_code"] == unit, "line"].tolist()
    orders = {"permits": steps, "reward": list(LINES), "settlement": list(SETTLED)}
    families = list(FAMILIES)

    def place(trace: Mapping[str, Any]) -> tuple[int, int, str]:
        family, _, rest = trace["key"].partition("/")
        step = rest.rpartition("/")[2]
        return (
            families.index(family) if family in families else len(families),
            orders[family].index(step) if step in orders.get(family, ()) else 0,
            trace["key"],
        )

    return place


def _lines(allocations: list[dict[str, Any]], unit: str, pool: str | None) -> Iterable[dict[str, Any]]:
    for allocation in allocations:
        answer = allocation["answer"]
        if pool and allocation["pool"] != pool:
            continue
        for entry in answer.get("amounts", []):
            if entry["code"] == unit:
                moves = [_relief(relief, unit) for relief in answer.get("relief", [])]
                yield {
                    "alliance_code": allocation["alliance_code"],
                    "pool": allocation["pool"],
                    "title": allocation["title"],
                    **{key: entry[key] for key in ("amount", "share", "held_by")},
                    "relief": [move for move in moves if move],
                    "answer_warnings": answer["warnings"],
                }
        if answer.get("status") == "infeasible" and unit in _codes(allocation["problem"]):
            yield {
                "alliance_code": allocation["alliance_code"],
                "pool": allocation["pool"],
                "title": allocation["title"],
                "conflict": answer["conflict"],
            }


def _codes(problem: Mapping[str, Any]) -> set[str]:
    return {str(member["code"]) for member in problem["members"]}


def _relief(relief: Mapping[str, Any], unit: str) -> dict[str, Any] | None:
    amount = next((move["amount"] for move in relief["moves"] if move["code"] == unit), None)
    if amount is None:
        return None
    return {"use": relief["use"], "code": relief["code"], "relax": relief["relax"], "amount": amount}


def _nothing(folder: Path, unit: str, mine: Mapping[str, Any], told: Mapping[str, Any], pool: str | None) -> Problem:
    if not mine:
        return Problem(str(folder), "NO-UNIT", f"结果里没有单位 {unit}", "核对单位编码")
    keys = [key.split("/") for key in mine]
    if pool:
        known = sorted({key[2] for key in keys if key[0] in {"pool", "allocation"}})
    else:
        items = {"/".join(key[2:]) for key in keys if key[0] == "score"} & set(told["items"])
        known = sorted({told["items"][item] for item in items} | {item.partition("/")[2] for item in items})
    what = "资金池" if pool else "指标"
    return Problem(str(folder), "NO-NUMBER", f"{unit} 没有这个{what}", f"可查: {', '.join(known) or '无'}")


def _say_trace(trace: Mapping[str, Any]) -> list[str]:
    family = FAMILIES.get(trace["key"].partition("/")[0], "")
    rows = [f"【{family}】{trace['title']} = {trace['result']}"]
    rows += [f"  公式: {trace['formula']}"] if trace["formula"] else []
    rows += [f"  代入: {name} = {value}" for name, value in trace["numbers"].items()]
    rows += [f"  规则: {trace['rule']}"] if trace["rule"] else []
    rows += [f"  条款: {cite}" for cite in trace["cites"]]
    rows += [f"  取数: {cell}" for cell in trace["cells"]]
    rows += [f"  说明: {note}" for note in trace["notes"]]
    return rows


def _say_line(line: Mapping[str, Any]) -> list[str]:
    if "conflict" in line:
        return ["  规则互相矛盾, 未分配", *say_conflict(conflict_of(line["conflict"]))]
    rows = [f"  占比: {line['share']} (占已分配)"]
    free = "  受限: 无, 按绩效占比分得, 其他单位受限让出后再分的也在其中"
    rows += [f"  受限: {said}" for said in held_words(line["held_by"])] or [free]
    for relief in line["relief"]:
        whom = f" ({relief['code']})" if relief["code"] else ""
        sign = "少得" if relief["amount"].startswith("-") else "多得"
        amount = relief["amount"].lstrip("-+")
        rows.append(f"  放宽: {rule_title(relief['use'])}{whom} 放宽 {relief['relax']}, {sign} {amount} 元")
    return rows + [f"  提示: {warning}" for warning in line["answer_warnings"]]
