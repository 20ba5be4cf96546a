"""What earlier payments say against this one: the same pool paid twice, another key (earmarks: `earmarked`).

They change no figure. Source: contract of pay, `--earlier`; PAY-PAID, PAY-KEY.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from domain.problems import InputProblems, Problem, Refused
from engine.folder.intact import intact
from engine.folder.output import MANIFEST, PAYMENT, frame_of, read_manifest
from engine.pay.folder.key import PayKey


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
