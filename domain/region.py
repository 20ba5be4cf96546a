"""Administrative codes (行政区划代码, GB/T 2260): six digits, two each for province, city and county.

Trailing zero pairs name the whole: 220000 is a province, 220200 a city in it, 220281 a county of that city.
"""

from __future__ import annotations

from typing import Literal

Level = Literal["province", "city", "county"]


def stem(code: str) -> str:
    """The digits that every code inside the area begins with: 220200 → 2202, 220281 → 220281, 000000 → nothing."""
    while code and code.endswith("00") and len(code) % 2 == 0:
        code = code[:-2]
    return code


def level(code: str) -> Level:
    """The level of an area: province (a municipality is one, as is the whole country), city or county."""
    digits = len(stem(code))
    return "province" if digits <= 2 else "city" if digits <= 4 else "county"


def contains(area: str, code: str) -> bool:
    """Whether an area's code covers another's; every area covers itself."""
    return code.startswith(stem(area))
