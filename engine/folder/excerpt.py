"""The part of a run folder that one unit has to do with, for those who read only that: `report` and `explain`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.folder.execute import recompute
from engine.folder.output import frame_of, read_manifest
from engine.printing.files import ends_in, write_whole
from engine.report.workbook import write_report
from engine.run.result import RunResult


def around(folder: Path, unit: str) -> RunResult:
    """The result of the alliances that `unit` is, is in, or (a district) has: computed again for the stories.

    The tables and warnings are those of the folder, so that ranks and counts stay what they were among all. Raises
    InputProblems if it is not a run folder or has no such unit.
    """
    manifest = read_manifest(folder)
    result = recompute(folder, around=unit)
    tables = {}
    for name, part in result.tables.items():
        unit_column = "alliance_code" if name == "pools" else "unit_code"
        whole = frame_of(folder, name)
        tables[name] = whole[whole[unit_column].isin(part[unit_column])].reset_index(drop=True)
    return replace(result, tables=tables, meta={**result.meta, "warnings": manifest["warnings"]})


def report(folder: Path, unit: str, out: Path) -> None:
    """Write the workbook of one unit's alliances to `out`, as a whole or not at all. Raises as `around`."""
    ends_in(out, ".xlsx")
    result = around(folder, unit)
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / "report.xlsx"
        write_report(result, made)
        write_whole(out, made.read_bytes())
