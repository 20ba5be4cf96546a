"""The tax tables as data: whole, dated, each with its source; what is no table is refused at its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.pay.tax.tables import Brackets, tax_files, tax_tables

NOW = tax_tables().of(2026, 10)


@pytest.mark.parametrize("table", [NOW.wages, NOW.labour])
def test_a_step_begins_where_the_one_before_ends(table: Brackets) -> None:
    """quick of a step = quick before + (rate − rate before) × where it begins: no yuan more is taxed by a leap."""
    for before, after in zip(table.brackets, table.brackets[1:], strict=False):
        assert before.up_to is not None
        assert after.quick == before.quick + (after.rate - before.rate) * before.up_to


def test_the_table_of_a_bonus_is_that_of_wages_by_the_month() -> None:
    assert NOW.wages
    assert NOW.annual_bonus
    assert NOW.annual_bonus.months == 12
    for month, year in zip(NOW.annual_bonus.brackets, NOW.wages.brackets, strict=True):
        assert month.rate == year.rate
        assert month.quick * 12 == year.quick
        assert (month.up_to or 0) * 12 == (year.up_to or 0)


def test_everything_holds_from_its_day_to_its_last() -> None:
    tables = tax_tables()
    assert tables.of(2018, 12).wages is None
    assert tables.of(2019, 1).labour is not None
    assert [tables.of(2020, month).first_job is None for month in (6, 7)] == [True, False]
    assert [tables.of(year, 1).annual_60000 is None for year in (2020, 2021)] == [True, False]
    assert [tables.of(year, month).annual_bonus is None for year, month in ((2027, 12), (2028, 1))] == [False, True]
    assert tables.of(2026, 1) is tables.of(2026, 12)


def test_the_tables_are_shipped_and_read_from_a_folder_alike(tmp_path: Path) -> None:
    for file in tax_files():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert tax_tables(tmp_path).of(2026, 10) == NOW


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{up_to: "36000.00", ', '{up_to: "200000.00", '),
        ('{rate: "0.45", quick: "181920.00"}', '{up_to: "1.00", rate: "0.45", quick: "181920.00"}'),
        ('month: "5000.00"', "month: 5000.00"),
        ("id_types: [居民身份证]", "id_types: [居民身份证]\nother: 1"),
    ],
)
def test_what_is_no_table_is_refused_at_its_line(tmp_path: Path, old: str, new: str) -> None:
    text = next(file for file in tax_files() if file.name == "rules.yaml").read_text("utf-8")
    assert old in text
    (tmp_path / "rules.yaml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(InputProblems) as refused:
        tax_tables(tmp_path).of(2026, 10)
    assert all(one.where.startswith("rules.yaml:") for one in refused.value.problems)
