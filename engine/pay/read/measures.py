"""What headings and cells of the tables of people may name: the plan's measures, pools and earmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.facts import MoneyItem
from domain.pay import COEFFICIENT, SCORE, Pay
from domain.problems import Problems
from engine.pay.read.forms import FORMS, MEASURES, TABLES, WIDE
from engine.pay.scheme import AMOUNT, person_measures, pool_of, team_measures
from engine.read import cells, words
from engine.read.cells import Bad
from engine.read.forms import Entry, money_factor
from engine.read.named import named

_ALSO = {"score": ("得分", "考核分"), "coefficient": ("系数", "绩效系数"), "amount": ("金额", "分配额")}


class Measures:
    """The plan's words by what a cell may call them: code, or Chinese name as the plan writes it.

    measures: of each table of facts, those that may be given: score and coefficient, and what a pool names. An earmark
    that no pool pays is none.
    items: the money items of the table of quota rows (None: they are taken as written).
    """

    forms = FORMS

    def __init__(self, pay: Pay, items: Mapping[str, MoneyItem] | None = None) -> None:
        self.pay = pay
        self.measures = {
            "person_facts": tuple(
                dict.fromkeys([SCORE, *(m for one in pay.pools.values() for m in person_measures(one))])
            ),
            "team_facts": tuple(
                dict.fromkeys([COEFFICIENT, SCORE, *(m for one in pay.pools.values() for m in team_measures(one))])
            ),
        }
        self.of = {
            table: _named({one: (title(one), *_ALSO.get(one, ())) for one in several})
            for table, several in self.measures.items()
        }
        self.pools = _named(dict.fromkeys(pay.pools, ()))
        self.items = _named({one.id: (one.title,) for one in pay.items if pool_of(pay, one.id)})
        self.money = None if items is None else _named({code: (item.title,) for code, item in items.items()})
        self.every = {**self.of["team_facts"], **self.of["person_facts"]}

    def entry(self, name: str) -> Entry | None:
        """The measure that a heading of a column of its own names, whatever stands in brackets behind it."""
        name = words.starless(name)
        base, measure = words.split_heading(name)
        if name in self.every:
            return self.every[name], None
        return (self.every[base], measure) if base in self.every else None

    def wide(self, headings: Sequence[str], named: str) -> tuple[str, int] | None:
        """A sheet with a column per measure: one that has the key of its rows, and a measure or the name of its table.

        A sheet that no name tells is of teams where it names teams and no posts.
        """
        entries = sum(self.entry(heading) is not None for heading in headings)
        for kind, of in WIDE.items():
            roles = {role for heading in headings if (role := FORMS.role(kind, heading))}
            whole = all(role in roles for (role,) in FORMS.required[kind])
            if whole and (named == of or (entries and named not in TABLES)):
                return kind, entries + len(roles)
        return None

    def factor(self, where: str, heading: str, entry: Entry, problems: Problems) -> int | None:
        """How many yuan one of a list's column is; any other measure is counted as the plan counts it."""
        code, measure = entry
        return money_factor(where, heading, measure, problems) if code == AMOUNT else None

    def measure(self, table: str, cell: object) -> str | Bad:
        """The measure that a cell of a long table names; "" where blank."""
        return named(cell, self.of[table], "METRIC-UNKNOWN", "方案的 pay 没有指标", "按方案写出的名称填写")

    def pool(self, cell: object) -> str | Bad:
        """The pool that a cell names."""
        return named(cell, self.pools, "PAY-POOL-UNNAMED", "方案的 pay.pools 没有资金池", "改正编号, 或补入方案")

    def item(self, cell: object) -> str | Bad:
        """The earmark that a cell names."""
        return named(cell, self.items, "ITEM-UNKNOWN", "方案没有资金池发放专项", "改正名称, 或补入方案的 items")

    def money_item(self, cell: object) -> str | Bad:
        """The item of a quota row."""
        if self.money is None:
            return cells.text(cell)
        return named(cell, self.money, "ITEM-UNKNOWN", "目录里没有项目", "按码表选填")


def title(measure: str) -> str:
    """What a measure is called: the plan's own word where it has no other."""
    return MEASURES.get(measure, measure)


def _named(entries: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Name as it is compared → code; a code goes before another's name."""
    named = {words.key(name): code for code, names in entries.items() for name in names}
    return named | {words.key(code): code for code in entries}
