"""Identifier codes of institutions and places, said right or wrong in Chinese.

Sources: GB 32100-2015 (统一社会信用代码, by python-stdnum), GB/T 2260 (行政区划代码, six digits).
"""

# fmt: skip keeps a table of cases or codes as a table here: a row a case, read downwards.
from __future__ import annotations

import re

# GB/T 2260: the first two digits, province-level units.
PROVINCES = frozenset(
    ("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44",
     "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82")
)  # fmt: skip
_REGION = re.compile(r"[0-9]{6}")


def credit_code_fault(code: str) -> str:
    """What is wrong with a 统一社会信用代码 of 18 characters ("" if nothing). Source: GB 32100-2015."""
    from stdnum.cn import uscc  # noqa: PLC0415  (only readers need it)
    from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError  # noqa: PLC0415

    try:
        valid = uscc.validate(code) == code
    except InvalidLength:
        return f"应为 18 位, 现为 {len(code)} 位"
    except InvalidChecksum:
        return f"校验码不符, 末位应为 {uscc.calc_check_digit(code[:17])}"
    except ValidationError:
        valid = False
    return "" if valid else "含有不允许的字符"


def region_fault(code: str) -> str:
    """What is wrong with a 行政区划代码 of six digits ("" if nothing). Source: GB/T 2260.

    Only the structure is looked at (province, then city, then county; no county below a city 00): divisions change
    every year, and a list would refuse new ones.
    """
    if not _REGION.fullmatch(code):
        return "应为 6 位数字"
    if code[:2] not in PROVINCES:
        return f"前两位 {code[:2]} 不是省级代码"
    if code[2:4] == "00" and code[4:] != "00":
        return "第三、四位为 00 时末两位也须为 00"
    return ""
