"""The tables of withholding as dated data: `configs/tax/rules.yaml`, each with its source, as in force in a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

import configs
from domain.facts import Strict
from domain.problems import InputProblems, Problem
from domain.values import Share, Yuan
from engine.yaml.dated import resolve
from engine.yaml.document import Document, read_yaml
from engine.yaml.schema import validate

_FOLDER, _RULES = "tax", "rules.yaml"
Whole = npt.NDArray[np.int64]


class Bracket(Strict):
    """A step of a table: up to so much (fen, inclusive; None: above all others) this rate, less `quick` (fen)."""

    up_to: Yuan | None = None
    rate: Share
    quick: Yuan


class Brackets(Strict):
    """A table of rates, and where it stands written."""

    source: str
    brackets: list[Bracket] = Field(min_length=1)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        ends = [one.up_to for one in self.brackets[:-1]]
        known = [end for end in ends if end is not None]
        if len(known) < len(ends) or known != sorted(set(known)) or self.brackets[-1].up_to is not None:
            raise ValueError("brackets 由低到高, 只有最后一级不写 up_to")
        return self

    def places(self, base: Whole, times: int = 1) -> npt.NDArray[np.intp]:
        """The step of each base; base: fen; times: the base is divided by it first, exactly."""
        ends = np.array([one.up_to for one in self.brackets[:-1]], dtype=np.int64) * times
        return np.searchsorted(ends, base, side="left")

    def tax(self, base: Whole, places: npt.NDArray[np.intp]) -> Whole:
        """Tax of each base at its step, fen, rounded half up; 0 of a base that is not above 0."""
        scale = np.lcm.reduce([one.rate.denominator for one in self.brackets])
        rates = np.array([one.rate * int(scale) for one in self.brackets]).astype(np.int64)
        quick = np.array([one.quick for one in self.brackets], dtype=np.int64)
        twice = 2 * (base * rates[places] - quick[places] * scale)
        return np.where(base > 0, (twice + scale) // (2 * scale), 0)


class Wages(Brackets):
    """Cumulative withholding: what is deducted in a month and in a whole year, fen."""

    month: Yuan
    year: Yuan


class Bonus(Brackets):
    """An annual bonus taxed apart: by the bracket of the bonus divided by so many months."""

    months: Annotated[int, Field(gt=0)]


class Fee(Strict):
    """What labour costs: `amount` (fen) of an income up to `up_to`, a share of a larger one."""

    up_to: Yuan
    amount: Yuan
    share: Share

    def of(self, income: Whole) -> Whole:
        """The fee of each income, fen, a share rounded half up."""
        twice = 2 * income * self.share.numerator
        half_up = (twice + self.share.denominator) // (2 * self.share.denominator)
        return np.where(income <= self.up_to, self.amount, half_up)


class Labour(Brackets):
    """Labour of one payer and month as one."""

    fee: Fee


class Basis(Strict):
    """That a way of deducting may be chosen, and what says so."""

    source: str


class Rules(Strict):
    """What holds in one month; None: not yet, or not any more."""

    id: str
    title: str
    id_types: list[str]
    wages: Wages | None
    first_job: Basis | None
    annual_60000: Basis | None
    annual_bonus: Bonus | None
    labour: Labour | None


@dataclass(frozen=True)
class TaxTables:
    """The rules of every month, from one file."""

    document: Document
    _months: dict[tuple[int, int], Rules] = field(default_factory=dict, repr=False, compare=False)
    _alike: dict[str, Rules] = field(default_factory=dict, repr=False, compare=False)

    def of(self, year: int, month: int) -> Rules:
        """The rules of payments in a month; months of the same rules have the same object. Raises InputProblems."""
        key = (year, month)
        if key not in self._months:
            rules = _rules(resolve(self.document.copy(), date(year, month, 1)))
            self._months[key] = self._alike.setdefault(rules.model_dump_json(), rules)
        return self._months[key]


def tax_files() -> tuple[Path, ...]:
    """The files of tables and dates that the program ships."""
    return tuple(sorted((configs.folder() / _FOLDER).glob("*.yaml")))


def tax_tables(folder: Path | None = None) -> TaxTables:
    """The tables that stand in a folder; without one, those that the program ships. Raises InputProblems."""
    return _shipped() if folder is None else TaxTables(read_yaml(folder / _RULES, name=_RULES))


@cache
def _shipped() -> TaxTables:
    return TaxTables(read_yaml(configs.folder() / _FOLDER / _RULES, name=f"configs/{_FOLDER}/{_RULES}"))


def _rules(document: Document) -> Rules:
    data: Mapping[str, object] = document.data
    made = validate(Rules, document, data)
    document.raise_if_any()
    if made is None:
        raise InputProblems([Problem(document.name, "FIELD-VALUE", "税率表不合规定", "核对文件")])
    return made
