"""What a pay folder holds: its tables as CSV, the stories, and the manifest over all of it. Person codes only.

Nothing written holds the time of day or a path: same inputs and key, same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from domain.money import factor_text, format_yuan
from domain.step import Phrase, RunWarning, step_data, warning_data
from engine.folder.lines import by_line
from engine.folder.output import MANIFEST, PAYMENT, canonical, digest, hashes, versions, write_csv
from engine.pay.result import TABLES, Payment
from engine.run.say import Speaker

WORDS = {"first": "未对照以前发放"}
EXPLANATION = "explain.json"
_COUNTS = frozenset({"seq", "accrual_year"})
"""Whole numbers that are no money."""


@dataclass(frozen=True)
class Origin:
    """Where a payment came from. key: fingerprint; units: asked for by name; run, before, completes, earlier: digests.

    teams: whether only the amounts of institutions and teams were asked for.
    """

    key: str
    units: tuple[str, ...] = ()
    run: str = ""
    before: str = ""
    completes: str = ""
    earlier: tuple[str, ...] = ()
    first: bool = False
    teams: bool = False

    def as_data(self) -> dict[str, Any]:
        """What the manifest says of it; what does not apply is left out, but the key and whether it is a first one."""
        said = {name: list(one) if isinstance(one, tuple) else one for name, one in vars(self).items()}
        return {name: one for name, one in said.items() if one or name in {"key", "first"}}


def text(value: Any) -> str:
    """One cell: money in yuan, other numbers exact, nothing as nothing."""
    if value is None or value != value:  # noqa: PLR0124  (a NaN that pandas put in)
        return ""
    if isinstance(value, Fraction):
        return factor_text(value)
    return format_yuan(int(value)) if not isinstance(value, str) else value


def texts(payment: Payment) -> dict[str, pd.DataFrame]:
    """The tables as they are written, every cell text."""
    made = {}
    for name, columns in TABLES.items():
        table = payment.tables.get(name)
        if table is not None:
            cells = {one: list(map(str if one in _COUNTS else text, table[one])) for one in columns}
            made[name] = pd.DataFrame(cells, columns=list(columns), dtype=object)
    return made


def explanation(payment: Payment) -> dict[str, Any]:
    """What explain.json holds: every step by key, in words and as data."""
    speaker, ordered = Speaker(), sorted(payment.steps, key=lambda step: step.key)
    return {
        "month": payment.month,
        "period": payment.period,
        "plan": payment.plan_id,
        "traces": {step.key: {**speaker.told(step), "step": step_data(step)} for step in ordered},
        "warnings": speaker.warnings(payment.warnings),
    }


def write_payment(payment: Payment, origin: Origin, folder: Path) -> None:
    """Write everything beside `folder`/inputs, the manifest last; a first payment says so wherever it is told of."""
    if origin.first:
        payment = replace(payment, warnings=(RunWarning("PAY-FIRST", Phrase(f"{__name__}:first")), *payment.warnings))
    for name, table in texts(payment).items():
        write_csv(table, folder / f"{name}.csv")
    (folder / EXPLANATION).write_text(by_line(explanation(payment)), encoding="utf-8", newline="\n")
    manifest: dict[str, Any] = {
        "format": PAYMENT.format,
        "plan": payment.plan_id,
        "period": payment.period,
        "month": payment.month,
        **origin.as_data(),
        "unmet": _unmet(payment),
        "warnings": Speaker().warnings(payment.warnings),
        "warned": [warning_data(one) for one in payment.warnings],
        "versions": versions(),
        "files": hashes(folder),
    }
    manifest["digest"] = digest(manifest)
    (folder / MANIFEST).write_text(canonical(manifest), encoding="utf-8", newline="\n")


def _unmet(payment: Payment) -> Mapping[str, Sequence[Mapping[str, str]]]:
    return {unit: [one.as_json() for one in told] for unit, told in sorted(payment.unmet.items())}
