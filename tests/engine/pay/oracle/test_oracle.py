"""The program against the contract: counties drawn at random, paid and put right, and lists of payments taxed.

The other side (`reckoning`, `listing`) is written from the contract's words alone: raw cells, exact fractions, the
law's tables typed in again; it knows nothing of the program. Some counties in every run, 5,000 in the soak.
"""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from dataclasses import astuple
from pathlib import Path

import openpyxl
import pytest

from api import cli
from tests.engine.pay.places import configs_of, scratch
from tests.soaking import record

from . import listing
from .comparing import county
from .exact import fen, yuan
from .folders import rows_of
from .reading import read

COUNTIES, SOAK_COUNTIES, SOAK_CHUNKS = 32, 5_000, 20
TAXED = (
    *("income", "cumulative_income", "basic_deduction", "taxable", "rate", "quick_deduction", "cumulative_tax"),
    *("withheld_before", "tax", "carried"),
)


@pytest.fixture(autouse=True)
def _key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "pay"))


def counties(first: int, last: int) -> int:
    """How many payments were compared; the first county that differs fails."""
    compared = 0
    for seed in range(first, last):
        with scratch() as place:
            payments, found = county(seed, configs_of(place), place)
        assert not found, (seed, found)
        compared += payments
    return compared


@pytest.mark.parametrize("part", range(4))
def test_counties(part: int) -> None:
    each = COUNTIES // 4
    assert counties(part * each, (part + 1) * each) > each


@pytest.mark.parametrize("seed", [5, 7])
def test_the_list_for_display(seed: int, tmp_path: Path) -> None:
    """Each name and what its pools pay it now, by institution; nothing else."""
    assert county(seed, configs_of(tmp_path), tmp_path / "county")[1] == []
    folder, people, out = (
        tmp_path / "county" / "paid",
        tmp_path / "county" / "given" / "people.xlsx",
        tmp_path / "list.xlsx",
    )
    assert cli.main(["pay", "public", str(folder), "--people", str(people), "--out", str(out)]) == 0
    names = {row["person_code"]: row["name"] for row in read(people)["people"]}
    wanted: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows_of(folder, "lines"):
        if row["component"] != "forfeited":
            wanted[row["unit_code"], names[row["person_code"]], row["pool"]] += fen(row["amount"])
    found: dict[tuple[str, str, str], int] = {}
    for sheet in openpyxl.load_workbook(out).worksheets:
        _, _, headings, *rows = sheet.iter_rows(values_only=True)
        for name, *amounts in rows:
            for pool, amount in zip(headings[1:], amounts, strict=True):
                if amount != "—":
                    found[sheet.title.removeprefix("公示-"), str(name), str(pool)] = round(float(str(amount)) * 100)
    assert found == wanted


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(SOAK_CHUNKS))
def test_thousands_of_counties(chunk: int) -> None:
    each, begun = SOAK_COUNTIES // SOAK_CHUNKS, time.process_time()
    first = 1_000 + chunk * each
    payments = counties(first, first + each)
    seconds = round(time.process_time() - begun, 1)
    record("pay_oracle", chunk, {"cases": each, "seconds": seconds, "mismatches": 0, "payments": payments})


@pytest.mark.parametrize("seed", range(3))
def test_lists_of_payments(seed: int, tmp_path: Path) -> None:
    rows, given, out = listing.draw(seed, 150), tmp_path / "payments.csv", tmp_path / "tax.csv"
    with given.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, listing.COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    assert cli.main(["pay", "tax", str(given), "--out", str(out)]) == 0
    found = {
        (row["payer"], row["person_code"], row["month"], int(row["seq"])): tuple(row[name] for name in TAXED)
        for row in rows_of(tmp_path, "tax")
    }
    wanted = {
        place: tuple(str(one) if at == TAXED.index("rate") else yuan(one) for at, one in enumerate(astuple(taxed)))
        for place, taxed in listing.taxed(rows).items()
    }
    assert {key: (found.get(key), one) for key, one in wanted.items() if found.get(key) != one} == {}
    assert found.keys() == wanted.keys()
