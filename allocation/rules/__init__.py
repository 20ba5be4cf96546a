"""Allocation rules: one file per rule, found by looking into the folder.

A rule file has: `Params` (its fields besides use and priority), `KIND` ("cap", "floor" or "group"), `NEEDS` (the
member fields it needs), `STAFF_ONLY` (refused for income pools), `CHINESE` (its name for people) and, by kind:

    cap/floor   bound(params, member) -> int                      fen; caps round down, floors up
    group       groups(params) -> list[(parameter, group)]        the groups it names
                rows(params, index, members) -> list[Row]         as rows that must be ≥ 0
                concerns(params, member) -> bool                  whether NEEDS are needed of that member
    shares and ratios: loosened(params) -> (params, text)         what `relief` tries
    any         impossible(params) -> list[str]                   why no amounts could keep to it (left out: never)
"""

from __future__ import annotations

from functools import cache
from types import ModuleType

from domain.modules import modules


@cache
def rules() -> dict[str, ModuleType]:
    """Every rule by its `use`: the modules of this folder, by name."""
    return modules(__name__)
