"""Ways to forge a run folder, for the tests that look whether verify finds them."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.folder.lines import by_line
from engine.folder.output import canonical, table_of, write_parquet


def edit_json(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        told = json.loads((folder / "explain.json").read_text(encoding="utf-8"))
        change(told)
        (folder / "explain.json").write_text(by_line(told), encoding="utf-8")

    return edit


def edit_text(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def drop_row(folder: Path) -> None:
    lines = (folder / "allocations.csv").read_text(encoding="utf-8").splitlines()
    (folder / "allocations.csv").write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")


def swap_rows(folder: Path) -> None:
    head, first, second, *rest = (folder / "totals.csv").read_text(encoding="utf-8").splitlines()
    (folder / "totals.csv").write_text("\n".join([head, second, first, *rest]) + "\n", encoding="utf-8")


def edit_workbook(old: bytes, new: bytes) -> Callable[[Path], None]:
    """Change what stands in one part of the workbook, wherever it stands first."""

    def edit(folder: Path) -> None:
        path = folder / "report.xlsx"
        with zipfile.ZipFile(path) as book:
            parts = {info.filename: book.read(info) for info in book.infolist()}
        name = next(name for name, raw in sorted(parts.items()) if old in raw)
        parts[name] = parts[name].replace(old, new, 1)
        with zipfile.ZipFile(path, "w") as book:
            for part, raw in parts.items():
                book.writestr(part, raw)

    return edit


def rewrite_workbook(change: Callable[[str, str], str]) -> Callable[[Path], None]:
    """Change the parts of the workbook, each by its name and text."""

    def edit(folder: Path) -> None:
        path = folder / "report.xlsx"
        with zipfile.ZipFile(path) as book:
            parts = {info.filename: book.read(info).decode() for info in book.infolist()}
        changed = {name: change(name, text) for name, text in parts.items()}
        assert changed != parts
        with zipfile.ZipFile(path, "w") as book:
            for part, text in changed.items():
                book.writestr(part, text)

    return edit


def swap(one: str, other: str) -> Callable[[str, str], str]:
    return lambda _, text: text.replace(one, "\0").replace(other, one).replace("\0", other)


def comment(folder: Path) -> None:
    with zipfile.ZipFile(folder / "report.xlsx", "a") as book:
        book.writestr("xl/comments1.xml", "<comments><text>9462.00</text></comments>")


def column_more(name: str, text: str) -> str:
    """One more column of words in the sheet of pools, and an amount there."""
    if name != "xl/worksheets/sheet6.xml":
        return text
    assert "<v>1700</v>" in text
    more = r'\1<c r="Z\2" t="inlineStr"><is><t>备注</t></is></c></row>'
    text = re.sub(r'(<row r="([0-9]+)"(?:(?!</row>).)*)</row>', more, text, flags=re.DOTALL)
    return text.replace("<v>1700</v>", "<v>9700</v>", 1)


def allocation_of(told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = told["traces"]["allocation/A1/reward/T1"]
    return found


def retell(told: dict[str, Any], change: Callable[[Any], Any]) -> None:
    told["traces"]["allocation/A1/reward/T1"] = change(allocation_of(told))


def replaced(old: str, new: str) -> Callable[[Any], Any]:
    """Change the JSON text of a value."""

    def change(value: Any) -> Any:
        text = json.dumps(value, ensure_ascii=False)
        assert old in text
        return json.loads(text.replace(old, new))

    return change


def as_batch(folder: Path) -> None:
    """Honest Parquet tables, and a manifest of a batch; amounts beside them are another matter."""
    for path in folder.glob("*.csv"):
        write_parquet(table_of(path), path.with_suffix(".parquet"))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    (folder / "manifest.json").write_text(canonical(manifest | {"batch": True}), encoding="utf-8")
    edit_text("allocations.csv", ",300,462.00", ",300,9462.00")(folder)


def parquet_beside(folder: Path) -> None:
    write_parquet(table_of(folder / "allocations.csv"), folder / "allocations.parquet")
    edit_text("allocations.csv", ",300,462.00", ",300,9462.00")(folder)


def more(folder: Path) -> None:
    (folder / "notice.txt").write_text("C1 9462.00", encoding="utf-8")


def edit_manifest(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    def edit(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        change(manifest)
        (folder / "manifest.json").write_text(canonical(manifest), encoding="utf-8")

    return edit
