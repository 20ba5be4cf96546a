"""Whose codes they are: names, ID numbers and accounts out of the encrypted workbooks, in memory alone.

A payment that corrects or completes another brings only what is new: everybody else stands in the workbook of the one
before it. An account that was mended after the approval goes before all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pandas as pd

from domain.pay import Pay
from domain.period import Period
from engine.pay.exports.opened import joined
from engine.pay.exports.paid import Paid
from engine.pay.exports.roster import Roster
from engine.pay.people import People
from engine.pay.read.whose import read_whose
from engine.printing.system import in_memory
from engine.storage.desk import Desk
from engine.storage.query import newest
from engine.storage.tables.decisions import File
from engine.storage.tables.pay import PayFolder, PayPeople
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch
from engine.workflow import pay_folders
from engine.workflow.refusals import NotThere

ACCOUNTS = "accounts"


@contextmanager
def known(desk: Desk, batch: Batch, row: PayFolder, paid: Paid, codes: Iterable[str]) -> Iterator[Roster]:
    """Whose these codes of the folder `row` are, while the workbooks are in memory.

    Raises InputProblems and Refused as `engine.pay.exports.opened.joined`.
    """
    chain = _chain(desk, batch)
    sheets = [row.people, *(pay_folders.of(desk, one).people for one in chain[1:])]
    with ExitStack() as stack:
        paths = [stack.enter_context(laid(desk, sha)) for sha in sheets]
        people = [_read(paid, path) for path in paths]
        accounts: list[pd.DataFrame] = []
        for one, read in zip(chain, people, strict=True):
            mended = (stack.enter_context(laid(desk, made.file)) for made in _mended(desk, one))
            accounts += [_read(paid, path)["accounts"] for path in mended] + [read["accounts"]]
        whole = {"people": _first([one["people"] for one in people]), "accounts": _first(accounts)}
        yield joined(paid, People({**people[0].tables, **whole}), paths[0], codes)


def with_mended(desk: Desk, batch: Batch, people: People, pay: Pay, period: Period, month: str) -> People:
    """The tables with the accounts of a batch that were mended after its approval in the place of those before."""
    with ExitStack() as stack:
        paths = [stack.enter_context(laid(desk, one.file)) for one in _mended(desk, batch)]
        accounts = [read_whose(path, pay, period, month, needed="")["accounts"] for path in paths]
    return People({**people.tables, "accounts": _first([*accounts, people["accounts"]])})


def mended_by(desk: Desk, batch: Batch) -> frozenset[str]:
    """The persons who mended accounts that a batch is paid by."""
    with desk.beyond():
        rows = [made for one in _chain(desk, batch) for made in _mended(desk, one)]
        users = [desk.get(User, made.by) for made in rows if made.by is not None]
    return frozenset(one.person for one in users if one is not None)


def mended(desk: Desk, batch: Batch) -> list[tuple[str, datetime, str]]:
    """Who mended accounts of a batch, when, and the sha of the workbook; the newest first."""
    with desk.beyond():
        rows = [(row, desk.get(User, row.by) if row.by else None) for row in _mended(desk, batch)]
    return [(user.name if user else "", row.at, row.file) for row, user in rows]


def check_accounts(desk: Desk, row: PayPeople, paid: Paid) -> None:
    """Read the accounts of a workbook. Raises InputProblems with everything that is wrong with them."""
    with laid(desk, row.file) as path:
        read_whose(path, paid.pay, Period.parse(paid.period), paid.month, needed="accounts")


@contextmanager
def laid(desk: Desk, sha: str) -> Iterator[Path]:
    """A workbook of people in memory."""
    file = desk.get(File, sha)
    if file is None:
        raise NotThere
    with in_memory(desk.store.files.get(file.sha, personal=True), file.name) as path:
        yield path


def _chain(desk: Desk, batch: Batch) -> list[Batch]:
    """The batch, then what it corrects or completes, and so on."""
    found, before = [batch], pay_folders.before(desk, batch)
    while before is not None:
        found.append(before)
        before = pay_folders.before(desk, before)
    return found


def _mended(desk: Desk, batch: Batch) -> list[PayPeople]:
    """The workbooks that mended accounts of a batch, the newest first."""
    own = (PayPeople.batch == batch.id, PayPeople.what == ACCOUNTS)
    return desk.rows(PayPeople, *own, order=newest(PayPeople.id))


def _read(paid: Paid, path: Path) -> People:
    return read_whose(path, paid.pay, Period.parse(paid.period), paid.month, needed="")


def _first(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Of every person the row of the first table that has it."""
    whole = pd.concat(tables, ignore_index=True)
    return whole.drop_duplicates("person_code").reset_index(drop=True).astype(object)
