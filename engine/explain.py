"""One number's story, told from the run folder: formula, numbers, rule, clauses, cells, and what held it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocation.rules import rules
from domain.problems import InputProblems, Problem
from engine.output import explanation, read_manifest

FAMILIES = {
    "indicator": "指标", "score": "得分", "total": "总分", "pool": "资金池", "merit": "绩效", "allocation": "分配",
    "permit": "两个允许", "permits": "两个允许", "quota": "绩效工资总量",
}  # fmt: skip


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

    unit: an institution's, alliance's or district's code. Raises InputProblems if there is no such number.
    """
    told = _load(folder, unit)
    traces = tuple(trace for key, trace in sorted(told["traces"].items()) if _about(key, unit, pool, indicator))
    lines = () if indicator else tuple(_lines(told["allocations"], unit, pool))
    if not traces and not lines:
        raise InputProblems([_nothing(folder, told, unit, pool, indicator)])
    return Story(unit, traces, lines, tuple(told["warnings"]))


def say(story: Story) -> str:
    """The story as text."""
    blocks = [f"警告: {warning}" for warning in story.warnings]
    blocks += [_say_trace(trace) for trace in story.traces]
    blocks += [_say_line(line) for line in story.lines]
    return "\n\n".join(blocks) + "\n"


def held_words(held_by: Iterable[str]) -> list[str]:
    """What held an amount, in words."""
    return [_held(use) for use in held_by]


def _load(folder: Path, unit: str) -> dict[str, Any]:
    manifest = read_manifest(folder)
    if manifest["batch"]:
        from engine.run import recompute  # noqa: PLC0415  (only batches are computed again to be told)

        told: dict[str, Any] = json.loads(json.dumps(explanation(recompute(folder, around=unit))))
        return told
    path = folder / "explain.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as error:
        said = Problem(str(path), "EXPLAIN-UNREADABLE", "说明文件缺失或损坏", "用 liangyun verify 核对, 或重新运行")
        raise InputProblems([said]) from error
    return told


def _about(key: str, unit: str, pool: str | None, indicator: str | None) -> bool:
    parts = key.split("/")
    return unit in parts[1:] and all(wanted in parts[1:] for wanted in (pool, indicator) if wanted)


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


def _nothing(folder: Path, told: Mapping[str, Any], unit: str, pool: str | None, indicator: str | None) -> Problem:
    known = sorted(key for key in told["traces"] if unit in key.split("/")[1:])
    if not known:
        return Problem(str(folder), "NO-UNIT", f"结果里没有单位 {unit}", "核对单位编码")
    asked = f"资金池 {pool}" if pool else f"指标 {indicator}"
    names = sorted({part for key in known for part in key.split("/")[1:] if part != unit})
    return Problem(str(folder), "NO-NUMBER", f"{unit} 没有{asked}的数", "可查: " + ", ".join(names))


def _say_trace(trace: Mapping[str, Any]) -> str:
    family = FAMILIES.get(trace["key"].split("/")[0], "")
    rows = [f"【{family}】{trace['title']} = {trace['result']}" if family else f"{trace['title']} = {trace['result']}"]
    rows += [f"  公式: {trace['formula']}"] if trace["formula"] else []
    rows += [f"  代入: {name} = {value}" for name, value in trace["numbers"].items()]
    rows += [f"  规则: {trace['rule']}"] if trace["rule"] else []
    rows += [f"  条款: {cite}" for cite in trace["cites"]]
    rows += [f"  取数: {cell}" for cell in trace["cells"]]
    rows += [f"  说明: {note}" for note in trace["notes"]]
    return "\n".join(rows)


def _say_line(line: Mapping[str, Any]) -> str:
    head = f"【分配结果】{line['title']}"
    if "conflict" in line:
        return "\n".join([f"{head}: 规则互相矛盾, 未支付", *say_conflict(line["conflict"])])
    rows = [f"{head} = {line['amount']} 元 (占已分配 {line['share']})"]
    rows += [f"  受限: {said}" for said in held_words(line["held_by"])] or ["  受限: 无, 按绩效占比分得"]
    for relief in line["relief"]:
        whom = f" ({relief['code']})" if relief["code"] else ""
        sign = "少得" if relief["amount"].startswith("-") else "多得"
        amount = relief["amount"].lstrip("-+")
        rows.append(f"  放宽: {_title(relief['use'])}{whom} 放宽 {relief['relax']}, {sign} {amount} 元")
    rows += [f"  提示: {warning}" for warning in line["answer_warnings"]]
    return "\n".join(rows)


def say_conflict(conflict: Iterable[Mapping[str, Any]]) -> list[str]:
    """One line per rule of a contradiction."""
    said = []
    for entry in conflict:
        whom = f" ({entry['code']})" if entry.get("code") else ""
        said.append(f"  矛盾: {_title(str(entry['use']))}{whom}, 至少差 {entry['short']} 元")
    return said


def _title(use: str) -> str:
    known = rules()
    return str(known[use].CHINESE) if use in known else {"pool": "资金池金额"}.get(use, use)


def _held(use: str) -> str:
    known = rules()
    if use in known and known[use].KIND == "cap":
        return f"封顶于{_title(use)}"
    return f"因{_title(use)}受限"
