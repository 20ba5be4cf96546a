"""Workbooks written by hand: everything that the format allows to be spelled otherwise, spelled otherwise."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from domain.sheets import letters

Sheets = dict[str, list[list[Any]]]
PLAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
STRICT = ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships")
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
# Style 1 shows percentages, 2 days, 3 percentages by a format of its own, 4 a text with a sign for show.
STYLES = (
    '<numFmts count="2"><numFmt numFmtId="170" formatCode="0.0%;[Red]\\-0.0%"/>'
    '<numFmt numFmtId="171" formatCode="0.0&quot;%&quot;"/></numFmts>'
    '<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="10"/><xf numFmtId="14"/><xf numFmtId="170"/>'
    '<xf numFmtId="171"/></cellXfs>'
)


@dataclass
class Spelling:
    """How a workbook is spelled. cells: raw XML of cells by place ("事实表!D2"), as (attributes, content)."""

    refs: bool = True
    namespaces: tuple[str, str] = PLAIN
    prefix: str = ""
    main: str = "xl/workbook.xml"
    absolute: bool = False
    swapped: bool = False
    strings: str = "shared"
    calculation: str = ""
    merges: dict[str, list[str]] = field(default_factory=dict)
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>'
    encoding: str = "utf-8"
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)

    def write(self, sheets: Sheets, path: Path) -> Path:
        """The workbook at `path`."""
        shared: list[str] = []
        folder = self.main.rpartition("/")[0]
        parts = {
            f"{folder}/sheets of/s{at}.xml": self._sheet(name, rows, shared)
            for at, (name, rows) in enumerate(sheets.items())
        }
        names, kinds = list(parts), self.namespaces[1]
        listed = "".join(self._named(name, at) for at, name in enumerate(sheets))
        calc = self._tag("calcPr", self.calculation) if self.calculation else ""
        parts[self.main] = self._root("workbook", self._tag("sheets", "", listed) + calc)
        parts[f"{folder}/styles.xml"] = self._root("styleSheet", self._prefixed(STYLES))
        texts = "".join(self._tag("si", "", self._tag("t", 'xml:space="preserve"', escape(one))) for one in shared)
        parts[f"{folder}/texts.xml"] = self._root("sst", texts)
        links = [(f"rId{at}", f"{kinds}/worksheet", part) for at, part in enumerate(names)]
        links += [
            ("a", f"{kinds}/styles", f"{folder}/styles.xml"),
            ("b", f"{kinds}/sharedStrings", f"{folder}/texts.xml"),
        ]
        place, _, base = self.main.rpartition("/")
        parts[f"{place}/_rels/{base}.rels"] = self._links(links, folder)
        parts["_rels/.rels"] = self._links([("x", f"{kinds}/officeDocument", self.main)], "")
        parts["[Content_Types].xml"] = TYPES
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
            for name, text in parts.items():
                book.writestr(name, text.encode(self.encoding if "sheets of" in name else "utf-8"))
        return path

    def _named(self, name: str, at: int) -> str:
        given = [f"name={quoteattr(name)}", f'sheetId="{at + 1}"', f'r:id="rId{at}"']
        return self._tag("sheet", " ".join(reversed(given) if self.swapped else given))

    def _tag(self, name: str, attributes: str = "", content: str = "") -> str:
        name = f"{self.prefix}{name}"
        return f"<{name} {attributes}>{content}</{name}>" if content else f"<{name} {attributes}/>"

    def _prefixed(self, xml: str) -> str:
        return xml.replace("</", "\0").replace("<", f"<{self.prefix}").replace("\0", f"</{self.prefix}")

    def _root(self, name: str, content: str) -> str:
        colon = f":{self.prefix[:-1]}" if self.prefix else ""
        spaces = f'xmlns{colon}="{self.namespaces[0]}" xmlns:r="{self.namespaces[1]}"'
        return self.prolog + self._tag(name, spaces, content or " ")

    def _links(self, links: list[tuple[str, str, str]], folder: str) -> str:
        told = []
        for one, kind, part in links:
            target = f"/{part}" if self.absolute else part.removeprefix(f"{folder}/")
            told.append(f'<Relationship Target="{target.replace(" ", "%20")}" Type="{kind}" Id="{one}"/>')
        return f'<Relationships xmlns="{PACKAGE}">{"".join(told)}</Relationships>'

    def _sheet(self, name: str, rows: list[list[Any]], shared: list[str]) -> str:
        lines = []
        for row, line in enumerate(rows, start=1):
            cells = []
            for position, value in enumerate(line):
                place = f"{letters(position)}{row}"
                given, content = self.cells.get(f"{name}!{place}") or self._cell(value, shared)
                if self.refs:
                    given = f'{given} r="{place}"' if self.swapped else f'r="{place}" {given}'
                cells.append(self._tag("c", given, self._prefixed(content)))
            lines.append(self._tag("row", f'r="{row}"' if self.refs else "", "".join(cells) or " "))
        merged = "".join(self._tag("mergeCell", f'ref="{box}"') for box in self.merges.get(name, []))
        return self._root(
            "worksheet",
            self._tag("sheetData", "", "".join(lines)) + (self._tag("mergeCells", "", merged) if merged else ""),
        )

    def _cell(self, value: Any, shared: list[str]) -> tuple[str, str]:
        if value == "":
            return "", ""
        if not isinstance(value, str):
            return "", f"<v>{value}</v>"
        if self.strings == "shared":
            shared.append(value)
            return 't="s"', f"<v>{len(shared) - 1}</v>"
        if self.strings == "inline":
            return 't="inlineStr"', f"<is><t>{escape(value)}</t></is>"
        return 't="str"', f"<v>{escape(value)}</v>"
