"""Random years of a tiny county (`county`): after every step every ledger balances, and in the end all are paid once.

A handful in every run, 10,000 in the soak.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from domain.money import parse_yuan
from domain.period import Period
from domain.problems import InputProblems, Refused
from engine.folder.output import PAYMENT, frame_of, read_manifest
from engine.pay.exports.answer import Result, State
from engine.pay.exports.back import enter_answer, read_repay, repay_of, write_repay
from engine.pay.exports.bank import File, batch_of, enter
from engine.pay.exports.layout import read_layout
from engine.pay.exports.opened import opened
from engine.pay.exports.paid import Paid
from engine.pay.exports.register import registered
from engine.pay.folder.compute import Asked
from engine.pay.folder.execute import Against, pay_run
from engine.pay.folder.recheck import recheck
from engine.pay.folder.verify import verify_payment
from engine.pay.result import TABLES
from engine.policy.configs import Configs, load_configs
from tests.soaking import record

from .county import DONE, County, Row, drawn, rows_of
from .countyfolk import QUARTERS, year_s_tax

YEARS, SOAK_YEARS, SOAK_CHUNKS = 3, 10_000, 20
STATES: tuple[State, ...] = (*("ok",) * 6, "failed", "returned")
Bank = dict[tuple[str, str], int]
"""Fen that reached a person, by payer and person."""


@pytest.fixture(autouse=True)
def _key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "pay"))


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory where there is such a place."""
    memory = Path("/dev") / "shm"
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


def _configs(place: Path) -> Configs:
    """The program's own, of whose catalogue only what stands in the table of money: it is read at every step."""
    configs = load_configs()
    lines = configs.catalogue_in.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines[lines.index("items:\n") :] if "code: quota_" in line)
    small = place / configs.catalogue_in.name
    small.write_text(f"metrics: []\nitems:\n{kept}", encoding="utf-8")
    return replace(configs, catalogue_in=small)


def lives(number: int) -> int:
    """One year, every step of it checked. Returns how many pay folders it took."""
    with scratch() as place:
        county, bank = drawn(number, _configs(place), place), defaultdict[tuple[str, str], int](int)
        for quarter, (_, month) in enumerate(QUARTERS):
            out = county.run(quarter)
            _after(county, out, bank)
            _settled(county, quarter, out, month, bank)
            if county.r.random() < 0.15:
                _refuses(county, quarter)
            if quarter < len(QUARTERS) - 1 and county.r.random() < 0.5:
                later = month if county.r.random() < 0.5 else f"{month[:5]}{int(month[5:]) + (month[5:] != '12'):02d}"
                new = county.correct(quarter, out, later)
                _after(county, new, bank)
                _signed(county, new)
        verdict = verify_payment(county.r.choice(county.folders))
        assert not verdict.problems, verdict.problems
        _year_end(county, bank)
        return len(county.folders)


def _settled(county: County, quarter: int, out: Path, month: str, bank: Bank) -> None:
    """Lines that lacked figures are paid once they are there, and only once."""
    if all(row["status"] in DONE for row in _table(out, "payslips")):
        return
    done = county.complete(quarter, out, month)
    _after(county, done, bank)
    missed = {(row["payer"], row["person_code"]): row["payable"] for row in _table(out, "payslips") if not row["net"]}
    paid = {(row["payer"], row["person_code"]): row["payable"] for row in _table(done, "payslips")}
    assert missed == paid
    with pytest.raises(Refused, match="PAY-PAID"):
        county.complete(
            quarter,
            out,
            month,
        )


def _after(county: County, folder: Path, bank: Bank) -> None:
    """What must hold of a folder that was just written, then its payment by the bank."""
    tables = {name: frame_of(folder, name) for name in TABLES}
    assert not list(recheck(tables))
    units, lines, slips = (_table(folder, name) for name in ("units", "lines", "payslips"))
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
    for row in _table(folder, "batches"):
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
    _accounts(folder, lines)
    if folder not in county.completes:
        _stocks(county, folder)
    _through_the_bank(county.r, opened(folder), folder, bank)


def _accounts(folder: Path, lines: list[Row]) -> None:
    """What one institution pays for another stands in the current account, no more and no less."""
    away = defaultdict[tuple[str, str, str], int](int)
    for row in lines:
        if row["charged_unit"] != row["paid_through"] and row["component"] != "forfeited":
            away[row["charged_unit"], row["paid_through"], row["pool"]] += _fen(row["amount"])
    found = {
        (row["from_unit"], row["to_unit"], row["pool"]): _fen(row["amount"])
        for row in _table(folder, "current_account")
    }
    assert found == {key: fen for key, fen in away.items() if fen}


def _stocks(county: County, folder: Path) -> None:
    """Quota, deferred balances, reserves: what stood before, what came, what went, what stands."""
    year = str(read_manifest(folder, PAYMENT)["period"])[:4]
    for row in _table(folder, "quota"):
        if not row["pool"]:
            used = _fen(row["used_before"]) + _fen(row["used_now"])
            assert used == county.charged[row["unit_code"], year] <= _fen(row["approved"])
            assert _fen(row["left"]) == _fen(row["approved"]) - used
    standing = {}
    for row in _table(folder, "deferred"):
        gone = _fen(row["released"]) + _fen(row["forfeited"])
        assert _fen(row["closing"]) == _fen(row["opening"]) + _fen(row["added"]) - gone
        standing[row["unit_code"], row["person_code"], row["pool"], row["accrual_year"]] = _fen(row["closing"])
    assert {key: fen for key, fen in standing.items() if fen} == {
        key: fen for key, fen in county.deferred.items() if fen
    }
    for row in _table(folder, "reserves"):
        assert _fen(row["closing"]) == _fen(row["opening"]) - _fen(row["drawn"]) + _fen(row["returned"]) >= 0


