"""What computes, decides, prints or hides reads numbers and codes: texts are taken apart by readers alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "indicators", "allocation", "engine", "api")
READERS = (
    "engine/read/", "engine/pay/read/", "engine/yaml/", "engine/exchange/", "engine/template/",
    "engine/pay/template/",
    "engine/folder/saved.py", "engine/storage/", "api/http/",
)  # fmt: skip
"""What comes from outside as text: workbooks, YAML, JSON, a run folder; databases and their URLs, HTTP headers."""
TAKEN_APART = {
    "partition",
    "rpartition",
    "split",
    "rsplit",
    "removeprefix",
    "removesuffix",
    "startswith",
    "endswith",
}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ALLOWED = {
    # codes, and texts that the program was given
    "domain/documents.py": "reads 口径",
    "domain/identifiers.py": "whether a code is one",
    "domain/keys.py": "names of modules",
    "domain/modules.py": "names of files",
    "domain/pay_keys.py": "examples, and units that a plan writes in Chinese",
    "domain/plan_keys.py": "examples",
    "engine/pay/exports/answer.py": "reads the bank's result file",
    "engine/pay/exports/back.py": "reads the table of a repay folder",
    "engine/pay/exports/opened.py": "reads the tables of a pay folder",
    "engine/pay/exports/register.py": "reads the register beside a pay folder",
    "engine/pay/exports/sent.py": "reads the register beside the key",
    "api/commands/pay/exporting.py": "the parameters of the command line",
    "domain/objections.py": "the values that the library says it expects",
    "domain/pay.py": "reads what pays for a correction: a word and a name",
    "domain/money.py": "reads amounts; capitals as on cheques",
    "domain/period.py": "reads periods",
    "domain/region.py": "codes of regions are prefixes of each other",
    "domain/sheets.py": "what a spreadsheet would take for a formula",
    "domain/values.py": "reads what a model is given",
    "indicators/registry.py": "a module's name",
    "allocation/pools/insurance_surplus.py": "codes of money items",
    "engine/checks/rows.py": "codes of money items, with their pool",
    "engine/run/say.py": "where a text stands, and its forms",
    "api/cli.py": "where a command stands",
    "api/commands/drafting.py": "the parameters of the command line",
    "api/commands/allocate.py": "a file's ending",
    "api/commands/pay/asking.py": "reads a month",
    "api/commands/plan.py": "a rule's code: pack and entry",
    "api/console.py": "the messages of the command line's own library, in Chinese",
    # readers of one thing beside the rooms of readers
    "engine/analysis/analyse.py": "reads any table",
    "engine/analysis/pictures.py": "columns of any table",
    "engine/folder/explain.py": "reads the amounts of a saved folder",
    "engine/drafting/lint.py": "lines of a file, and rules that a table lists",
    "engine/drafting/reference.py": "places within a plan",
    "engine/drafting/schema.py": "names of modules and definitions",
    "engine/folder/others.py": "reads the amounts of a saved folder",
    "engine/folder/since.py": "numbers of versions",
    "engine/folder/story_text.py": "cells by their sheets",
    "engine/folder/stories.py": "reads a saved folder, to hold it against this version's",
    "engine/folder/verify.py": "reads the amounts of a saved folder",
    "engine/folder/wording.py": "reads a saved folder, to hold it against this version's",
    "engine/folder/workbooks.py": "reads a saved folder, to hold it against this version's",
    "engine/pay/corrections/cases.py": "reads the values of cases as their columns are",
    "engine/pay/folder/from_run.py": "reads the amounts of a saved folder",
    "engine/pay/folder/recheck.py": "reads the amounts of a saved folder",
    "engine/pay/folder/saved.py": "reads the amounts of a saved folder",
    "engine/policy/configs.py": "reads the list of clauses",
    "engine/policy/files.py": "a file's ending",
    "engine/policy/find.py": "references of packs and plans, and lists of clauses",
    "engine/policy/places.py": "names of modules",
    "engine/policy/pay_factors.py": "names of measures, by which no income may decide pay",
    "engine/policy/plan_checks.py": "references, and places within a plan",
    "engine/policy/readings.py": "references",
    "engine/policy/run_checks.py": "places within a plan",
    "engine/schedule/cron.py": "reads a rule of time",
    "engine/workflow/pay.py": "reads amounts and the month; a file's ending",
    "engine/workflow/pay_folders.py": "a bank batch's number, and its successors'",
    "engine/workflow/pay_results.py": "reads amounts; a file's ending",
    "engine/workflow/payments.py": "reads amounts",
    "engine/workflow/people.py": "reads grants: role and unit",
    "engine/workflow/runs.py": "a pool's code, and that of its deposit",
    "engine/workflow/audited.py": "what a record is about: noun and id",
    "engine/workflow/settings.py": "reads settings",
    "engine/workflow/sign_in.py": "kinds of secrets",
    "engine/workflow/uploads.py": "names of files",
    "engine/workflow/webhooks.py": "kinds of events, and the mark before a secret",
    # paths, pages and pictures
    "engine/folder/output.py": "what a spreadsheet would take for a formula",
    "engine/folder/staging.py": "paths",
    "engine/printing/page.py": "lines of a cell, and what a spreadsheet would take for a formula",
    "engine/printing/pictures.py": "fonts and SVG",
    # texts of packs
    "api/commands/pack.py": "the first word of a section's title",
    "engine/ledger/lines.py": "the clause behind the pack's code",
    "engine/ledger/make.py": "owners that a pack names in one text",
    "engine/run/labelling.py": "which sides of a definition need brackets",
}
"""Who does so for another reason, and which."""


def found(tree: ast.AST) -> Iterator[str]:
    """How a module takes texts apart."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TAKEN_APART:
            yield node.func.attr
        elif isinstance(node, ast.Name) and node.id == "parse_yuan":
            yield node.id
        elif isinstance(node, ast.Import) and any(name.name == "re" for name in node.names):
            yield "re"
        elif isinstance(node, ast.Dict):
            yield from (f"key {key.value}" for key in node.keys if _chinese(key))  # type: ignore[union-attr]
        elif isinstance(node, ast.Subscript) and _chinese(node.slice):
            yield f"key {node.slice.value}"  # type: ignore[attr-defined]


def _chinese(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(CHINESE.search(node.value))


def modules() -> Iterator[str]:
    for room in ROOMS:
        yield from sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("name", [name for name in modules() if not name.startswith(READERS)])
def test_texts_are_taken_apart_by_readers_alone(name: str) -> None:
    uses = sorted(set(found(ast.parse((ROOT / name).read_text(encoding="utf-8")))))
    assert (uses == []) == (name not in ALLOWED), (name, uses)
