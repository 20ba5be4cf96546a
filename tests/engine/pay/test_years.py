"""Random years of tiny counties (`district`): after every step every ledger balances, and in the end all are paid once.

A handful in every run, 10,000 in the soak: fifty lie side by side in one district, each a year of its own. In the soak
most batches go to the bank without a file: the same functions, on a register and a repay batch in memory.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pytest

from domain.money import parse_yuan
from domain.period import Period
from domain.problems import Refused
from engine.folder.output import PAYMENT, read_manifest
from engine.pay.exports.answer import Result, State
from engine.pay.exports.back import Repay, enter_answer, read_repay, repay_of, write_repay
from engine.pay.exports.bank import Batch, File, Line, batch_of, enter
from engine.pay.exports.layout import Read, read_layout
from engine.pay.exports.opened import opened
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import Entry, Register, register_of, registered
from engine.pay.folder.compute import Asked
from engine.pay.folder.execute import Against, pay_run
from engine.pay.folder.recheck import recheck
from engine.pay.folder.verify import verify_payment
from tests.soaking import record

from .countyfolk import QUARTERS, Whole, year_s_tax
from .district import DONE, District, Row, drawn
from .places import configs_of, scratch

COUNTIES = (1, 2, 3)
PAID = (("payslips", "payer"), ("tax", "payer"), ("batches", "payer"), ("current_account", "from_unit"))
SOAK_YEARS, SOAK_CHUNKS, SOAK_COUNTIES = 10_000, 40, 50
SAMPLED = 0.03
"""Of the batches of the soak, those that are written and read again."""
STATES: tuple[State, ...] = (*("ok",) * 6, "failed", "returned")


@dataclass
class Bank:
    """What reached whom, in fen, by payer and person. r, written: which batches are written down, and how many."""

    r: random.Random
    written: float
    paid: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))


@pytest.fixture(autouse=True)
def _key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "pay"))


class Held(Register):
    """A register that is not written down."""

    def add(self, entries: Sequence[Entry]) -> None:
        self.entries += entries


@contextmanager
def lived(number: int, counties: Sequence[int], written: float = 1) -> Iterator[District]:
    """A year of these counties of a district, every step of it checked, as it stands in the end.

    written: of all batches, those whose register and repay folder are written and read again.
    """
    with scratch() as place:
        district = drawn(number, counties, configs_of(place), place)
        r, bank = district.r, Bank(random.Random(number), written)
        for quarter, (_, month) in enumerate(QUARTERS):
            out = district.run(quarter)
            _after(district, out, bank)
            _settled(district, quarter, out, month, bank)
            if r.random() < 0.08:
                _refuses(district, quarter)
            right, late, back = (r.random() < chance for chance in (0.5, 0.5, 0.3))
            if quarter < len(QUARTERS) - 1 and right:
                later = f"{month[:5]}{int(month[5:]) + (month[5:] != '12'):02d}" if late else month
                _put_right(district, quarter, out, later, bank, back=back)
        verdict = verify_payment(bank.r.choice(district.folders))
        assert not verdict.problems, verdict.problems
        _year_end(district, bank)
        yield district


def _put_right(district: District, quarter: int, out: Path, month: str, bank: Bank, *, back: bool) -> None:
    """A payment is corrected; `back`: and the correction reversed, which leaves every line of the first what it was."""
    correction = district.correct(quarter, out, month)
    if correction is None:
        return
    _after(district, correction, bank)
    _signed(district, correction)
    if back:
        reverse, moved = district.take_back(quarter, correction, month), defaultdict[tuple[str, ...], int](int)
        _after(district, reverse, bank)
        _signed(district, reverse)
        for row in (row for folder in (correction, reverse) for row in district.rows(folder, "lines")):
            moved[row["post_no"], row["pool"], row["item"], row["component"]] += _fen(row["amount"])
        assert not any(moved.values())


def _settled(district: District, quarter: int, out: Path, month: str, bank: Bank) -> None:
    """Lines that lacked figures are paid once they are there, and only once."""
    if all(row["status"] in DONE for row in district.rows(out, "payslips")):
        return
    done = district.complete(quarter, out, month)
    _after(district, done, bank)
    slips, completed = district.rows(out, "payslips"), district.rows(done, "payslips")
    missed = {(row["payer"], row["person_code"]): row["payable"] for row in slips if not row["net"]}
    assert missed == {(row["payer"], row["person_code"]): row["payable"] for row in completed}
    if bank.r.random() < max(bank.written, 0.1):
        with pytest.raises(Refused, match="PAY-PAID"):
            district.complete(quarter, out, month)


def _after(district: District, folder: Path, bank: Bank) -> None:
    """What must hold of a folder that was just written, then its payment by the bank."""
    assert not list(recheck(district.frames(folder)))
    units, lines, slips = (district.rows(folder, name) for name in ("units", "lines", "payslips"))
    due = defaultdict[tuple[str, str, str, str], int](int)
    for row in lines:
        if row["component"] == "due":
            due[row["unit_code"], row["pool"], row["case"], "shared" if row["item"] == "points" else "earmarks"] += (
                _fen(row["amount"])
            )
    for row in units:
        assert _fen(row["amount"]) == _fen(row["earmarks"]) + _fen(row["shared"]) + _fen(row["kept"])
        key = (row["unit_code"], row["pool"], row["case"])
        assert (_fen(row["shared"]), _fen(row["earmarks"])) == (due[(*key, "shared")], due[(*key, "earmarks")])
    by_person, to_bank = defaultdict[tuple[str, str], int](int), defaultdict[tuple[str, str], int](int)
    for row in lines:
        if row["component"] != "forfeited":
            by_person[row["paid_through"], row["person_code"]] += _fen(row["amount"])
    for row in district.rows(folder, "batches"):
        to_bank[row["payer"], row["person_code"]] += _fen(row["amount"])
    for row in slips:
        who = (row["payer"], row["person_code"])
        assert by_person.pop(who) == _fen(row["payable"])
        paid = to_bank.pop(who, 0)
        assert paid == (_fen(row["net"]) if row["net"] else 0)
        if row["status"] == "ok":
            assert paid == _fen(row["payable"]) - _fen(row["tax"]) - _fen(row["other"])
    assert not any(by_person.values())
    assert not to_bank
    _accounts(district, folder, lines)
    if folder not in district.completes:
        _stocks(district, folder)
    _to_the_bank(district, folder, bank)


def _to_the_bank(district: District, folder: Path, bank: Bank) -> None:
    """Every batch of a folder."""
    whole = opened(folder)
    for number in dict.fromkeys(row["batch_no"] for row in whole.rows("batches")):
        batch = batch_of(whole, number)
        if batch.lines and bank.r.random() < bank.written:
            _through_files(district, whole, folder, batch, bank)
        elif batch.lines:
            _through_the_bank(district, Held(register_of(folder), []), batch, bank)


def _accounts(district: District, folder: Path, lines: list[Row]) -> None:
    """What one institution pays for another stands in the current account, no more and no less."""
    away = defaultdict[tuple[str, str, str], int](int)
    for row in lines:
        if row["charged_unit"] != row["paid_through"] and row["component"] != "forfeited":
            away[row["charged_unit"], row["paid_through"], row["pool"]] += _fen(row["amount"])
    found = {
        (row["from_unit"], row["to_unit"], row["pool"]): _fen(row["amount"])
        for row in district.rows(folder, "current_account")
    }
    assert found == {key: fen for key, fen in away.items() if fen}


def _stocks(district: District, folder: Path) -> None:
    """Quota, deferred balances, reserves: what stood before, what came, what went, what stands."""
    year = str(read_manifest(folder, PAYMENT)["period"])[:4]
    for row in district.rows(folder, "quota"):
        if not row["pool"]:
            used = _fen(row["used_before"]) + _fen(row["used_now"])
            assert used == district.charged[row["unit_code"], year] <= _fen(row["approved"])
            assert _fen(row["left"]) == _fen(row["approved"]) - used
    standing = {}
    for row in district.rows(folder, "deferred"):
        gone = _fen(row["released"]) + _fen(row["forfeited"])
        assert _fen(row["closing"]) == _fen(row["opening"]) + _fen(row["added"]) - gone
        standing[row["unit_code"], row["person_code"], row["pool"], row["accrual_year"]] = _fen(row["closing"])
    assert {key: fen for key, fen in standing.items() if fen} == {
        key: fen for key, fen in district.deferred.items() if fen
    }
    for row in district.rows(folder, "reserves"):
        assert _fen(row["closing"]) == _fen(row["opening"]) - _fen(row["drawn"]) + _fen(row["returned"]) >= 0


def _signed(district: District, folder: Path) -> None:
    """Of a correction: the same money where it was divided anew, and what is taken back is borne by somebody."""
    moved, reserve_of = defaultdict[str, int](int), {}
    for one in district.counties:
        reserve_of |= dict.fromkeys(one.units, one.reserve_name)
    for row in district.rows(folder, "units"):
        moved[reserve_of[row["unit_code"]]] += _fen(row["amount"])
    for row in district.rows(folder, "reserves"):
        assert moved.pop(row["reserve"], 0) == _fen(row["drawn"]) - _fen(row["returned"])
    assert not moved
    for row in district.rows(folder, "recovery"):
        parts = _fen(row["recovered"]) + _fen(row["carried"]) - _fen(row["receivable"])
        assert parts == min(0, _fen(row["payable_delta"]))


@cache
def _layout() -> Read:
    return read_layout("example-text", "bank")


def _told(district: District, register: Register, batch: Batch, bank: Bank) -> Repay:
    """What the bank did with a batch, and what goes back."""
    r = district.county_of(batch.payer).r
    made = [File(batch.number, batch.number.encode(), len(batch.lines), batch.total)]
    assert enter(register, batch, batch.number, _layout(), made)
    told = [Result(one.person, one.fen, r.choice(STATES), "", "") for one in batch.lines]
    for one in told:
        bank.paid[batch.payer, one.person] += one.fen if one.state == "ok" else 0
    return repay_of(register, batch, told, batch.number)


def _answer(register: Register, batch: Batch, repay: Repay) -> None:
    enter_answer(register, batch, repay, batch.number)
    assert not repay_of(register, batch, repay.results, batch.number).lines, "a line goes into one repay batch only"


def _through_the_bank(district: District, register: Register, batch: Batch, bank: Bank) -> None:
    """A batch is exported and answered; what failed is paid again, until nothing fails."""
    repay = _told(district, register, batch, bank)
    _answer(register, batch, repay)
    if repay.lines:
        lines = tuple(Line(at, one.person, one.fen) for at, one in enumerate(repay.lines))
        _through_the_bank(district, register, replace(batch, number=repay.number, lines=lines), bank)


def _through_files(district: District, paid: Paid, folder: Path, batch: Batch, bank: Bank) -> None:
    """The same, register and repay batch written and read again."""
    out = folder.with_name(f"{folder.name}-{batch.number}-repay")
    with registered(folder) as register:
        repay = _told(district, register, batch, bank)
        if repay.lines:
            write_repay(paid, batch, repay, out)
        _answer(register, batch, repay)
    if repay.lines:
        again = read_repay(out)
        rest = batch_of(again, repay.number)
        lines = tuple(Line(at, one.person, one.fen) for at, one in enumerate(repay.lines))
        assert rest == replace(batch, number=repay.number, lines=lines)
        _through_files(district, again, out, rest, bank)


def _refuses(district: District, quarter: int) -> None:
    """The same quarter is not paid again."""
    period, month = QUARTERS[quarter]
    out = district.place / f"refused-{quarter}"
    asked, against = Asked(Period.parse(period), month), Against(tuple(district.folders))
    plan, people = district.written(out, district.given[quarter])
    with pytest.raises(Refused, match="PAY-PAID"):
        pay_run(district.configs, plan, people, asked, out, run=None, against=against)
    assert not out.exists()


def _year_end(district: District, bank: Bank) -> None:
    """Everything is paid once; the tax of the year is that of its sums; no earmark was paid twice."""
    net = defaultdict[tuple[str, str], int](int)
    for folder in district.folders:
        for row in district.rows(folder, "payslips"):
            if row["status"] == "ok":
                net[row["payer"], row["person_code"]] += _fen(row["net"])
    assert {key: fen for key, fen in bank.paid.items() if fen} == {key: fen for key, fen in net.items() if fen}
    begins = {one.code: one.begins for one in district.people}
    whole = [
        Whole(payer, code, month, district.income[payer, code, year], begins[code], known["employed_to"])
        for (payer, code, year), (month, carried) in district.last.items()
        if not carried
        for known in [district.figures[payer, code, year]]
    ]
    for (payer, code, month), fen in year_s_tax(whole).items():
        assert district.withheld[payer, code, month[:4]] == fen, (payer, code, month)
    marks = defaultdict[tuple[str, str], int](int)
    for folder in district.folders:
        if folder not in district.completes:
            for row in district.rows(folder, "lines"):
                if row["item"] == "gp":
                    marks[row["period"], row["post_no"]] += _fen(row["amount"])
    asked = {
        (row["period"], row["post_no"]): 312_34 * int(row["quantity"])
        for made in district.given.values()
        for row in made["earmarks"]
    }
    assert marks == asked


def _fen(text: str) -> int:
    return parse_yuan(text)


def test_every_ledger_balances_through_a_year() -> None:
    with lived(1, COUNTIES) as district:
        assert len(district.folders) >= len(QUARTERS)


def test_a_county_has_the_same_year_alone() -> None:
    """What lies beside a county changes nothing of it, and draws nothing of what chance brings it."""
    own = {"U3", "U4"}

    def of(district: District) -> list[tuple[str, Row]]:
        return [
            (name, {column: cell for column, cell in row.items() if column != "batch_no"})
            for folder in district.folders
            for name, column in (("units", "unit_code"), ("teams", "unit_code"), ("lines", "unit_code"), *PAID)
            for row in district.rows(folder, name)
            if row[column] in own
        ]

    with lived(0, COUNTIES) as several, lived(0, [2]) as alone:
        assert len(of(alone)) > 2 * len(several.folders)
        assert of(alone) == of(several)


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(SOAK_CHUNKS))
def test_soak_years(chunk: int) -> None:
    count, wrong, folders, began = SOAK_YEARS // SOAK_CHUNKS // SOAK_COUNTIES, [], 0, time.perf_counter()
    for number in range(1_000_000 + chunk * count, 1_000_000 + (chunk + 1) * count):
        try:
            with lived(number, range(1, SOAK_COUNTIES + 1), SAMPLED) as district:
                folders += len(district.folders)
        except Exception:  # noqa: BLE001  (whatever goes wrong is a mismatch, and the run goes on)
            wrong.append(number)
    seconds = round(time.perf_counter() - began, 1)
    years = SOAK_YEARS // SOAK_CHUNKS
    record("pay_years", chunk, {"cases": years, "folders": folders, "seconds": seconds, "mismatches": len(wrong)})
    assert not wrong, wrong
