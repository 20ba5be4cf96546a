"""A drawn county as a clerk hands it in: a workbook with Chinese headings in whatever dress, and the plan's file."""

from __future__ import annotations

import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import xlsxwriter

from .drawing import Drawn
from .reading import DAYS, MEASURES, NUMBERS, SHEETS, WORDS, Row


def write(made: Drawn, folder: Path) -> tuple[Path, Path]:
    """The plan's file and the workbook."""
    folder.mkdir(parents=True, exist_ok=True)
    plan, book = folder / "hr.yaml", folder / "people.xlsx"
    plan.write_text(json.dumps(made.plan, ensure_ascii=False, indent=1), encoding="utf-8")  # which is YAML
    workbook = xlsxwriter.Workbook(str(book), {"strings_to_numbers": False})
    days = workbook.add_format({"num_format": "yyyy-mm-dd"})
    titles = {item["id"]: item["title"] for item in made.plan["pay"]["items"]}
    for title, (name, words) in SHEETS.items():
        rows = made.tables.get(name, [])
        if not rows:
            continue
        sheet = workbook.add_worksheet(title)
        known = {code: heading for heading, _, code in (word.partition("=") for word in words.split())}
        if name.endswith("_facts"):
            rows, measures = _wide(rows)
            known |= {one: {code: heading for heading, code in MEASURES.items()}.get(one, one) for one in measures}
        at = made.r.choice([0, 1, 2])
        if at:
            sheet.write(0, 0, f"示例县{title}")
        for column, heading in enumerate(known.values()):
            sheet.write(at, column, heading)
        for line, row in enumerate(rows, start=at + 1):
            for column, code in enumerate(known):
                value = _dressed(
                    made.r, code, titles.get(row[code], row[code]) if code == "item" else row.get(code, "")
                )
                if isinstance(value, dt.date):
                    sheet.write_datetime(line, column, value, days)
                else:
                    sheet.write(line, column, value)
    workbook.close()
    return plan, book


def _wide(rows: list[Row]) -> tuple[list[Row], list[str]]:
    """A row per post or team, a column per measure."""
    made: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = tuple(cell for name, cell in row.items() if name not in ("measure", "value"))
        one = made.setdefault(key, {name: cell for name, cell in row.items() if name not in ("measure", "value")})
        one[row["measure"]] = row["value"]
    return list(made.values()), sorted({row["measure"] for row in rows})


def _dressed(r: random.Random, code: str, text: str) -> Any:
    """A cell: numbers typed or as text, with signs of money; days as days or text; words for codes."""
    if not text:
        return r.choice(["", "", "－"]) if code in ("document", "note", "to") else ""
    if code in DAYS:
        return r.choice([dt.date.fromisoformat(text), text, text.replace("-", "."), text.replace("-", "")])
    back = {known: word for word, known in WORDS.get(code, {}).items()}
    if text in back:
        return r.choice([text, back[text]]) if code != "item" else text
    if code in NUMBERS or code in (*MEASURES.values(), "签约人月", "履约率"):
        kind = r.random()
        if kind < 0.5:
            return float(text)
        whole, _, rest = text.partition(".")
        if kind < 0.7 and code in ("income", "amount", "balance", "payable") and not text.startswith("-"):
            return f"￥{int(whole):,}.{rest or '00'}"
    return text
