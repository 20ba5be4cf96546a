"""The Chinese font that comes with the program, the only one that PNG and PDF are printed with.

Noto Sans SC (SIL Open Font License 1.1, beside it): all of GBK but ≒. A sign that it does not have would be
an empty box: whoever prints has its texts looked at first (`check`) and refuses them where they stand.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from domain.problems import Problems

FILE = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.otf"


def missing(text: str) -> str:
    """The signs of a text that the font does not have, each once, in their order."""
    known = _signs()
    return "".join(dict.fromkeys(sign for sign in text if sign not in "\n\r\t" and ord(sign) not in known))


def check(text: str, where: str, problems: Problems) -> None:
    """Note the signs of a text that could not be printed (GLYPH); where: the cell that it came from."""
    if signs := missing(text):
        said = "、".join(f"“{sign}” (U+{ord(sign):04X})" for sign in signs)
        problems.add(where, "GLYPH", f"字体里没有 {said}, 印不出来", "换成字体里有的字; 图也可以写成 .svg")


@cache
def _signs() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415  (only printing pays for the library)

    return frozenset(FT2Font(str(FILE)).get_charmap())
