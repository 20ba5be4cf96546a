"""Pictures for printed pages and screens: page, fonts, palette, and saving so that the same input gives the same bytes.

SVG keeps its text as text: it is measured with the font that comes with the library, so that the file is the same on
every machine, and shown in the reader's own Chinese font. PNG has its glyphs inside, of the font that comes with the
program; what that font does not have is refused.
Import this module only where a picture is drawn: the library (matplotlib, docs/decisions/0005-pictures.md) is large.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib import font_manager, rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from domain.problems import Problems
from engine.printing import font

FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Serif CJK SC",
    "SimSun",
)
"""Chinese fonts for whoever reads an SVG, the first that there is goes first."""
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#7F7F7F")
"""Eight colours that colour-blind people can tell apart (Okabe and Ito 2008, the black as a grey)."""
INK, FAINT, GRID = "#222222", "#5A5A5A", "#DDDDDD"
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 13.0, 9.0, 7.5
"""Sizes of letters in points, as they are on paper."""
HEAD, FOOT = 0.78, 0.34
"""Inches that the title with its line below, and the line at the foot, take of a page."""
LEGEND_ROW = 0.2
"""Inches between the rows of a legend."""
_KEY = 0.42  # inches that a legend's coloured key takes, with the room beside it
SUFFIXES = (".svg", ".png")
_MEASURE = "DejaVu Sans"
_OWN = "Liangyun Noto Sans SC"
_SALT = "liangyun"
_DPI = 200


def check_picture(path: Path, problems: Problems) -> None:
    """Note what keeps a picture from being written to `path`: its ending or its folder."""
    if path.suffix.lower() not in SUFFIXES:
        problems.add(path.name, "PICTURE-SUFFIX", "图形只能是 .svg 或 .png", "改文件名的后缀")
    elif path.is_dir() or not path.parent.is_dir():
        problems.add(str(path), "PICTURE-OUT", "不能写到这里", "先建好文件夹, 写文件名")


@cache
def _family() -> str:
    """The program's own font, under a name that no font of the machine has."""
    for weight in (400, 700):  # there is one weight of it: a bold title is as the rest, and nobody is told so
        entry = font_manager.FontEntry(fname=str(font.FILE), name=_OWN, weight=weight)
        font_manager.fontManager.ttflist.append(entry)
    return _OWN


def draw(suffix: str, build: Callable[[], Figure]) -> bytes:
    """The bytes of the picture that `build` makes with `page` and `panel`; suffix: `.svg` or `.png`.

    No date and no name of this machine go in; ids inside an SVG are salted with a fixed text. Raises InputProblems
    (GLYPH) for each text of a PNG with a sign that the font does not have.
    """
    vector = suffix.lower() == ".svg"
    family = _MEASURE if vector else _family()
    settings: dict[Any, Any] = {
        "font.family": [family],
        "font.size": TEXT_SIZE,
        "text.parse_math": False,
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.6,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "xtick.color": FAINT,
        "ytick.color": FAINT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "hatch.linewidth": 0.6,
        "svg.fonttype": "none",
        "svg.hashsalt": _SALT,
        "savefig.dpi": _DPI,
        "path.simplify": False,
    }
    buffer = io.BytesIO()
    with rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        figure = build()
        if not vector:
            _check_signs(figure)
        metadata = {"Date": None, "Creator": "Liangyun"} if vector else {"Software": "Liangyun"}
        figure.savefig(buffer, format=suffix.lower().removeprefix("."), metadata=metadata, facecolor="white")
    if not vector:
        return buffer.getvalue()
    families = ", ".join(f"'{name}'" for name in FAMILIES) + ", sans-serif"
    text = buffer.getvalue().decode("utf-8")
    return re.sub(rf"(style=\"[^\"']*)'{_MEASURE}'", lambda found: found[1] + families, text).encode("utf-8")


def _check_signs(figure: Figure) -> None:
    problems = Problems()
    for said in dict.fromkeys(text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)):
        font.check(said, said, problems)
    problems.raise_if_any()


def page(title: str, line: str, foot: str, width: float, height: float) -> Figure:
    """An empty page, width × height in inches: title, a line below it, lines at the foot, all from the left."""
    figure = Figure(figsize=(width, height))
    left = 0.2 / width
    figure.text(left, 1 - 0.18 / height, title, fontsize=TITLE_SIZE, fontweight="bold", va="top")
    figure.text(left, 1 - 0.5 / height, line, fontsize=TEXT_SIZE, color=FAINT, va="top")
    figure.text(left, 0.12 / height, foot, fontsize=SMALL_SIZE, color=FAINT, va="bottom")
    return figure


def panel(figure: Figure, left: float, bottom: float, right: float, top: float, *, grid: str = "x") -> Axes:
    """Axes on a page, that many inches from each of its edges; grid: `x`, `y`, `both` or `none`."""
    width, height = figure.get_size_inches()
    share = (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    axes = figure.add_axes(share)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0 if grid == "x" else 3, width=0.6)
    if grid != "none":
        axes.grid(axis=grid)  # type: ignore[arg-type]
    return axes


def text_width(text: str, size: float = TEXT_SIZE) -> float:
    """About how many inches a text takes: a Chinese character as wide as high, others 0.6 of that."""
    return sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.6 for sign in text) * size / 72


def shortened(text: str, inches: float, size: float = TEXT_SIZE) -> str:
    """A text that takes at most so many inches, cut off with … if it would not."""
    if text_width(text, size) <= inches:
        return text
    while text and text_width(text + "…", size) > inches:
        text = text[:-1]
    return text + "…"


def wrapped(text: str, inches: float, size: float = TEXT_SIZE) -> list[str]:
    """A text in lines that take at most so many inches each, with nothing left out."""
    lines = [""]
    for sign in text:
        if text_width(lines[-1] + sign, size) > inches:
            lines.append("")
        lines[-1] += sign
    return lines


def legend_rows(labels: Sequence[str], inches: float) -> list[list[str]]:
    """The labels of a legend in rows that are at most so many inches wide."""
    rows: list[list[str]] = [[]]
    used = 0.0
    for label in labels:
        taken = text_width(label, SMALL_SIZE) + _KEY
        if rows[-1] and used + taken > inches:
            rows.append([])
            used = 0.0
        rows[-1].append(label)
        used += taken
    return rows


def legend(figure: Figure, rows: list[list[str]], looks: Mapping[str, Mapping[str, Any]], left: float) -> None:
    """A legend under the head of a page, from `left` inches on: `rows` of labels, each with the looks of its bars."""
    width, height = figure.get_size_inches()
    for row, labels in enumerate(rows):
        at, y = left, height - HEAD - LEGEND_ROW * (row + 0.5)
        for label in labels:
            key = Rectangle(
                (at / width, (y - 0.05) / height),
                0.16 / width,
                0.1 / height,
                transform=figure.transFigure,
                **looks[label],
            )
            figure.add_artist(key)
            figure.text((at + 0.22) / width, y / height, label, fontsize=SMALL_SIZE, va="center_baseline")
            at += text_width(label, SMALL_SIZE) + _KEY


def looks_of(labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """How the bars of each label are filled: eight colours, then the same ones hatched."""
    hatches = ("", "////", "....", "xxxx")
    return {
        label: {
            "facecolor": PALETTE[at % len(PALETTE)],
            "edgecolor": "white",
            "linewidth": 0.5,
            "hatch": hatches[at // len(PALETTE) % len(hatches)],
        }
        for at, label in enumerate(labels)
    }