def _signed(county: County, folder: Path) -> None:
    """Of a correction: the same money where it was divided anew, and what is taken back is borne by somebody."""
    moved = defaultdict[str, int](int)
    for row in _table(folder, "units"):
        moved[row["case"]] += _fen(row["amount"])
    (reserve,) = _table(folder, "reserves")
    assert sum(moved.values()) == _fen(reserve["drawn"]) - _fen(reserve["returned"])
    for row in _table(folder, "recovery"):
        parts = _fen(row["recovered"]) + _fen(row["carried"]) - _fen(row["receivable"])
        assert parts == min(0, _fen(row["payable_delta"]))


def _through_the_bank(r: random.Random, paid: Paid, folder: Path, bank: Bank) -> None:
    """Each batch is exported and answered; what failed is paid again, until nothing fails."""
    layout = read_layout("example-text", "bank")
    for number in dict.fromkeys(row["batch_no"] for row in paid.rows("batches")):
        batch = batch_of(paid, number)
        if not batch.lines:
            continue
        with registered(folder) as register:
            enter(register, batch, number, layout, [File(number, number.encode(), len(batch.lines), batch.total)])
            told = [Result(one.person, one.fen, r.choice(STATES), "", "") for one in batch.lines]
            repay = repay_of(register, batch, told)
            out = folder.with_name(f"{folder.name}-{number}-repay")
            if repay.lines:
                write_repay(paid, batch, repay, out)
            enter_answer(register, batch, repay, number)
            assert not repay_of(register, batch, told).lines, "a line goes into one repay batch only"
        for one in told:
            bank[batch.payer, one.person] += one.fen if one.state == "ok" else 0
        if repay.lines:
            again = read_repay(out)
            assert [(one.person, one.fen) for one in batch_of(again, repay.number).lines] == [
                (one.person, one.fen) for one in repay.lines
            ]
            _through_the_bank(r, again, out, bank)


def _refuses(county: County, quarter: int) -> None:
    """The same quarter again, and the same earmark in another, are both refused."""
    period, month = QUARTERS[quarter]
    made = {name: rows for name, rows in county.given[quarter].items() if name != "earmarks"}
    for given, error, code in (
        (made, Refused, "PAY-PAID"),
        (county.given[quarter], InputProblems if county.given[quarter]["earmarks"] else Refused, "PAY-"),
    ):
        out = county.place / f"refused-{quarter}-{error.__name__}"
        asked, against = Asked(Period.parse(period), month), Against(tuple(county.folders))
        plan, people = county.written(out, given)
        with pytest.raises(error, match=code):
            pay_run(county.configs, plan, people, asked, out, run=None, against=against)
        assert not out.exists()


def _year_end(county: County, bank: Bank) -> None:
    """Everything is paid once; the tax of the year is that of its sums; no earmark was paid twice."""
    net = defaultdict[tuple[str, str], int](int)
    for folder in county.folders:
        for row in _table(folder, "payslips"):
            if row["status"] == "ok":
                net[row["payer"], row["person_code"]] += _fen(row["net"])
    assert {key: fen for key, fen in bank.items() if fen} == {key: fen for key, fen in net.items() if fen}
    for (payer, code, year), (month, carried) in county.last.items():
        if not carried:
            person = next(one for one in county.people if one.code == code)
            figures = county.figures[payer, code, year]
            whole = year_s_tax([(person, month, county.income[payer, code, year])], figures["employed_to"])
            assert county.withheld[payer, code, year] == whole, (payer, code, year)
    marks = defaultdict[tuple[str, str], int](int)
    for folder in county.folders:
        if folder not in county.completes:
            for row in _table(folder, "lines"):
                if row["item"] == "gp":
                    marks[row["period"], row["post_no"]] += _fen(row["amount"])
    asked = {
        (row["period"], row["post_no"]): 312_34 * int(row["quantity"])
        for made in county.given.values()
        for row in made["earmarks"]
    }
    assert marks == asked


def _table(folder: Path, name: str) -> list[Row]:
    return rows_of(frame_of(folder, name))


def _fen(text: str) -> int:
    return parse_yuan(text)


@pytest.mark.parametrize("number", range(YEARS))
def test_every_ledger_balances_through_a_year(number: int) -> None:
    assert lives(number) >= len(QUARTERS)


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(SOAK_CHUNKS))
def test_soak_years(chunk: int) -> None:
    count, wrong, folders, began = SOAK_YEARS // SOAK_CHUNKS, [], 0, time.perf_counter()
    for number in range(1_000_000 + chunk * count, 1_000_000 + (chunk + 1) * count):
        try:
            folders += lives(number)
        except Exception:  # noqa: BLE001  (whatever goes wrong is a mismatch, and the run goes on)
            wrong.append(number)
    seconds = round(time.perf_counter() - began, 1)
    record("pay_years", chunk, {"cases": count, "folders": folders, "seconds": seconds, "mismatches": len(wrong)})
    assert not wrong, wrong
