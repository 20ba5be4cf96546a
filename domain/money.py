"""Money: whole fen in, whole fen out. No float, no silent rounding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

_YUAN = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]{1,2}))?")
_LONGEST_DECIMAL = 4000  # below the digits that Python converts
_LONGEST = 16  # yuan digits without leading zeros: fen then fit a 64-bit column
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_CAPITALS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = {10**8: "亿", 10**4: "万", 1000: "仟", 100: "佰", 10: "拾"}


class MoneyError(ValueError):
    """A text or number that is not an amount in yuan with at most two decimals."""


def parse_yuan(text: str | int | Decimal) -> int:
    """Fen of an amount in yuan: "1234.5" → 123450.

    text: digits with at most two decimals and an optional sign, an int (yuan) or a Decimal.
    Raises MoneyError for anything else: floats, exponents, separators, a third decimal.
    """
    if isinstance(text, bool | float):
        raise MoneyError(f"{text!r} 不是金额文本")
    if isinstance(text, int):
        return text * 100
    if isinstance(text, Decimal):
        if not text.is_finite():
            raise MoneyError(f"{text} 不是金额")
        fen = Fraction(text) * 100
        if fen.denominator != 1:
            raise MoneyError(f"{text} 超过两位小数")
        return int(fen)
    match = _YUAN.fullmatch(text)
    if not match:
        raise MoneyError(f"{text!r} 不是至多两位小数的金额")
    sign, yuan, cents = match.groups()
    yuan = yuan.lstrip("0") or "0"
    if len(yuan) > _LONGEST:
        raise MoneyError(f"{yuan[:8]}… 超过 {_LONGEST} 位, 不是金额")
    fen_value = int(yuan) * 100 + int((cents or "").ljust(2, "0"))
    return -fen_value if sign == "-" else fen_value


def format_yuan(fen: int, *, thousands: bool = False) -> str:
    """An amount of fen as yuan with two decimals: 123450 → "1234.50" (or "1,234.50")."""
    yuan, cents = divmod(abs(fen), 100)
    sign = "-" if fen < 0 else ""
    return f"{sign}{yuan:,}.{cents:02d}" if thousands else f"{sign}{yuan}.{cents:02d}"


def format_daxie(fen: int) -> str:
    """The amount in Chinese capitals, as on cheques: 12345678 → 人民币壹拾贰万叁仟肆佰伍拾陆元柒角捌分.

    One 零 stands for any run of zeros inside the amount, and for a zero at the yuan place with a jiao behind it
    (…元零伍角叁分); 整 ends an amount without fen. Source: 正确填写票据和结算凭证的基本规定, 支付结算办法附一.
    """
    yuan, (jiao, last) = abs(fen) // 100, divmod(abs(fen) % 100, 10)
    said = f"{_capitals(yuan)}元" if yuan or not fen else ""
    if yuan and (jiao or last) and (not jiao or yuan % 10 == 0):
        said += _CAPITALS[0]
    said += (f"{_CAPITALS[jiao]}角" if jiao else "") + (f"{_CAPITALS[last]}分" if last else "整")
    return ("人民币负" if fen < 0 else "人民币") + said


def _capitals(number: int) -> str:
    """A whole number in capitals."""
    for one, name in _PLACES.items():
        if number >= one:
            many, rest = divmod(number, one)
            zero = _CAPITALS[0] if 0 < rest < one // 10 else ""
            return _capitals(many) + name + zero + (_capitals(rest) if rest else "")
    return _CAPITALS[number]


def floor_fen(value: Fraction) -> int:
    """Whole fen of a ceiling: ceilings round down."""
    return value.numerator // value.denominator


def ceil_fen(value: Fraction) -> int:
    """Whole fen of a minimum: minimums round up."""
    return -(-value.numerator // value.denominator)


def half_up_fen(value: Fraction) -> int:
    """Whole fen of any other named amount: half up, away from zero for negatives (四舍五入)."""
    above, below = abs(value.numerator), value.denominator
    rounded = (2 * above + below) // (2 * below)
    return rounded if value.numerator >= 0 else -rounded


def exact(text: str | int | Decimal) -> Fraction:
    """A ratio, score or weight exactly as written. Raises ValueError on floats and on anything not a number."""
    if isinstance(text, bool | float):
        raise ValueError(f"{text!r}: 比例和分值须写成带引号的小数")  # noqa: TRY004  (pydantic reports ValueErrors)
    if isinstance(text, str) and not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text!r} 不是小数{_instead(text)}")
    if isinstance(text, str) and len(text.lstrip("+-").replace(".", "")) > _LONGEST_DECIMAL:
        raise ValueError(f"{text[:8]}… 超过 {_LONGEST_DECIMAL} 位")
    return Fraction(text)


def _instead(text: str) -> str:
    """How a number that people write otherwise is written here: 60% as "0.60", 1,200 as "1200", 80 分 as "80".

    Of what could be another number (0,5; 1/3; 1e2) none is suggested.
    """
    plain = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text)).strip()
    number, percent = _DECIMAL.match(plain), plain.endswith("%")
    if number is None or any(sign.isdecimal() for sign in plain[number.end() :]):
        return ', 写成带引号的数字, 如 "0.6"'
    value = Decimal(number[0])
    return f', 写 "{value.scaleb(-2) if percent else value:f}"'


def exact_text(value: Fraction | None) -> str:
    """A rational as the tables carry it: "" for None, all digits if the decimal ends, else six places, half up."""
    return "" if value is None else format_exact(value, _carried(value))


def printed(value: Fraction) -> Fraction:
    """The number that `exact_text` writes: the value itself if its decimal ends, else rounded to six places."""
    return rounded(value, _carried(value))


def rounded(value: Fraction, places: int) -> Fraction:
    """A rational rounded to so many decimals, half up."""
    scale = 10**places
    return Fraction(half_up_fen(value * scale), scale)


def _carried(value: Fraction) -> int:
    places = _places(value.denominator)
    return 6 if places is None else max(1, places)


def factor_text(value: Fraction) -> str:
    """A factor by which money is reckoned, never rounded: all digits if the decimal ends, else the fraction 2/3."""
    places = _places(value.denominator)
    return f"{value.numerator}/{value.denominator}" if places is None else format_exact(value, max(1, places))


def _places(denominator: int) -> int | None:
    """How many decimals a fraction has, None if they do not end."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    return max(twos, fives) if denominator == 1 else None


def format_exact(value: Fraction, places: int = 6) -> str:
    """A rational as a decimal text: exact if it ends within `places`, else rounded half-up to them."""
    scale, above, below = 10**places, abs(value.numerator), value.denominator
    digits = (2 * above * scale + below) // (2 * below)
    whole, rest = divmod(digits, scale)
    text = f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")
    return "-" + text if digits and value.numerator < 0 else text


def largest_remainder(total: int, weights: Mapping[str, Fraction] | Mapping[str, int]) -> dict[str, int]:
    """Split `total` fen in proportion to `weights` (≥ 0, not all 0); left-over fen by largest remainder, ties by key.

    Source: domain/D_methods 11. Returns every key; the values sum to `total` exactly.
    """
    whole = sum(weights.values(), Fraction(0))
    if whole <= 0:
        raise ValueError("权重合计必须大于 0")
    shares = {key: Fraction(total) * weight / whole for key, weight in weights.items()}
    paid = {key: floor_fen(share) for key, share in shares.items()}
    by_remainder: Sequence[str] = sorted(shares, key=lambda key: (paid[key] - shares[key], key))
    for key in by_remainder[: total - sum(paid.values())]:
        paid[key] += 1
    return paid
