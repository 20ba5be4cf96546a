"""Pay folders of the store as the functions of the command line read them, and what they say as it is shown."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from domain.problems import InputProblems
from engine.folder.output import PAYMENT, read_manifest
from engine.pay.exports.register import Register, register_now, register_of
from engine.pay.folder.explain import explain_post, say
from engine.pay.folder.key import key_at
from engine.pay.result import TABLES
from engine.storage.desk import Desk, Store
from engine.storage.query import among, newest
from engine.storage.tables.pay import PayBatch, PayFolder
from engine.storage.tables.period import Batch
from engine.workflow import results
from engine.workflow.batch import RELEASED
from engine.workflow.cases import Case
from engine.workflow.refusals import NotThere
from engine.workflow.results import Table
from engine.workflow.settings import read_settings

PAY, TEAMS, REPAY = "pay", "teams", "repay"
_SETTLED = frozenset({"ok", "no_payment"})
Slip = tuple[str, str, str]
"""A payslip of a batch: payer, person and kind."""


@dataclass(frozen=True)
class Laid:
    """A folder beside its register, for as long as somebody reads it."""

    row: PayFolder
    folder: Path


@contextmanager
def keyed(store: Store) -> Iterator[None]:
    """In the block persons are known again by this installation's own key."""
    with key_at(read_settings().pay_key or store.home / "keys" / "pay"):
        yield


def of(desk: Desk, batch: Batch) -> PayFolder:
    """The newest pay folder of a batch. Raises NotThere while there is none."""
    found = Case(desk, batch).paid
    if found is None:
        raise NotThere
    return found


def completions(desk: Desk, batch: Batch) -> list[Batch]:
    """The batches that pay what this one left open, as they were opened."""
    rows = desk.rows(PayBatch, PayBatch.completes == batch.id, order=PayBatch.batch)
    return [one for one in (desk.get(Batch, row.batch) for row in rows) if one is not None]


def left_open(desk: Desk, batch: Batch) -> set[Slip]:
    """The payslips of a batch that want data."""
    return {_slip(row) for row in rows(desk, of(desk, batch), "payslips") if row["status"] not in _SETTLED}


def completed(desk: Desk, batch: Batch) -> set[Slip]:
    """The payslips of a batch that a released completion pays, or one of that."""
    found: set[Slip] = set()
    for one in completions(desk, batch):
        if one.state in RELEASED and Case(desk, one).paid is not None:
            there = {_slip(row) for row in rows(desk, of(desk, one), "payslips")}
            found |= (there - left_open(desk, one)) | completed(desk, one)
    return found


def _slip(row: dict[str, str]) -> Slip:
    return row["payer"], row["person_code"], row["kind"]


def before(desk: Desk, batch: Batch) -> Batch | None:
    """The batch that this one corrects or completes."""
    own = desk.get(PayBatch, batch.id)
    number = batch.corrects or (own.completes if own else None)
    return desk.get(Batch, number) if number else None


def repaid(desk: Desk, batch: Batch) -> list[PayFolder]:
    """The repay folders of a batch, as they were made."""
    return desk.rows(PayFolder, PayFolder.batch == batch.id, PayFolder.kind == REPAY, order=PayFolder.id)


def holding(desk: Desk, batch: Batch, number: str) -> PayFolder:
    """The folder that has the bank batch of this number, which a voided one's successor has too. Raises NotThere."""
    fitting = [one for one in repaid(desk, batch) if number == one.number or number.startswith(f"{one.number}-")]
    return max(fitting, key=lambda one: len(one.number), default=None) or of(desk, batch)


def earlier(desk: Desk, *, but: int | None = None) -> list[Path]:
    """The pay folders of every institution that were released; but: not that batch's."""
    with desk.beyond():
        return earlier_own(desk, but=but)


def earlier_own(desk: Desk, *, but: int | None = None) -> list[Path]:
    """Those of the institutions that the caller sees."""
    batches = desk.rows(Batch, Batch.kind == "pay", among(Batch.state, RELEASED))
    newest_of = [Case(desk, one).paid for one in batches if one.id != but]
    return [desk.store.files.folder("runs", one.folder) for one in newest_of if one is not None]


def rows(desk: Desk, made: PayFolder, name: str) -> list[dict[str, str]]:
    """A table of a folder as texts; [] where the folder has none."""
    path = desk.store.files.folder("runs", made.folder) / f"{name}.csv"
    if not path.is_file():
        return []
    columns, *found = results.read_table(path, made.folder)
    return [dict(zip(columns, row, strict=True)) for row in found]


def warnings(desk: Desk, made: PayFolder) -> list[str]:
    """What is to be told of a payment that is no mistake."""
    return [*map(str, read_manifest(desk.store.files.folder("runs", made.folder), PAYMENT)["warnings"])]


def table(desk: Desk, batch: Batch, name: str) -> Table:
    """A table of the batch's pay folder, byte for byte; before it is paid out, of its teams. Raises NotThere."""
    made = Case(desk, batch).paid or _teams(desk, batch)
    path = desk.store.files.folder("runs", made.folder) / f"{name}.csv"
    if name not in TABLES or not path.is_file():
        raise NotThere
    columns, *found = results.read_table(path, made.folder)
    return Table(name, columns, found, path.read_bytes(), made.folder)


def _teams(desk: Desk, batch: Batch) -> PayFolder:
    own = (PayFolder.batch == batch.id, PayFolder.kind == TEAMS)
    found = desk.first(PayFolder, *own, order=newest(PayFolder.id))
    if found is None:
        raise NotThere
    return found


def archive(desk: Desk, batch: Batch) -> tuple[str, bytes]:
    """The digest of the pay folder and the folder as .zip, which `liangyun pay verify` accepts. Raises NotThere."""
    made = of(desk, batch)
    return made.folder, results.zipped(desk.store.files.folder("runs", made.folder))


def story(desk: Desk, batch: Batch, post: str, pool: str | None = None) -> dict[str, Any]:
    """The story of one post, by codes. Raises NotThere."""
    made = of(desk, batch)
    try:
        told = explain_post(desk.store.files.folder("runs", made.folder), post, pool=pool)
    except InputProblems as error:
        if any(one.code == "NO-POST" for one in error.problems):
            raise NotThere from error
        raise
    return {**told.as_json(), "text": say(told)}


@contextmanager
def laid_out(desk: Desk, row: PayFolder) -> Iterator[Laid]:
    """A folder with its register beside it, in a place of its own: in the store nothing lies beside a folder."""
    with TemporaryDirectory() as room:
        folder = Path(room) / f"pay-{row.batch}"
        shutil.copytree(desk.store.files.folder("runs", row.folder), folder)
        _write(desk, row, register_of(folder))
        yield Laid(row, folder)


def keep_register(desk: Desk, laid: Laid) -> None:
    """Keep the register as it is now, encrypted."""
    path = register_of(laid.folder)
    if path.is_file():
        laid.row.entries = desk.store.keys.encrypt_text(path.read_text(encoding="utf-8"), _about(laid.row))
        desk.add(laid.row)


def register(desk: Desk, row: PayFolder) -> Register:
    """What became of the folder's bank batches."""
    with TemporaryDirectory() as room:
        folder = Path(room) / f"pay-{row.batch}"
        _write(desk, row, register_of(folder))
        return register_now(folder)


def _write(desk: Desk, row: PayFolder, path: Path) -> None:
    if row.entries:
        path.write_text(desk.store.keys.decrypt_text(row.entries, _about(row)), encoding="utf-8")


def _about(row: PayFolder) -> str:
    return f"register {row.id}"
