"""What one cell says: codes, texts, numbers, amounts, days, periods, yes and no.

Every function takes a cell as the readers give it (None, str, int, float, bool, Decimal, date, datetime, Percent,
Fault) and returns its value, None where the cell is blank ("－", "—", "/", "无" …), or a `Bad` that says what is wrong.
Numbers are taken exactly: a float is the shortest decimal that stands for it, which is what the sheet shows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from domain.documents import Said, read_word
from domain.period import Kind, Period
from domain.sheets import formula_like
from domain.values import plain_id
from engine.read.csv_text import strange
from engine.read.values import UNCALCULATED, Fault, Percent
from engine.read.words import EMPTY, ERRORS, NO, YES, fold, key


class Bad(NamedTuple):
    """Why a cell cannot be taken."""

    code: str
    message: str
    remedy: str = ""


LONGEST_PLACE = 400  # characters: the names of a file and of a sheet, a cell, and who corrected it
_LARGEST = Decimal(10) ** 15  # numbers of 16 digits and more have lost their last digit in a sheet
_MOST_YUAN = 10**14  # far above any pool, far below int64 fen
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18}|[0-9]{1,3}(?:,[0-9]{3}){1,5})(?:\.[0-9]{1,18})?")
_FLOATED = re.compile(r"[0-9]+\.0")  # a code that another program took for a number
_KINDS: tuple[tuple[Kind, int], ...] = (("month", 12), ("quarter", 4), ("half", 2), ("year", 1))
_CHINESE = {"一": 1, "二": 2, "三": 3, "四": 4}
_DAY = re.compile(r"([0-9]{4})(?:年|[-./])([0-9]{1,2})(?:(?:月|[-./])([0-9]{1,2})日?|月)?(?:00:00(?::00)?)?")
_PACKED = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TENTH = re.compile(r"(?:19|20)[0-9]{2}\.1")
_YEAR = r"(?P<y>(?:19|20)[0-9]{2})"
PERIOD_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}年?度?[-./]?(?:第?(?P<q>[1-4一二三四])季度?|q(?P<q2>[1-4]))",
        rf"{_YEAR}年?度?(?:(?P<h>[上下])半年|h(?P<h2>[12]))",
        rf"{_YEAR}年(?P<m1>[0-9]{{1,2}})月?(?:份)?(?:-|—|–|~|至|到)+(?:(?P=y)年)?(?P<m2>[0-9]{{1,2}})月(?:份)?",
        rf"{_YEAR}(?:年|[-./])(?P<m>0?[1-9]|1[0-2])(?:月(?:份)?)?",
        rf"{_YEAR}(?P<m3>0[1-9]|1[0-2])",
        rf"{_YEAR}年?度?",
    )
)


def said(cell: object) -> str:
    """The cell as messages quote it."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    text = str(cell).strip()
    return text if len(text) <= 40 else text[:40] + "…"


def _error(cell: object) -> Bad | None:
    """What is wrong with a cell that holds an error value, a formula not worked out, or a text that spells an error."""
    if cell is UNCALCULATED:
        return Bad("CELL-UNCALCULATED", "公式没有计算结果", "用 Excel 或 WPS 打开并保存一次")
    if isinstance(cell, Fault):
        return Bad("CELL-ERROR", f"单元格是错误值 {cell}", "改正公式或填入数值")
    if isinstance(cell, str) and cell.strip().upper() in ERRORS:
        return Bad("CELL-ERROR", f"单元格是文字 {cell.strip()} (错误值留下的)", "填入原来的数值或文字")
    return None


def unsafe(written: str) -> Bad | None:
    """What is wrong with a text that goes into outputs: a spreadsheet would run it, or it is no text any more."""
    if formula_like(written):
        told = f"{said(written)} 以 {written[0]} 开头, 表格软件会当作公式"
        return Bad("TABLE-NAME", told, "改写, 不以 = + - @ 开头")
    if found := strange(written):
        return Bad("TEXT-GARBLED", f"{said(written)} 是乱码 (有 {found!a})", "对照原件重填, 或从原系统重新导出")
    return None


