"""同一文件: what a document gives a unit, as a share of all that it has, against the document's other units.

A document mostly gives units of a tier alike: a general rise, a first approval. Small ones beside a large one move no
sum far enough to be seen in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from statistics import median
from typing import Annotated

from pydantic import Field

from domain.facts import Catalogue, Strict
from domain.institution import Tier
from domain.key import Key, Keys
from domain.step import Phrase, Value
from domain.values import Exact
from engine.checks.kinds import Hit, Looked, beyond, named
from engine.checks.rows import plain

TITLE = "同一文件"
WORDS = {"document": "{code:join } {document} {now}, 占本单位合计的比重与同一文件的同级 {units} 家相差过大"}
KEYS: Keys = {
    "Params": Key(TITLE, "同一份文件里, 一家的份额与通常的不同"),
    "codes": Key("看哪些", "金额项目", ["quota_approved"]),
    "factor": Key("倍数", "与通常的份额差几倍才提", "3"),
    "tiers": Key("机构层级", "看哪几级; 不写是全部", ["township"]),
    "units": Key("至少几家", "文件至少还写了几家", 3),
}


class Params(Strict):
    """codes: items looked at. factor: how many times the usual share one may be, or that be of it.

    tiers: the units compared with each other (empty: all); units: how many others the document must name.
    """

    codes: Annotated[list[str], Field(min_length=1)]
    factor: Annotated[Exact, Field(gt=1)]
    tiers: list[Tier] = Field(default_factory=list)
    units: Annotated[int, Field(ge=3)] = 3


def asks(params: Params, _catalogue: Catalogue) -> Callable[[str], bool]:
    """The items that it names."""
    return params.codes.__contains__


def find(params: Params, looked: Looked) -> Iterator[Hit]:
    """Every amount above 0 whose share of the unit's own sum is not what it is with the document's other units."""
    table, ours = looked.table, looked.of_tiers(params.tiers)
    amounts: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    sums: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for row in looked.now.rows.tolist():
        code, unit = table.codes[table.code[row]], int(table.unit[row])
        if ours[unit] and plain(code) in params.codes and table.exact(row) > 0:
            sums[code, unit] += table.exact(row)
            if table.document[row]:
                amounts[code, str(table.document[row])][unit].append(row)
    for (code, document), units in amounts.items():
        if len(units) <= params.units:
            continue
        told = {unit: sum(map(table.exact, rows), Fraction(0)) for unit, rows in units.items()}
        shares = {unit: amount / sums[code, unit] for unit, amount in told.items()}
        usual = Fraction(median(shares.values()))
        least, most = usual / params.factor, usual * params.factor
        for unit, share in shares.items():
            if beyond(share, least, most):
                others = Fraction(len(units) - 1)
                said: dict[str, Value | None] = {
                    "code": named([code]),
                    "document": document,
                    "now": told[unit],
                    "units": others,
                }
                what = Phrase(f"{__name__}:document", said)
                yield Hit(str(table.units[unit]), tuple(units[unit]), what, share, least, most)
