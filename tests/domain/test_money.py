"""Money texts, capitals, and splits."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import (
    MoneyError,
    ceil_fen,
    exact,
    floor_fen,
    format_daxie,
    format_exact,
    format_yuan,
    half_up_fen,
    largest_remainder,
    parse_yuan,
)


@pytest.mark.parametrize(
    ("text", "fen"),
    [("0", 0), ("1234.5", 123450), ("1234.56", 123456), ("-0.01", -1), ("+3", 300), (7, 700), (Decimal("1.20"), 120)],
)
def test_yuan_to_fen(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1.234",
        "1e3",
        "1,234",
        " 1",
        "１２",
        "1.",
        ".5",
        "NaN",
        1.5,
        True,
        Decimal("NaN"),
        Decimal("0.001"),
        "9" * 17,
    ],
)
def test_not_an_amount(text):
    with pytest.raises(MoneyError):
        parse_yuan(text)


@given(st.integers(-(10**17), 10**17))
def test_text_and_back(fen):
    assert parse_yuan(format_yuan(fen)) == fen


def test_thousands():
    assert format_yuan(-123456789, thousands=True) == "-1,234,567.89"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("123456.78", "壹拾贰万叁仟肆佰伍拾陆元柒角捌分"),
        ("10000.00", "壹万元整"),
        ("100005.00", "壹拾万零伍元整"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("0.05", "伍分"),
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("0", "零元整"),
        ("0.50", "伍角整"),
        ("200.05", "贰佰元零伍分"),
        ("-12.30", "负壹拾贰元叁角整"),
        ("100000000.01", "壹亿元零壹分"),
        ("100004377.87", "壹亿零肆仟叁佰柒拾柒元捌角柒分"),
        ("1000100000.20", "壹拾亿零壹拾万元零贰角整"),
        ("20000305040.00", "贰佰亿零叁拾万伍仟零肆拾元整"),
        ("763576000000000.00", "柒佰陆拾叁万伍仟柒佰陆拾亿元整"),
    ],
)
def test_capitals(text, said):
    assert format_daxie(parse_yuan(text)) == "人民币" + said


def test_rounding_directions():
    assert floor_fen(Fraction(-1, 2)) == -1
    assert ceil_fen(Fraction(1, 3)) == 1
    assert [half_up_fen(Fraction(n, 2)) for n in (-3, -1, 1, 3)] == [-2, -1, 1, 2]


@pytest.mark.parametrize("text", ["1/3", "1e2", "", " 1", "0,5", "１", "nan"])
def test_not_a_decimal(text):
    with pytest.raises(ValueError, match="不是小数"):
        exact(text)


@pytest.mark.parametrize(
    ("text", "instead"),
    [("60%", '"0[.]60"'), ("1,200", '"1200"'), ("1,234,567", '"1234567"'), ("80 分", '"80"'), ("１", '"1"')],
)
def test_a_number_written_otherwise_is_told(text, instead):
    with pytest.raises(ValueError, match=f"写 {instead}$"):
        exact(text)


@pytest.mark.parametrize("text", ["0,5", "1/3", "1e2", "1.2.3", "三成"])
def test_another_number_is_not_suggested(text):
    with pytest.raises(ValueError, match=r'写成带引号的数字, 如 "0\.6"$'):
        exact(text)


def test_floats_are_refused():
    with pytest.raises(ValueError, match="带引号"):
        exact(0.6)


def test_decimals_as_text():
    assert [format_exact(Fraction(n, 3), 2) for n in (-2, 1, 3)] == ["-0.67", "0.33", "1"]


def test_hundred_yuan_to_three():
    assert largest_remainder(10000, {"b": 1, "a": 1, "c": 1}) == {"a": 3334, "b": 3333, "c": 3333}


@given(st.integers(0, 10**12), st.dictionaries(st.text(min_size=1), st.integers(0, 10**6), min_size=1))
def test_split_loses_nothing(total, weights):
    if not any(weights.values()):
        with pytest.raises(ValueError, match="大于 0"):
            largest_remainder(total, weights)
        return
    split = largest_remainder(total, weights)
    assert sum(split.values()) == total
    whole = sum(weights.values())
    assert all(abs(split[k] * whole - total * w) < whole for k, w in weights.items())
