"""Pictures: the same bytes, text that stays text, fonts, and what keeps one from being written."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure

from domain.problems import InputProblems, Problems
from engine.printing import font, pictures
from engine.printing.pictures import (
    FAMILIES,
    PALETTE,
    check_picture,
    draw,
    legend_rows,
    looks_of,
    page,
    panel,
    shortened,
    text_width,
    wrapped,
)

PNG = b"\x89PNG\r\n\x1a\n"


def sheet() -> Figure:
    figure = page("标题 $x$ <甲> & 乙", "副题 −1", "页脚", 6, 3)
    axes = panel(figure, 1, 0.8, 0.5, 0.9)
    axes.barh(["甲", "乙"], [1, -2], color=PALETTE[0], hatch="//")
    return figure


def texts(svg: bytes) -> list[str]:
    return ["".join(found.itertext()) for found in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314  (our own)


def test_svg_is_the_same_every_time_and_keeps_its_text() -> None:
    svg = draw(".svg", sheet)
    assert draw(".svg", sheet) == svg
    assert {"标题 $x$ <甲> & 乙", "副题 −1", "页脚", "甲", "乙"} <= set(texts(svg))
    assert b"<dc:date>" not in svg
    assert b"DejaVu" not in svg
    styles = svg.decode().count("font-family:")
    assert styles == len(texts(svg)) == svg.decode().count(", ".join(f"'{name}'" for name in FAMILIES) + ", sans-serif")


def test_png_is_drawn_with_the_font_that_comes_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    png = draw(".png", sheet)
    assert png.startswith(PNG)
    assert draw(".PNG", sheet) == png
    found = font_manager.findfont(font_manager.FontProperties(family=pictures._family(), weight="bold"))
    assert Path(found) == font.FILE
    monkeypatch.setattr(pictures, "_family", lambda: "DejaVu Sans Mono")
    assert draw(".png", sheet) != png


def test_what_the_font_does_not_have_is_refused() -> None:
    def stray() -> Figure:
        return page("标题", "𠮷祥、\U0001f600", "页脚", 4.0, 3.0)

    assert draw(".svg", stray)
    with pytest.raises(InputProblems) as told:
        draw(".png", stray)
    assert [str(problem) for problem in told.value.problems] == [
        "𠮷祥、😀: 字体里没有 “𠮷” (U+20BB7)、“😀” (U+1F600), 印不出来, 换成字体里有的字; 图也可以写成 .svg (GLYPH)"
    ]


def test_the_font_has_every_sign_of_gbk_and_its_licence_lies_beside() -> None:
    pairs = [bytes([high, low]) for high in range(0x81, 0xFF) for low in range(0x40, 0xFF) if low != 0x7F]
    signs = "".join(pair.decode("gbk", "ignore") for pair in pairs)
    assert len(signs) > 21000
    assert font.missing(signs) == "≒"
    assert font.missing("−²㎡①Ⅳ≥≤—“”·䶮㛃\n") == ""
    assert "SIL OPEN FONT LICENSE Version 1.1" in (font.FILE.parent / "OFL.txt").read_text(encoding="utf-8")
    assert font.FILE.stat().st_size < 10_000_000


def said(path: Path) -> list[str]:
    problems = Problems()
    check_picture(path, problems)
    return [str(problem) for problem in problems.found]


def test_what_keeps_a_picture_from_being_written(tmp_path: Path) -> None:
    assert said(tmp_path / "a.svg") == []
    assert said(tmp_path / "a.png") == []
    assert said(tmp_path / "a.jpg") == ["a.jpg: 图形只能是 .svg 或 .png, 改文件名的后缀 (PICTURE-SUFFIX)"]
    nowhere = tmp_path / "none" / "a.svg"
    assert said(nowhere) == [f"{nowhere}: 不能写到这里, 先建好文件夹, 写文件名 (PICTURE-OUT)"]


def test_widths_and_cuts() -> None:
    assert text_width("医共体", 72) == 3
    assert text_width("ab", 72) == pytest.approx(1.2)
    assert shortened("医共体总院", 5, 72) == "医共体总院"
    assert shortened("医共体总院", 4, 72) == "医共体…"


def test_a_long_text_is_broken_and_nothing_is_cut() -> None:
    text = "征求意见稿没有法律效力, 不能据此发放 (PACK-NOT-IN-FORCE)"
    lines = wrapped(text, 1.0, 7.5)
    assert len(lines) > 3
    assert "".join(lines) == text
    assert max(text_width(line, 7.5) for line in lines) <= 1.0


def test_legends_break_into_rows_and_keep_every_label() -> None:
    labels = [f"指标{number}" for number in range(20)]
    rows = legend_rows(labels, 3)
    assert [label for row in rows for label in row] == labels
    assert len(rows) > 1
    assert legend_rows(["长" * 200], 3) == [["长" * 200]]


def test_looks_differ_for_as_many_columns_as_a_table_may_have() -> None:
    looks = [(look["facecolor"], look["hatch"]) for look in looks_of([str(at) for at in range(32)]).values()]
    assert len(set(looks)) == 32


def test_the_picture_library_is_not_imported_without_a_picture() -> None:
    code = "import sys, engine.analysis.analyse, indicators.relative as r; r.methods()"
    code += "; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
