"""Write docs/figures.md from performance.json, soak.json, faults.json, reliability.json: no figure is typed in."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "figures.md"
SOAK = {
    "auto": "`auto` with its certificate, closure, caps and fen checked",
    "oracle": "against an independent exact method, whole answers",
    "solvers": "`highs` and `cbc` against `auto`, byte for byte",
    "pay_split": "pay: schemes divided among people, the contract's identities and bounds checked",
    "pay_oracle": "pay: counties paid and put right, every table against a second reading of the contract",
    "pay_years": "pay: years of a tiny county, every ledger after every step",
}

STORMS = (
    (
        "jobs on ",
        "Workers killed and suspended, clocks set back and forth, schedules edited, the database crashed:",
        ("due", "runs", "missing", "double", "half", "kills", "suspensions", "clock_changes", "database_crashes"),
    ),
    ("two at once on ", "Two people take steps of one batch at once, exactly one wins:", ("pairs", "rounds")),
    ("writers at once on ", "Audited changes by several writers make one chain:", ("writers", "changes", "forks")),
    (
        "generated calls on ",
        "Calls made of the OpenAPI document, signed in as each role: no 5xx, nothing that is not documented:",
        ("roles", "calls", "refusals recorded"),
    ),
    (
        "killed in ",
        "kill -9 at random moments: all of the act is there or nothing, and it is done again (landed: it was there):",
        ("moments", "landed", "left", "day"),
    ),
    (
        "command killed in ",
        "A command of the operator killed so: the last backup stands, a place is empty or whole:",
        ("moments", "landed", "day"),
    ),
)
"""Entries of reliability.json: how their names begin, what is said of them, which of their figures are shown."""

MISTAKEN = {
    "refused": "refused",
    "told_moved": "told, > 1%",
    "told_less": "told, < 1%",
    "told_same": "told, none",
    "silent_moved": "silent, > 1%",
    "silent_less": "silent, < 1%",
    "silent_same": "silent, none",
}


def page() -> str:
    """The page."""
    measured: dict[str, Any] = json.loads((DOCS / "performance.json").read_text(encoding="utf-8"))
    soaked: dict[str, Any] = json.loads((DOCS / "soak.json").read_text(encoding="utf-8"))
    machine = measured["machine"]
    lines = [
        "# Figures",
        "",
        "Written by `python -m scripts.figures` from `docs/performance.json` (`make bench`), `docs/soak.json`,",
        "`docs/faults.json` and `docs/reliability.json` (`make soak`).",
        "",
        "## Speed",
        "Seconds of CPU time of a process and its children; what is compared takes turns, the median speaks.",
        f"Python {measured['python']}, {machine['processor']}, {machine['cores']} cores, load {machine['load'][0]}.",
        "",
        "| what | ours | s | baseline | s | ratio | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        _row(one, form) for one in measured["measures"].values() for form in ("", "_long") if f"ours{form}" in one
    ]
    lines += ["", "## Long runs", "", "| what | cases | mismatches | seconds |", "|---|---|---|---|"]
    for name, said in SOAK.items():
        one = soaked.get(name)
        if one is None:  # not run yet with this program
            continue
        lines.append(f"| {said} | {one['cases']} | {one['mismatches']} | {one['seconds']} |")
    return "\n".join([*lines, *_mistakes(soaked), *_planted(), *_service()]) + "\n"


def _mistakes(soaked: dict[str, Any]) -> list[str]:
    """What is said of workbooks with one typing mistake each, kind by kind, and of ordinary quarters."""
    mistakes, quarters = soaked["mistakes"], soaked.get("quarters")
    lines = [
        "",
        "## Typing mistakes",
        f"{mistakes['cases']} workbooks, each an example with one mistake (`tests/mistakes`): refused, told (a warning",
        "or a line of checks.csv about the cell or its unit), or passed over in silence; by whether an amount of",
        "anybody became another by more than 1%, by less, or none did. In silence: the share of those that changed one",
        "by more.",
        "",
        f"| kind | {' | '.join(MISTAKEN.values())} | in silence |",
        f"|---|{'---|' * len(MISTAKEN)}---|",
    ]
    for kind, row in mistakes["kinds"].items():
        silent, moved = row.get("silent_moved", 0), row.get("silent_moved", 0) + row.get("told_moved", 0)
        share = f"{silent / moved:.1%}" if moved else ""
        lines.append(f"| {kind} | {' | '.join(str(row.get(column, 0)) for column in MISTAKEN)} | {share} |")
    if quarters:
        said = f"{quarters['findings']} findings in {quarters['facts']} facts of {quarters['cases']} ordinary quarters"
        lines += ["", f"{said} (every number of an example 15% larger or smaller at most)."]
    return lines


def _planted() -> list[str]:
    """How many planted faults are noticed, room by room."""
    faults: list[dict[str, str]] = json.loads((DOCS / "faults.json").read_text(encoding="utf-8"))
    rooms = {room: Counter[str]() for room in (*dict.fromkeys(map(_room, faults)), "together")}
    for one in faults:
        rooms[_room(one)][one["noticed"]] += 1
        rooms["together"][one["noticed"]] += 1
    return [
        "",
        "## Planted faults",
        "Faults that pay wrongly and crash nowhere (`tests/faults/faults.yaml`), planted one by one in a copy of the",
        "tree. A test notices one if it fails with it and passes without it.",
        "",
        "| room | planted | noticed by the tests of its folder | only by wider ones | survived |",
        "|---|---|---|---|---|",
        *(
            f"| {room} | {each.total()} | {each['folder']} | {each['wider']} | {each['survived']} |"
            for room, each in rooms.items()
        ),
    ]


def _service() -> list[str]:
    """What the service did when workers, people and the database were killed, and with many users at once."""
    held: dict[str, dict[str, Any]] = json.loads((DOCS / "reliability.json").read_text(encoding="utf-8"))
    lines = ["", "## The service"]
    for start, said, columns in STORMS:
        found = {name.removeprefix(start): one for name, one in sorted(held.items()) if name.startswith(start)}
        if found:
            lines += ["", said, "", f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
            lines += [f"| {name} | {' | '.join(str(one[key]) for key in columns)} |" for name, one in found.items()]
    for name, one in sorted(held.items()):
        if "users" in one:
            lines += [
                "",
                f"{name}, {one['seconds']} s, {one['pause']} s between two requests of each (fsync off):",
                f"{one['requests']} requests, {one['errors']} errors; meanwhile {one['submissions']} submissions and",
                f"{one['runs']} runs; none lost, none doubled. Milliseconds of an answer:",
                "",
                "| | answers | p50 | p95 |",
                "|---|---|---|---|",
                *(f"| {kind} | {ms['count']} | {ms['p50']} | {ms['p95']} |" for kind, ms in one["ms"].items()),
            ]
    return lines


def _room(fault: dict[str, str]) -> str:
    return fault["file"].partition("/")[0]


def _row(one: dict[str, Any], form: str) -> str:
    """One measure; form "_long": the same in its other form, against the same baseline and goal."""
    cells = [one["what"], one[f"ours{form}"], one[f"ours{form}_seconds"], one.get("baseline", "")]
    cells += [one.get("baseline_seconds", ""), one.get(f"ratio{form}", ""), one.get("goal", "")]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
