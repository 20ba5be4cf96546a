"""Pay to people: what the store must know of a pay batch. No name, ID number or account is in any column in clear.

The pay folder lies under `runs/` and holds person codes alone; the people's workbooks and the bank's answers are files
of class `personal`.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field

from engine.storage.columns import fen, moment, ref, row_id, whole, words
from engine.storage.tables.base import Scoped


class PayBatch(Scoped, table=True):
    """What a pay batch pays. month: "2026-10", the one tax goes by; run: whose amounts (none: the table 机构发放额).

    completes: the batch whose open payslips it pays, if any.
    """

    __tablename__ = "pay_batch"

    batch: int = ref("batch.id", primary=True)
    month: str
    run: int | None = ref("run.id", optional=True)
    completes: int | None = ref("batch.id", optional=True)


class PayPeople(Scoped, table=True):
    """A workbook of people that was handed in. folder: what was made of it, "" while or where nothing was.

    what: `people` is paid by; `teams` is divided among teams alone; `accounts` mends accounts after the approval.
    """

    __tablename__ = "pay_people"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    file: str = Field(foreign_key="file.sha")
    folder: str = ""
    what: str = "people"
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class PayFolder(Scoped, table=True):
    """A pay folder of a batch, one of its teams alone, or the repay folder of a bank batch (`of`: that one's number).

    amount: what it pays; entries: the register of its exports, encrypted, for a bank's reason may say anything.
    """

    __tablename__ = "pay_folder"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    kind: str
    folder: str = Field(index=True)
    people: str = Field(foreign_key="file.sha")
    number: str = ""
    of: str = ""
    amount: int = fen()
    lines: int = whole()
    entries: str = words()
    at: datetime = moment()


class PayExport(Scoped, table=True):
    """An export that left the house. number: of the bank batch, "" of other kinds; sha: of its bytes."""

    __tablename__ = "pay_export"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    kind: str
    number: str = ""
    sha: str
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()
    voided_reason: str = words()


class PayResult(Scoped, table=True):
    """What the bank says became of a line of a bank batch. state: ok, failed or returned."""

    __tablename__ = "pay_result"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    number: str
    person_code: str
    amount: int = fen()
    state: str
    file: str = Field(foreign_key="file.sha")
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()


class PaySaid(Scoped, table=True):
    """What the payer says of a payslip that no bank answers for. state: paid, returned or held; the newest holds."""

    __tablename__ = "pay_said"

    id: int | None = row_id()
    batch: int = ref("batch.id")
    payer: str
    person_code: str
    kind: str
    amount: int = fen()
    state: str
    voucher: str = ""
    dated: date | None = None
    reason: str = words()
    by: int | None = ref("user.id", optional=True)
    at: datetime = moment()
