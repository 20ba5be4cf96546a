"""Payments that are exported, for the tests of what goes to a bank twice."""

from __future__ import annotations

from pathlib import Path

from api import cli
from tests.engine.pay.folder.making import MONTH, PERIOD, Rows, rows_of, tables, write


def run(place: Path, made: dict[str, Rows] | None = None, *more: str) -> tuple[Path, Path]:
    """A pay folder and PEOPLE."""
    plan, people = write(place / "given", dict(tables()) if made is None else made)
    against = more or ("--first",)
    asked = ["--period", PERIOD, "--month", MONTH, *against, "--out", str(place / "pay")]
    assert cli.main(["pay", "run", str(plan), str(people), *asked]) == 0
    return place / "pay", people


def numbers(folder: Path) -> list[str]:
    return list(dict.fromkeys(row["batch_no"] for row in rows_of(folder, "batches")))


def bank(folder: Path, people: Path, number: str, out: str = "bank.txt", layout: str = "example-fen") -> int:
    """Each line once."""
    return told(folder, people, number, out, layout, "--once")


def told(
    folder: Path, people: Path, number: str, out: str = "bank.txt", layout: str = "example-fen", *more: str
) -> int:
    """As the contract says: what other folders exported is told."""
    out_file = str(folder.parent / out)
    asked = ["--people", str(people), "--bank", layout, "--batch", number, "--out", out_file, "--force"]
    return cli.main(["pay", "bank", str(folder), *asked, *more])


def void(folder: Path, number: str) -> int:
    return cli.main(["pay", "bank", str(folder), "--void", number, "--reason", "没有交银行"])


def register(home: Path) -> Path:
    (path,) = (home / "keys").glob("*.exported.csv")
    return path


def changed() -> dict[str, Rows]:
    """The same institutions and persons, one score another."""
    made = dict(tables())
    made["person_facts"] = [{**row, "value": "95"} if row["post_no"] == "P3" else row for row in made["person_facts"]]
    return made


def changed_to(score: str) -> dict[str, Rows]:
    made = dict(tables())
    made["person_facts"] = [{**row, "value": score} if row["post_no"] == "P3" else row for row in made["person_facts"]]
    return made
