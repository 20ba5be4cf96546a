"""A drawn county and its correction, both ways: what the program's folders hold beside what the contract gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from domain.period import Period
from domain.problems import Contradiction, InputProblems, Refused
from engine.pay.folder.compute import Asked
from engine.pay.folder.correct import pay_correct
from engine.pay.folder.execute import Against, pay_run
from engine.pay.result import Payment
from engine.policy.configs import Configs

from .drawing import PERIOD, Drawn, draw
from .folders import rows_of, table_of
from .mistakes import mistaken
from .reading import Given, read, read_plan
from .reckoning import Reckoned, put_right, reckon
from .writing import write


def county(seed: int, configs: Configs, place: Path) -> tuple[int, list[str]]:
    """Pay a county, and put it right. Returns how many payments were compared, and every difference."""
    made = draw(seed)
    plan, book = write(made, place / "given")
    given = Given(read_plan(plan), read(book), PERIOD, made.month)
    asked, out = Asked(Period.parse(PERIOD), made.month), place / "paid"
    first = Against((), None, True)
    found = _compare(
        reckon(given), lambda: pay_run(configs, plan, book, asked, out, run=None, against=first).payment, out
    )
    if found or not out.is_dir() or rows_of(out, "units") == []:
        return 1, found
    return _corrected(made, seed, (configs, plan, given), place, out)


def _corrected(
    made: Drawn, seed: int, of: tuple[Configs, Path, Given], place: Path, paid: Path
) -> tuple[int, list[str]]:
    configs, plan, given = of
    later = mistaken(made, seed)
    if not later.tables.get("cases"):
        return 1, []
    book, out = write(later, place / "cases")[1], place / "right"
    asked = Asked(Period.parse(PERIOD), later.month)
    wanted = put_right(given, read(book), later.month)
    return 2, _compare(wanted, lambda: pay_correct(configs, plan, book, asked, out, before=paid, run=None).payment, out)


def _compare(wanted: Reckoned, act: Callable[[], Payment], out: Path) -> list[str]:
    code, said = 0, ""
    try:
        code = Contradiction.exit_code if act().unmet else 0
    except (InputProblems, Contradiction, Refused) as refused:
        code, said = refused.exit_code, str(refused)
    if code != wanted.code or wanted.why not in said:
        return [f"exit {code} ({said}), by the contract {wanted.code} {wanted.why}"]
    if not out.is_dir():
        return []
    found = [f"{row['check']} {row['key']}" for row in rows_of(out, "reconciliation") if row["difference"] != "0.00"]
    for name, table in wanted.tables.items():
        written = table_of(out, name)
        found += [
            f"{name} {key}: {written.get(key)}, by the contract {table.get(key)}"
            for key in sorted(written.keys() | table.keys())
            if written.get(key) != table.get(key)
        ]
    return found
