"""What versions before this one did not write yet: all that a folder of theirs may lack, or hold otherwise.

Whoever adds a file, a sheet or a column to the outputs after a release says here since which version it is written;
everything that is not named here is in every run folder. A folder that says it is of an earlier version than it is
gains no more than this list.
"""

from __future__ import annotations

import re

STEP = "explain.json step"
WARNED = "manifest.json warned"
SOLVER = "manifest.json solver"
SEAL = "report.xlsx 数据校验码"
KEPT = "inputs/before"
SINCE: dict[str, tuple[int, ...]] = {
    STEP: (0, 2, 0),  # the typed step of a story
    WARNED: (0, 3, 0),  # warnings as data
    SOLVER: (0, 3, 0),  # who proposed how pools are split
    SEAL: (0, 2, 0),  # over the tables without their words
    "quota.csv": (0, 3, 0),
    "checks.csv": (0, 3, 0),
    "report.xlsx!总量台账": (0, 3, 0),
    "report.xlsx!数据核对": (0, 3, 0),
    "report.xlsx!封面": (0, 3, 0),  # lists those sheets
    KEPT: (0, 4, 0),  # what a corrected run gave beside the amounts of pools, and what it read
}
"""By file name ("quota.csv"), sheet ("report.xlsx!资金池": it, or columns and lines of it), or one of the above."""
_VERSION = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){2}")


def lacked(what: str, version: str) -> bool:
    """Whether folders of that version are without it; a version that is none has everything."""
    if what not in SINCE or not _VERSION.fullmatch(version):
        return False
    return tuple(int(number) for number in re.findall("[0-9]+", version)) < SINCE[what]
