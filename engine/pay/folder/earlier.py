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

from domain.pay import Pay
from domain.period import Period
from domain.problems import InputProblems, Problem, Refused
from engine.folder.intact import intact
from engine.folder.output import INPUTS, MANIFEST, PAYMENT, frame_of, read_manifest
from engine.folder.saved_inputs import saved_plan
from engine.pay.folder.gather import PEOPLE, first_inputs
from engine.pay.folder.key import PayKey
from engine.pay.people import People
from engine.pay.read.kept import from_tables
from engine.pay.scheme import last_day, scheme_of
from engine.pay.split.facts import rows_of
from engine.pay.split.lines import DUE

_OF_EARMARKS = ("earmarks", "people", "posts")


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

    Those of `pay teams`, which paid nobody, are passed over where they lie among others. Raises InputProblems where
    there is none in a folder, or one is not as it was written; Refused (PAY-KEY) for those of another key.
    """
    found: dict[str, Earlier] = {}
    for folder in given:
        for one in _folders(folder):
            manifest = intact(one, PAYMENT)
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
        if read_manifest(folder, PAYMENT).get("teams"):
            said = f"{folder} 是分科室的结果, 没有发给任何人"
            raise InputProblems([Problem(str(folder), "NOT-A-RUN", said, "给出 liangyun pay run 写出的发放结果")])
        yield folder
        return
    inner = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}")) if folder.is_dir() else []
    payments = [one for one in inner if _paid(one)]
    if not payments:
        read_manifest(folder, PAYMENT)  # says what it is not
    yield from payments


def _paid(folder: Path) -> bool:
    """Whether a folder is a payment to people."""
    try:
        return not read_manifest(folder, PAYMENT).get("teams")
    except InputProblems:
        return False


def check_paid(lines: pd.DataFrame, earlier: Iterable[Earlier]) -> None:
    """Refuse a period, institution and pool that an earlier payment holds already (PAY-PAID)."""
    paid: dict[tuple[str, str, str], Path] = {}
    for one in earlier:
        for key in _keys(frame_of(one.folder, "lines")):
            paid.setdefault(key, one.folder)
    told = [
        f"{unit} 的 {pool} {period} 已在 {paid[period, unit, pool]} 发放"
        for period, unit, pool in sorted(_keys(lines) & paid.keys())
    ]
    if told:
        raise Refused("; ".join(told) + "; 不重复发放: 漏发或错发用 --before 更正 (PAY-PAID)")


def _keys(lines: pd.DataFrame) -> set[tuple[str, str, str]]:
    """What was paid to anybody: an institution whose amount was kept whole was not paid."""
    return set(lines[["period", "unit_code", "pool"]].itertuples(index=False, name=None))


def twice_earmarked(inputs: Path, lines: pd.DataFrame, period: Period, earlier: Iterable[Earlier]) -> list[Problem]:
    """Earmarks paid here whose item, person and days an earlier payment paid (PAY-EARMARK-TWICE).

    inputs, lines: of the payment that is looked at. What a table of earmarks holds and no line pays, here or there, was
    not paid: it waits for its pool.
    """
    pay = scheme_of(saved_plan(first_inputs(inputs), period)[1].plan)
    people, known = from_tables(inputs / PEOPLE, _OF_EARMARKS), dict[tuple[str, str], list[tuple[date, date, Path]]]()
    for one in earlier:
        before, of = from_tables(one.folder / INPUTS / PEOPLE, _OF_EARMARKS), Period.parse(str(one.manifest["period"]))
        for _, item, whose, first, last in _earmarks(pay, before, frame_of(one.folder, "lines"), of):
            for name in whose:
                known.setdefault((name, item), []).append((first, last, one.folder))
    found: dict[tuple[str, Path, date, date], Problem] = {}
    for at, item, whose, first, last in _earmarks(pay, people, lines, period):
        for since, until, folder in (paid for name in whose for paid in known.get((name, item), ())):
            if first <= until and since <= last:
                said = f"{item} 已在 {folder.name} 按 {since} 至 {until} 发过"
                found[at, folder, since, until] = Problem(at, "PAY-EARMARK-TWICE", said, "核对起止日期, 删去重复的")
    return list(found.values())


def _earmarks(
    pay: Pay, people: People, lines: pd.DataFrame, period: Period
) -> Iterator[tuple[str, str, set[str], date, date]]:
    """Of every earmark that lines pay: where it stands, its item, whose it is, its first and last day.

    A person is known again by the code or, under another one, by the ID number.
    """
    columns = lines.loc[lines["component"] == DUE, ["post_no", "item", "person_code"]]
    paid = {(post, item): person for post, item, person in columns.itertuples(index=False, name=None)}
    tokens = dict(zip(people["people"]["person_code"], people["people"]["id_token"], strict=True))
    left = dict(zip(people["posts"]["post_no"], people["posts"]["to"], strict=True))
    for row in rows_of(people["earmarks"], str(period)):
        post, item = row["post_no"], pay.item(row["item"])
        if item is not None and (post, item.id) in paid:
            person = paid[post, item.id]
            whose = {str(person), str(tokens.get(person) or person)} if item.across == "person" else {str(post)}
            last = last_day(item, row["from"], row["to"], left.get(post), period)
            yield str(row["source"]), item.id, whose, row["from"], last
