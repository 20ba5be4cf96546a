"""`liangyun terms`: what a code is, found by any part of its Chinese name."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from api.console import print_json
from api.tables import print_lines, print_table
from domain.problems import InputProblems, Problem
from engine.drafting.terms import KINDS, Term, find
from engine.drafting.terms import terms as all_terms
from engine.policy.configs import load_configs
from engine.workflow.roles import ROLES

_CARDS = 3
"""So many are told in full; more as a table."""


def terms(
    word: Annotated[str, typer.Argument(metavar="词", help="代码或中文, 可以是一部分; 不写是全部")] = "",
    *,
    kind: Annotated[str, typer.Option("--kind", metavar="种类", help=f"只查一种: {', '.join(KINDS)}")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """Tell what a word may mean: code, Chinese name, unit, definition, parameters, where it is used."""
    known = _of_kind(all_terms(load_configs(), {code: role.title for code, role in ROLES.items()}), kind)
    found, held = find(known, word.strip()) if word.strip() else (known, True)
    if as_json:
        print_json({"found": held, "terms": [asdict(one) for one in found]})
        return
    if not held:
        sys.stdout.write(f"没有含“{word}”的名称, 最接近的:\n")
    if len(found) <= _CARDS:
        for one in found:
            _print_card(one)
        return
    rows = [(KINDS[one.kind], one.code, one.title, one.unit, one.definition) for one in found]
    print_table(f"{word or '全部'} ({len(rows)} 个)", ("种类", "代码", "名称", "单位", "含义"), rows)


def _of_kind(known: Sequence[Term], kind: str) -> list[Term]:
    """Those of one kind, by its code or Chinese name. Raises InputProblems."""
    named = {title: code for code, title in KINDS.items()}
    wanted = named.get(kind, kind)
    if wanted and wanted not in KINDS:
        listed = "、".join(f"{code} {title}" for code, title in KINDS.items())
        raise InputProblems([Problem("--kind", "USAGE", f"没有种类 {kind}", f"可用: {listed}")])
    return [one for one in known if wanted in ("", one.kind)]


def _print_card(one: Term) -> None:
    print_lines(
        [
            ("种类", KINDS[one.kind]),
            ("代码", one.code),
            ("名称", one.title),
            ("单位", one.unit),
            ("含义", one.definition),
        ]
    )
    print_table("参数", ("参数", "名称", "含义"), one.params)
    sys.stdout.writelines(f"用于: {where}\n" for where in one.used)
    sys.stdout.write("\n")
