"""How a file for somebody else is laid out: one YAML per bank, tax list or treasury table, which a county replaces.

Ours are examples; `status: checked` is for who has the receiver's own document and names it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

import configs
from domain.facts import Strict
from domain.problems import InputProblems, Problem
from domain.values import Id
from engine.yaml.document import file_bytes, read_bytes
from engine.yaml.schema import closest, validate

Kind = Literal["bank", "tax_wages", "tax_labour", "treasury"]
_PERSON = ("seq", "person_code", "name")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "bank": ("seq", "account_name", "account", "bank", "branch", "cnaps", "amount", "batch"),
    "tax_wages": (
        *_PERSON, "id_type", "id_number", "from", "to", "income", "basic", "withheld_before", "note",
        "exempt", "relief",
    ),
    "tax_labour": (*_PERSON, "id_type", "id_number", "from", "to", "income", "exempt", "relief", "note"),
    "treasury": (
        *_PERSON, "payer", "payer_name", "home_unit", "home_unit_name", "staffing", "category", "grade", "month",
        "bank", "account", "gross", "up", "down", "payable", "tax", "other", "cut", "net", "nature", "government",
        "department", "function", "note",
    ),
}  # fmt: skip
"""What a column can hold, by what the file is."""
AMOUNTS = frozenset(
    {"amount", "income", "basic", "withheld_before", "exempt", "relief", "gross", "up", "down", "payable", "tax",
     "other", "cut", "net"}
)  # fmt: skip
TOTALS = frozenset({"amount", "income", "net"})
"""What `total` adds up, where a layout has it; else its first amount."""
PLACES = frozenset({"count", "total", "batch", "payer", "payer_name", "month", "part", "parts"})
"""What head and foot lines and file names can say, beside the parameters."""
_FOLDERS: Mapping[str, str] = {"bank": "banks"}


class LayoutColumn(Strict):
    """One column: its heading, and what stands in it: a field, what was deducted of an item, or the same text."""

    title: str
    field: str | None = None
    item: str | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.field, self.item, self.text)) > 1:
            raise ValueError("field、item、text 最多写一个")
        return self


class Answer(Strict):
    """How the receiver's answer is read: its columns (absent: ours, then `state` and `reason`), and its words."""

    columns: list[LayoutColumn] = Field(default_factory=list)
    ok: list[str] = Field(min_length=1)
    failed: list[str] = Field(min_length=1)
    returned: list[str] = Field(default_factory=list)
    lists: Literal["all", "failed"] = "all"


class Layout(Strict):
    """One file's layout. max_rows: more lines than that are split over several files, each a part of the batch."""

    id: Id
    title: str
    kind: Kind
    status: Literal["example", "checked"]
    document: str = ""
    note: str = ""
    format: Literal["xlsx", "text"]
    sheet: str = "Sheet1"
    encoding: Literal["gb18030", "gbk", "utf-8"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = "|"
    line_end: Literal["crlf", "lf"] = "crlf"
    parameters: Mapping[Id, str] = Field(default_factory=dict)
    head: list[list[str]] = Field(default_factory=list)
    headings: bool = True
    foot: list[list[str]] = Field(default_factory=list)
    columns: list[LayoutColumn] = Field(min_length=1)
    amount: Literal["yuan", "fen"] = "yuan"
    max_rows: Annotated[int, Field(ge=1)] | None = None
    file: str = "{batch}"
    answer: Answer | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.status == "checked" and not self.document:
            raise ValueError("status: checked 须写明 document (收件方的格式文件)")
        fields = FIELDS[self.kind]
        for column in self.columns:
            if column.field is not None and column.field not in fields:
                raise ValueError(f"没有字段 {column.field}, {closest(column.field, list(fields))}")
        known = PLACES | set(self.parameters)
        for text in (self.file, *texts_of(self)):
            for name in placed(text):
                if name not in known:
                    raise ValueError(f"{{{name}}} 不是可用的名称, {closest(name, sorted(known))}")
        if self.format == "text":
            titles = (column.title for column in self.columns)
            for text in (*titles, *texts_of(self)):
                try:
                    text.encode(self.encoding)
                except UnicodeEncodeError as error:
                    raise ValueError(f"“{text}” 在 {self.encoding} 里写不出") from error
        return self

    @property
    def suffix(self) -> str:
        """The ending of its files' names."""
        return ".xlsx" if self.format == "xlsx" else ".txt"


@dataclass(frozen=True)
class Read:
    """A layout and the hash of the file it was read from."""

    layout: Layout
    sha256: str


def texts_of(layout: Layout) -> list[str]:
    """What a layout itself says: in columns of one text, in head and foot lines."""
    columns = [column.text for column in layout.columns if column.text]
    return [*columns, *(cell for line in (*layout.head, *layout.foot) for cell in line)]


def placed(text: str) -> list[str]:
    """The names in braces of a text. Raises ValueError where braces do not match."""
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]


def shipped(kind: Kind) -> dict[str, Path]:
    """The layouts that come with the program, by id."""
    folder = configs.folder() / _FOLDERS.get(kind, "exports")
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def read_layout(reference: str, kind: Kind) -> Read:
    """A layout by the path of its file or, of one that comes with the program, by its id.

    Raises InputProblems: NO-FILE, LAYOUT-UNKNOWN, LAYOUT-KIND and what is wrong in the file, at its lines.
    """
    known = shipped(kind)
    path = Path(reference)
    if not path.is_file() and path.suffix != ".yaml":
        if reference not in known:
            said = f"没有格式 {reference}"
            raise InputProblems(
                [Problem(reference, "LAYOUT-UNKNOWN", said, closest(reference, known) + ", 或给出 YAML 文件")]
            )
        path = known[reference]
    name = f"configs/{path.parent.name}/{path.name}" if path in known.values() else str(path)
    return layout_in(file_bytes(path, name), name, kind)


def layout_in(content: bytes, name: str, kind: Kind) -> Read:
    """A layout from the bytes of its file. Raises InputProblems: LAYOUT-KIND and what is wrong, at `name`:line."""
    document = read_bytes(content, name=name)
    layout = validate(Layout, document, document.data)
    if layout is not None and layout.kind != kind:
        document.add(("kind",), "LAYOUT-KIND", f"这是 {layout.kind} 的格式, 这里要 {kind} 的", "换一个文件")
    document.raise_if_any()
    assert layout is not None  # noqa: S101  (nothing was noted, so it was read)
    return Read(layout, hashlib.sha256(content).hexdigest())
