"""Whose codes they are: names, ID numbers and accounts joined to a payment's codes at the moment of an export.

The roster must be that of the payment: the token that the folder keeps of every person's ID number is made again from
the roster and compared, so that nobody is paid under another's code. Source: contract of pay, DIR and Exports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from domain.problems import Problems, Refused
from engine.pay.exports.paid import Paid, records
from engine.pay.people import COLUMNS, People

_SHOWN = 3, 4
_KNOWN = {*COLUMNS["people"], *COLUMNS["accounts"]}
_ACCOUNT = ("bank", "branch", "cnaps", "account", "account_name", "note")


@dataclass(frozen=True)
class Account:
    """Where a person is paid; at: the cell of each column."""

    bank: str
    branch: str
    cnaps: str
    account: str
    account_name: str
    note: str
    at: Mapping[str, str]


@dataclass(frozen=True)
class Person:
    """Whom a code is; at: the cell of each column."""

    code: str
    name: str
    id_type: str
    id_number: str
    note: str
    at: Mapping[str, str]

    @property
    def masked(self) -> str:
        """The ID number as it may be printed."""
        return mask(self.id_number)


@dataclass(frozen=True)
class Roster:
    """Persons and accounts by person code."""

    persons: Mapping[str, Person]
    accounts: Mapping[str, Account]

    def name(self, code: str) -> str:
        """A person's name; the code itself where it is not asked for by this export."""
        return self.persons[code].name


def mask(number: str) -> str:
    """An ID number of which only the ends are shown: 110105…002X → 110***********002X; short ones show less."""
    head, tail = _SHOWN if len(number) > 2 * sum(_SHOWN) else (1, 1)
    if len(number) <= head + tail:
        return "*" * len(number)
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]


def roster(
    paid: Paid, people: People, where: str, token: Callable[[str], str], fingerprint: str, codes: Iterable[str]
) -> Roster:
    """The persons of `codes`, each known again by its token. where: how PEOPLE is called in problems.

    Raises Refused (PAY-KEY) with another key than the folder's, InputProblems: PERSON-UNKNOWN (a code that the roster
    does not have), PAY-ID (another ID number than the one that was paid).
    """
    if paid.key and paid.key != fingerprint:
        raise Refused(f"{paid.name}: 不是用这把密钥做的, 核对不了人员, 用 LIANGYUN_PAY_KEY 指明当时的密钥 (PAY-KEY)")
    problems = Problems()
    there = {str(row["person_code"]): row for row in records(people["people"])}
    tokens = {str(row["person_code"]): row.get("id_token") for row in records(paid.people["people"])}
    found: dict[str, Person] = {}
    for code in sorted(set(codes)):
        row = there.get(code)
        if row is None:
            problems.add(where, "PERSON-UNKNOWN", f"人员表里没有人员编号 {code}", "补上这个人, 或给出发放时的人员表")
            continue
        person = Person(
            code, _text(row["name"]), _text(row["id_type"]), _text(row["id_number"]), _text(row["note"]), _at(row)
        )
        if tokens.get(code) and token(person.id_number) != tokens[code]:
            said = f"人员编号 {code} 的证件号码不是发放时的那一个"
            problems.add(
                person.at["id_number"], "PAY-ID", said, "核对人员编号和证件号码; 确是同一人改了证件号码的, 重新计算"
            )
            continue
        found[code] = person
    problems.raise_if_any()
    accounts = {
        str(row["person_code"]): Account(**{name: _text(row[name]) for name in _ACCOUNT}, at=_at(row))
        for row in records(people["accounts"])
    }
    return Roster(found, accounts)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def _at(row: Mapping[str, Any]) -> Mapping[str, str]:
    """The cell of each column: its own where the reader kept it, else the row's."""
    source = _text(row.get("source"))
    return {name: _text(row.get(f"{name}_at")) or source for name in row if f"{name}_at" in row or name in _KNOWN}
