"""The part of a run folder that one unit has to do with, for those who read only that: `report` and `explain`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from engine.folder.execute import recompute
from engine.folder.intact import intact
from engine.folder.output import frame_of
from engine.folder.saved import warning_of
from engine.printing.files import ends_in, write_whole
from engine.report.workbook import write_report
from engine.run.result import Result


def around(folder: Path, unit: str) -> Result:
    """The result of the alliances that `unit` is, is in, or (a district) has: computed again for the stories.

    Ranks and warnings are those of the folder, where they stand among all. Raises InputProblems if it is not a run
    folder, not as the run wrote it, or has no such unit.
    """
    manifest = intact(folder)
    result = recompute(folder, around=unit)
    whole, totals = frame_of(folder, "totals"), result.frames["totals"]
    place = {(card, one): rank for card, one, rank in whole[["scorecard", "unit_code", "rank"]].itertuples(index=False)}
    ranks = [place.get(key, "") for key in zip(totals["scorecard"], totals["unit_code"], strict=True)]
    ranked = totals.assign(rank=pd.Series([int(rank) if rank else None for rank in ranks], dtype=object))
    warnings = tuple(map(warning_of, manifest["warnings"]))
    return replace(result, frames={**result.frames, "totals": ranked}, warnings=warnings)


def report(folder: Path, unit: str, out: Path) -> None:
    """Write the workbook of one unit's alliances to `out`, as a whole or not at all. Raises as `around`."""
    ends_in(out, ".xlsx")
    result = around(folder, unit)
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / "report.xlsx"
        write_report(result, made)
        write_whole(out, made.read_bytes())
