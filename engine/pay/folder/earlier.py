"""What earlier payments say against this one: the same pool paid twice, an earmark twice, another key.

They change no figure. Source: contract of pay, `--earlier`; PAY-PAID, PAY-EARMARK-TWICE, PAY-KEY.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from domain.problems import InputProblems, Problem, Refused
from engine.folder.intact import intact
from engine.folder.output import INPUTS, MANIFEST, PAYMENT, frame_of, read_manifest
from engine.pay.folder.gather import PEOPLE
from engine.pay.folder.key import PayKey
from engine.pay.people import People
from engine.pay.read.kept import from_tables
from engine.pay.result import Split


@dataclass(frozen=True)
class Earlier:
    """One earlier payment: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """The payment's number."""
        return str(self.manifest["digest"])


def earlier_payments(given: Iterable[Path], key: PayKey) -> tuple[Earlier, ...]:
    """The pay folders that are given or lie in the folders given, each once, by digest.

    What was divided among teams alone was paid to nobody: where it lies among others it is passed over.
    Raises InputProblems where there is none in a folder, one is not as it was written, or the one given is of teams
    alone (PAY-BEFORE); Refused (PAY-KEY) for those of another key.
    """
    found: dict[str, Earlier] = {}
    for folder in given:
        for one in _folders(folder):
            manifest = intact(one, PAYMENT)
            if manifest.get("teams"):
                said = f"{one} 是分科室的结果, 没有发给人, 不能当作以前的发放"
                raise InputProblems([Problem("--earlier", "PAY-BEFORE", said, "写 pay run 写出的文件夹")])
            same_key(manifest, key, one)
            found.setdefault(str(manifest["digest"]), Earlier(one, manifest))
    return tuple(found[digest] for digest in sorted(found))


def same_key(manifest: dict[str, Any], key: PayKey, folder: Path) -> None:
    """Refuse a folder whose persons this key does not know again (PAY-KEY)."""
    if manifest["key"] != key.fingerprint:
        said = f"{folder}: 由另一把发放密钥写出, 身份校验值对不上; 用写它时的密钥 (LIANGYUN_PAY_KEY) (PAY-KEY)"
        raise Refused(said)


def _folders(folder: Path) -> Iterator[Path]:
    if (folder / MANIFEST).is_file():
        yield folder
        return
    inner = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}")) if folder.is_dir() else []
    payments = [one for one in inner if _is_payment(one)]
    if not payments:
        read_manifest(folder, PAYMENT)  # says what it is not
    yield from payments


def _is_payment(folder: Path) -> bool:
    try:
        manifest = read_manifest(folder, PAYMENT)
    except InputProblems:
        return False
    return not manifest.get("teams")


def check_paid(split: Split, earlier: Iterable[Earlier]) -> None:
    """Refuse a period, institution and pool that an earlier payment holds already (PAY-PAID)."""
    paid: dict[tuple[str, str, str], Path] = {}
    for one in earlier:
        for key in _keys(frame_of(one.folder, "lines")):
            paid.setdefault(key, one.folder)
    told = [
        f"{unit} 的 {pool} {period} 已在 {paid[period, unit, pool]} 发放"
        for period, unit, pool in sorted(_keys(split.lines) & paid.keys())
    ]
    if told:
        raise Refused("; ".join(told) + "; 不重复发放: 漏发或错发用 --before 更正 (PAY-PAID)")


def _keys(lines: pd.DataFrame) -> set[tuple[str, str, str]]:
    """What was paid to anybody: an institution whose amount was kept whole was not paid."""
    return set(lines[["period", "unit_code", "pool"]].itertuples(index=False, name=None))


def twice_earmarked(people: People, earlier: Iterable[Earlier]) -> list[Problem]:
    """Earmarks of the same item, person and days as in an earlier payment (PAY-EARMARK-TWICE).

    people: as the new folder keeps them. A person is known again by the code or, under another one, by the ID number.
    """
    known: dict[tuple[str, str], list[tuple[date, date, Path]]] = {}
    for one in earlier:
        before = from_tables(one.folder / INPUTS / PEOPLE)
        for _, item, person, first, last in _earmarks(before):
            for name in person:
                known.setdefault((name, item), []).append((first, last, one.folder))
    found: dict[tuple[str, Path, date, date], Problem] = {}
    for at, item, person, first, last in _earmarks(people):
        for since, until, folder in (paid for name in person for paid in known.get((name, item), ())):
            if first <= until and since <= last:
                said = f"{item} 已在 {folder.name} 按 {since} 至 {until} 发过"
                found[at, folder, since, until] = Problem(at, "PAY-EARMARK-TWICE", said, "核对起止日期, 删去重复的")
    return list(found.values())


def _earmarks(people: People) -> Iterator[tuple[str, str, tuple[str, ...], date, date]]:
    """Where each stands, its item, its person's code and token, its first and last day (an open one: its first)."""
    who = dict(zip(people["posts"]["post_no"], people["posts"]["person_code"], strict=True))
    tokens = dict(zip(people["people"]["person_code"], people["people"]["id_token"], strict=True))
    table: pd.DataFrame = people["earmarks"]
    columns = (table["source"], table["item"], table["post_no"], table["from"], table["to"])
    for at, item, post, first, last in zip(*columns, strict=True):
        if post in who:
            person = str(who[post])
            names = tuple(str(name) for name in (person, tokens.get(person)) if name)
            yield str(at), str(item), names, first, last or first
