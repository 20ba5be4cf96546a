"""Earmarks that earlier payments paid already, as they stand after what corrected those payments.

A correction that takes days of an earmark back leaves them to be paid. Source: contract of pay, PAY-EARMARK-TWICE.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pandas as pd

from domain.pay import Pay
from domain.period import Period
from domain.problems import Problem
from engine.folder.saved_inputs import saved_plan
from engine.pay.folder.correct import stands
from engine.pay.folder.earlier import Earlier
from engine.pay.folder.gather import PEOPLE, first_inputs
from engine.pay.people import People
from engine.pay.read.kept import from_tables
from engine.pay.scheme import last_day, scheme_of
from engine.pay.split.facts import rows_of
from engine.pay.split.lines import DUE

_TABLES = ("earmarks", "people", "posts")


def twice_earmarked(inputs: Path, lines: pd.DataFrame, period: Period, earlier: Iterable[Earlier]) -> list[Problem]:
    """Earmarks paid here whose item, person and days an earlier payment paid (PAY-EARMARK-TWICE).

    inputs, lines: of the payment that is looked at. What a table of earmarks holds and no line pays, here or there, was
    not paid: it waits for its pool. A payment whose correction is given too counts as that left it.
    """
    pay, earlier = scheme_of(saved_plan(first_inputs(inputs), period)[1].plan), tuple(earlier)
    people, known = from_tables(inputs / PEOPLE, _TABLES), dict[tuple[str, str], list[tuple[date, date, Path]]]()
    corrected = {one.manifest.get("before") for one in earlier}
    for one in earlier:
        if one.digest in corrected:
            continue
        before, paid_before = stands(one.folder)
        of = Period.parse(str(one.manifest["period"]))
        for _, item, whose, first, last in _earmarks(pay, before, paid_before, of):
            for name in whose:
                known.setdefault((name, item), []).append((first, last, one.folder))
    found: dict[tuple[str, Path, date, date], Problem] = {}
    for at, item, whose, first, last in _earmarks(pay, people, lines, period):
        for since, until, folder in (paid for name in whose for paid in known.get((name, item), ())):
            if first <= until and since <= last:
                said = f"{item} 已在 {folder.name} 按 {since} 至 {until} 发过"
                found[at, folder, since, until] = Problem(at, "PAY-EARMARK-TWICE", said, "核对起止日期, 删去重复的")
    return list(found.values())


def _earmarks(
    pay: Pay, people: People, lines: pd.DataFrame, period: Period
) -> Iterator[tuple[str, str, set[str], date, date]]:
    """Of every earmark that lines pay: where it stands, its item, whose it is, its first and last day.

    A person is known again by the code or, under another one, by the ID number.
    """
    columns = lines.loc[lines["component"] == DUE, ["post_no", "item", "person_code"]]
    paid = {(post, item): person for post, item, person in columns.itertuples(index=False, name=None)}
    tokens = dict(zip(people["people"]["person_code"], people["people"]["id_token"], strict=True))
    left = dict(zip(people["posts"]["post_no"], people["posts"]["to"], strict=True))
    for row in rows_of(people["earmarks"], str(period)):
        post, item = row["post_no"], pay.item(row["item"])
        if item is not None and (post, item.id) in paid:
            person = paid[post, item.id]
            whose = {str(person), str(tokens.get(person) or person)} if item.across == "person" else {str(post)}
            last = last_day(item, row["from"], row["to"], left.get(post), period)
            yield str(row["source"]), item.id, whose, row["from"], last
