"""Write docs/figures.md from docs/performance.json and docs/soak.json: no figure in a document is typed in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "figures.md"
SOAK = {
    "auto": "`auto` with its certificate, closure, caps and fen checked",
    "oracle": "against an independent exact method, whole answers",
    "solvers": "`highs` and `cbc` against `auto`, byte for byte",
}


def page() -> str:
    """The page."""
    measured: dict[str, Any] = json.loads((DOCS / "performance.json").read_text(encoding="utf-8"))
    soaked: dict[str, Any] = json.loads((DOCS / "soak.json").read_text(encoding="utf-8"))
    machine = measured["machine"]
    lines = [
        "# Figures",
        "",
        "Written by `python -m scripts.figures` from `docs/performance.json` (`make bench`) and `docs/soak.json`",
        "(`make soak`).",
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
        one = soaked[name]
        lines.append(f"| {said} | {one['cases']} | {one['mismatches']} | {one['seconds']} |")
    return "\n".join(lines) + "\n"


def _row(one: dict[str, Any], form: str) -> str:
    """One measure; form "_long": the same in its other form, against the same baseline and goal."""
    cells = [one["what"], one[f"ours{form}"], one[f"ours{form}_seconds"], one.get("baseline", "")]
    cells += [one.get("baseline_seconds", ""), one.get(f"ratio{form}", ""), one.get("goal", "")]
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