def _compact(cell: str) -> str:
    return "".join(fold(cell).split())


def text(cell: object) -> str | Bad:
    """A name or remark as written, ends stripped, line breaks as spaces; "" where blank."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        written = " ".join(cell.replace("\u3000", " ").split())
        return "" if _compact(written) in EMPTY else _error(written) or unsafe(written) or written
    if isinstance(cell, Fault):
        return _error(cell) or ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    return said(cell)


def place(cell: object) -> str | Bad:
    """Where a row came from, "file sheet!cell", as any text: a file may be named like a formula; "" where blank.

    The apostrophe by which a CSV keeps such a name from being one is taken off.
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return ""
    if not isinstance(cell, str):
        return _error(cell) or Bad("PLACE", f"来处 {said(cell)} 不是文字", "写成 文件 工作表!单元格, 或清空该格")
    written = " ".join(cell.split())
    written = written[1:] if written[:1] == "'" and formula_like(written[1:]) else written
    if found := strange(written):
        return Bad("TEXT-GARBLED", f"{said(written)} 是乱码 (有 {found!a})", "写成 文件 工作表!单元格, 或清空该格")
    if len(written) > LONGEST_PLACE:
        return Bad("PLACE", f"来处 {said(written)} 超过 {LONGEST_PLACE} 字", "写成 文件 工作表!单元格, 或清空该格")
    return written


def document(cell: object) -> str | Bad:
    """A document number or pool id: as `text`, and in half-width letters where that makes it plain ASCII."""
    written = text(cell)
    if isinstance(written, str) and _compact(written).isascii():
        return fold(written)
    return written


def document_word(cell: object) -> Said | Bad:
    """What a row says of its document (口径)."""
    written = document(cell)
    if isinstance(written, Bad):
        return written
    read = read_word(written)
    if read is None:
        return Bad("WORD", f"口径 {written} 不认识", "写 新增、追加、代替 文号 或 冲销 文号")
    return read


def code(cell: object) -> str | Bad:
    """A code: text with its leading zeros; a whole number without ".0"; "" where blank."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        written = _compact(cell).removeprefix("'")
        if _FLOATED.fullmatch(written):
            written = written.removesuffix(".0")
        return "" if written in EMPTY else _error(written) or unsafe(written) or written
    if isinstance(cell, int | float | Decimal) and not isinstance(cell, bool):
        if isinstance(cell, float) and not math.isfinite(cell):
            return Bad("CODE", f"代码 {cell} 不是文字", "把该列设为文本格式后重填")
        if abs(float(cell)) >= 1e15:
            return Bad("CODE", f"代码 {int(cell)} 以数字保存, 超过 15 位的末位已失真", "把该列设为文本格式后重填")
        if cell == int(cell) and cell >= 0:
            return str(int(cell))
    return _error(cell) or Bad("CODE", f"代码 {said(cell)} 不是文字或整数", "把该列设为文本格式后重填")


def unit_code(cell: object) -> str | Bad:
    """The code of a unit: one that keys can be put together with."""
    read = code(cell)
    if isinstance(read, Bad) or not read or plain_id(read):
        return read
    return Bad("CODE", f"单位代码 {read} 含有空格、/ 或其他符号", "只用字母、数字、汉字和 . _ -")


def number(cell: object) -> Decimal | Bad | None:
    """A number exactly as shown: half- or full-width digits, thousands in threes, no exponent, no percent sign."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return _spelled(cell)
    if not isinstance(cell, int | float | Decimal) or isinstance(cell, bool):
        return _error(cell) or _no_number(cell)
    exact = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
    if not exact.is_finite():
        return Bad("NUMBER", f"{cell} 不是有限的数", "改正公式或填入数值")
    if isinstance(cell, float) and abs(exact) >= _LARGEST:
        return Bad("NUMBER", f"{said(cell)} 超过 15 位, 末位已失真", "核对数值, 或以文本填写")
    return _plain(exact)


def _spelled(cell: str) -> Decimal | Bad | None:
    written = _compact(cell).replace("−", "-")
    if written in EMPTY:
        return None
    if bad := _error(written):
        return bad
    if _NUMBER.fullmatch(written):
        return _plain(Decimal(written.replace(",", "")))
    return Bad("NUMBER", f"{said(cell)} 不是数", "只填数字")


def _no_number(cell: object) -> Bad:
    """What a cell is that is neither a text nor a plain number."""
    if isinstance(cell, Percent):
        told = f"单元格是百分比格式, 显示为 {cell}, 该处不是百分数"
        return Bad("PERCENT", told, "把单元格设为常规格式后核对数值")
    kind = "日期" if isinstance(cell, date | time | timedelta) else "是或否"
    return Bad("NUMBER", f"{said(cell)} 是{kind}, 不是数", "把单元格设为常规格式后填数字")


def _plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros or exponent, so that 1.50 and 1.5 are one value."""
    if value == value.to_integral_value():
        return Decimal(int(value))
    return Decimal(format(value, "f").rstrip("0"))  # not normalize(): that rounds to the context's precision


def yuan(cell: object, factor: int = 1) -> int | Bad | None:
    """Whole fen of an amount in `factor` yuan (万元: 10000), exactly.

    ¥ and a trailing 元 are passed over; more than two decimals of a yuan are refused, never rounded.
    """
    if isinstance(cell, str):
        written = _compact(cell).replace("¥", "")
        sign = "-" if written.startswith("-") and len(written) > 1 else ""
        cell = sign + written.removeprefix(sign).removesuffix("元") if written not in EMPTY else None
    value = number(cell)
    if value is None or isinstance(value, Bad):
        return Bad("MONEY", f"金额 {value.message}", value.remedy) if value and value.code == "NUMBER" else value
    fen = Fraction(value) * factor * 100
    if abs(fen) > _MOST_YUAN * 100:
        return Bad("MONEY", f"金额 {value:,} 过大", "核对金额和金额单位")
    if fen.denominator != 1:
        unit = "" if factor == 1 else f" (×{factor:,} 元)"
        return Bad("MONEY-DECIMALS", f"金额 {value}{unit} 超过两位小数", "填到分; 公式请用 ROUND(…, 2)")
    return int(fen)


def percent(cell: object) -> Decimal | Bad | None:
    """A number of percent: "12.5%" and 12.5 are 12.5; so is 0.125 in a cell that shows it as 12.5%.

    A number up to 1 without the sign may be a percentage (1%) or a share (1 of 1, 100%): refused, but for 0.
    """
    if isinstance(cell, Percent):
        return _plain(cell.shown)
    written = _compact(cell) if isinstance(cell, str) else ""
    if written.endswith("%"):
        return number(written.removesuffix("%"))
    value = number(cell)
    if isinstance(value, Decimal) and 0 < abs(value) <= 1:
        told = f"{value} 看不出是 {value}% 还是 {_plain(value * 100)}%"
        return Bad("PERCENT", told, '写成带百分号的文本, 例如 "12.5%"')
    return value


def share(cell: object) -> Decimal | Bad | None:
    """A share of 1: 0.125, however its cell shows it, or "12.5%" as text."""
    if isinstance(cell, Percent):
        return _plain(Decimal(repr(cell.value)))
    if isinstance(cell, str) and _compact(cell).endswith("%"):
        value = number(_compact(cell).removesuffix("%"))
        return _plain(Decimal(f"{value:f}e-2")) if isinstance(value, Decimal) else value
    return number(cell)


def yes(cell: object) -> bool | Bad | None:
    """是 / 否 (also 有 / 无, √ / ×, 1 / 0)."""
    if isinstance(cell, bool):
        return cell
    if isinstance(cell, int | float | Decimal):
        cell = said(float(cell))
    word = key(cell) if isinstance(cell, str) else ("" if cell is None else said(cell))
    if word in YES:
        return True
    if word in NO:
        return False
    if word in EMPTY:
        return None
    return _error(cell) or Bad("YES-NO", f"{said(cell)} 不是 是 或 否", "填 是 或 否")


def flag(cell: object) -> Decimal | Bad | None:
    """是 / 否 as a fact: 1 or 0."""
    value = yes(cell)
    return Decimal(int(value)) if isinstance(value, bool) else value


def choice(cell: object, words: Mapping[str, str], title: str, code_: str, options: str) -> str | Bad:
    """One of `words`; "" where blank."""
    written = text(cell)
    if isinstance(written, Bad) or not written:
        return written
    found = words.get(key(written))
    return found or Bad(code_, f"{title} {said(cell)} 不认识", f"填 {options}")


def day(cell: object, *, last: bool = False) -> date | Bad | None:
    """A day: 2025.1.1, 2025-01-01, 2025/1/1, 20250101, 2025年1月1日, a date cell.

    A month alone (2025-01, 2025年1月) is its first day, or its last one if `last`.
    """
    if cell is None or isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    written = _compact(said(cell))
    if written in EMPTY:
        return None
    if bad := _error(cell if isinstance(cell, Fault) else written):
        return bad
    if bad := _month_lost("DATE", written):
        return bad
    match = _PACKED.fullmatch(written) or (_DAY.fullmatch(written) if isinstance(cell, str) else None)
    try:
        if match and match.group(3):
            return date(*map(int, match.groups()))
        if match:
            month = Period(int(match.group(1)), "month", int(match.group(2)))
            return month.end if last else month.start
    except ValueError:
        return Bad("DATE", f"日期 {said(cell)} 不存在", "核对年月日")
    return Bad("DATE", f"{said(cell)} 不是日期", "写成 2026-01-01 或 2026年1月1日")


def _month_lost(code_: str, written: str) -> Bad | None:
    """What is wrong with 2026.1, which 2026.10 becomes as soon as a program takes it for a number."""
    if not _TENTH.fullmatch(written):
        return None
    told = f"{written} 看不出是 1 月还是 10 月 (存成数字时末位的 0 会丢)"
    return Bad(code_, told, f"写成 {written[:4]}-01 或 {written[:4]}-10")


def period(cell: object) -> str | Bad:
    """A period as `Period` writes it (2026, 2026H1, 2026Q3, 2026-07); "" where blank.

    2026年第3季度, 2026年三季度, 2026Q3, 2026年, 2026年度, 2026年上半年, 2026年7月, 2026-07, 202607, 2026年7月—9月;
    a date cell on the first of a month is that month (sheets turn 2026年7月 into one).
    """
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        if cell.day == 1:
            return str(Period(cell.year, "month", cell.month))
        return Bad("PERIOD", f"{cell.isoformat()[:10]} 是日期, 不是期间", "写成 2026Q3 或 2026年第3季度")
    written = key(said(cell))
    if written in EMPTY:
        return ""
    if bad := _month_lost("PERIOD", written):
        return bad
    for form in PERIOD_FORMS:
        match = form.fullmatch(written)
        found = period_of(match) if match else None
        if found:
            return str(found)
    return _error(cell) or Bad("PERIOD", f"{said(cell)} 不是期间", "写成 2026 (年)、2026Q3 (季) 或 2026-07 (月)")


def period_of(match: re.Match[str]) -> Period | None:
    """The period that a match of one of the forms says; None for a run of months that is none."""
    got = match.groupdict()
    year = int(got["y"])
    if quarter := got.get("q") or got.get("q2"):
        return Period(year, "quarter", _CHINESE.get(quarter) or int(quarter))
    if half := got.get("h") or got.get("h2"):
        return Period(year, "half", 1 if half in "上1" else 2)
    if month := got.get("m") or got.get("m3"):
        return Period(year, "month", int(month))
    if got.get("m1"):
        return months(year, int(got["m1"]), int(got["m2"]))
    return Period(year, "year", 1)


def months(year: int, first: int, last: int) -> Period | None:
    """The period that runs from one month to another, if there is one."""
    candidates = [Period(year, kind, number) for kind, count in _KINDS for number in range(1, count + 1)]
    return next((one for one in candidates if (one.start.month, one.end.month) == (first, last)), None)
