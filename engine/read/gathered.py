"""The tables of many sheets as one: whose the rows are, and what cannot be right once all stand together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from domain.facts import BLANKS, COMPLETIONS, DISEASES, FACTS, INSTITUTIONS, MEMBERSHIPS, MONEY, Catalogue, Facts
from domain.institution import Tier
from domain.pack import Pack
from domain.period import Period
from domain.plan import Plan
from domain.problems import Problems
from domain.region import contains
from engine.read import amounts, checks, documents
from engine.read import completions as completed
from engine.read.layout import Table
from engine.read.register import MEMBERS, WRITTEN, differing, joined, settled, shaped
from engine.read.units import Units

_UNITS = ["unit", "unit_at", "unit_name", "unit_name_at"]
_DOCUMENTS = ["document", "document_at", "word", "word_at", "of", "note"]


@dataclass(frozen=True)
class Gathered:
    """The rows whose units are known.

    written: institutions as they stand, with those whose code stands there twice; broken: unit_code and item of the
    rows of money that could not be read, None where that is not known; diseases, done: None without such a table.
    """

    written: pd.DataFrame
    institutions: pd.DataFrame
    units: Units
    members: pd.DataFrame
    facts: pd.DataFrame
    money: pd.DataFrame
    broken: pd.DataFrame
    diseases: pd.DataFrame | None
    done: pd.DataFrame | None

    def tables(self, members: pd.DataFrame, money: pd.DataFrame) -> Facts:
        """The tables in shape, with these memberships and this money."""
        kinds = {"outbound": "int64", "cases": "int64"}
        done = self.done
        return Facts(
            shaped(self.institutions, INSTITUTIONS, {"signing": bool}),
            shaped(members, MEMBERSHIPS),
            shaped(self.facts, FACTS),
            shaped(money, MONEY, {"amount": "int64"}),
            None if self.diseases is None else shaped(self.diseases, DISEASES, kinds),
            completions=None if done is None else shaped(done, COMPLETIONS, {"completed_on": object}),
        )


def gathered(
    parts: dict[str, list[pd.DataFrame]],
    plan: Plan,
    packs: Mapping[str, Pack] | None,
    problems: Problems,
    *,
    known: Facts | None = None,
) -> Gathered:
    """Units and entries for what names them; what names none is a problem, and no row.

    parts: the frames of every kind. known: the institutions there are, where the sheets do not say it.
    """
    written = joined(parts["institutions"], WRITTEN)
    if known is None:
        institutions, units = settled(written, problems)
    else:
        institutions, units = known.institutions, Units(known.institutions)
    members = joined(parts["memberships"], MEMBERS)
    facts = joined(parts["facts"], ["period", *_UNITS, "metric", "value", "note", "source"])
    money = joined(parts["money"], ["period", *_UNITS, "item", "amount", *_DOCUMENTS, "source"])
    diseases = joined(parts["diseases"], [*_UNITS, *DISEASES])
    done = joined(parts["completions"], [*_UNITS, "entry_at", *COMPLETIONS])
    broken = pd.DataFrame(columns=["unit_code", "item"])
    if len(institutions):
        members["unit_code"] = units.resolve(members, "unit", problems)
        members["alliance_code"] = units.resolve(members, "alliance", problems)
        members = members[members["unit_code"].notna() & members["alliance_code"].notna()]
        facts, money, diseases = (_whose(frame, units, problems) for frame in (facts, money, diseases))
        broken = _broken(parts["broken"], money, units)
        facts, money, diseases = (frame[frame["unit_code"].notna()] for frame in (facts, money, diseases))
        if known is not None or not _others(institutions, plan):
            done = completed.settled(done, packs, units, plan.region, problems)
    return Gathered(
        written,
        institutions,
        units,
        members,
        facts,
        money,
        broken,
        diseases if parts["diseases"] else None,
        done if parts["completions"] else None,
    )


def _whose(frame: pd.DataFrame, units: Units, problems: Problems) -> pd.DataFrame:
    return frame.assign(unit_code=units.resolve(frame, "unit", problems))


def checked(
    read: Gathered,
    catalogue: Catalogue,
    plan: Plan,
    period: Period,
    problems: Problems,
    *,
    member_sheets: set[str],
    around: bool,
    known: Facts | None = None,
) -> Facts:
    """The tables that count, everything in them checked. known: the institutions and memberships there are."""
    if read.institutions.empty:
        return read.tables(read.members, read.money)
    units, members, elsewhere = read.units, read.members, False
    if known is None:
        forms = dict(zip(read.institutions["unit_code"], read.institutions["form"], strict=True))
        members = checks.once(members, ["unit_code", "alliance_code", "from", "to"])
        checks.memberships(members, units, problems, forms)
        _forms(read.institutions, plan, problems)
        elsewhere = _elsewhere(read.institutions, plan, problems)
    else:
        differing(read.written, members, known, problems)
        members = known.memberships
    if read.diseases is not None and len(read.diseases):
        checks.diseases(read.diseases, units, problems)
    checks.facts(read.facts, catalogue, units, problems)
    checks.money(read.money, catalogue, units, problems)
    money = documents.standing(read.money, catalogue, units, read.broken, problems)
    amounts.impossible(money, read.facts, catalogue, units, period, problems=problems, broken=read.broken)
    nothing = checks.foreign(read.facts, money, catalogue, period, members["to"], around=around)
    if elsewhere:
        pass  # what the plan and the period ask for is not asked of another place
    elif len(nothing):  # what the period lacks besides would only bury that
        checks.none_of(nothing, period, problems)
    else:
        amounts.pools(money, plan, period, problems)
        amounts.alone(money, members, units, plan, period, problems)
        checks.later(read.facts, money, period, problems)
        # Who is a member cannot be said while the memberships themselves are in doubt.
        doubtful = any(problem.where.partition("!")[0] in member_sheets for problem in problems.found)
        if len(members) and not doubtful:
            checks.members_only(read.facts, members, units, period, problems)
    return read.tables(members, money)


def blanks(found: list[Table], units: Units) -> pd.DataFrame:
    """Where facts and money were asked for and nothing was filled in; rows of units that are nobody's are left out."""
    empty = joined([part for table in found for part in table.blanks], [*_UNITS, *BLANKS])
    empty["unit_code"] = units.resolve(empty, "unit", Problems())
    return shaped(empty[empty["unit_code"].notna()].fillna({"document": ""}), BLANKS)


def _broken(parts: list[pd.DataFrame], money: pd.DataFrame, units: Units) -> pd.DataFrame:
    """unit_code and item of the rows of money that could not be read or are nobody's, None where that is not known."""
    if not any(map(len, parts)) and money["unit_code"].notna().all():
        return pd.DataFrame(columns=["unit_code", "item"])
    bad = joined(parts, [*_UNITS, "item"])
    bad["unit_code"] = units.resolve(bad.fillna({"unit": "", "unit_name": ""}), "unit", Problems())
    both = pd.concat([bad, money[money["unit_code"].isna()]])[["unit_code", "item"]].astype(object)
    return both.where(both.notna() & (both != ""), None)


def _others(institutions: pd.DataFrame, plan: Plan) -> list[str]:
    """The regions that the table has in place of the plan's; [] if it has one unit in the plan's."""
    regions = sorted({str(code) for code in institutions["region"] if code})
    return [] if any(contains(plan.region, code) for code in regions) else regions


def _elsewhere(institutions: pd.DataFrame, plan: Plan, problems: Problems) -> bool:
    """Whether the table is another place's: it has no unit of the plan's region."""
    regions = _others(institutions, plan)
    if regions:
        said = f"没有一个单位在方案的区域 {plan.region} 之内 (表中是 {'、'.join(regions[:5])})"
        where = str(institutions["source"].iloc[0]).partition("!")[0]
        problems.add(where, "REGION-OTHER", said, "核对数据文件与方案是否相配, 或改正行政区划代码")
    return bool(regions)


def _forms(institutions: pd.DataFrame, plan: Plan, problems: Problems) -> None:
    """Where a plan speaks of forms, every alliance must state its own."""
    items = [item for card in plan.scorecards for dimension in card.dimensions for item in dimension.items]
    named = [one.forms for one in plan.scorecards] + [one.forms for one in items] + [one.forms for one in plan.pools]
    if not any(named):
        return
    told = {_row(problem.where) for problem in problems.found if problem.code == "FORM"}  # not blank: not known
    alliances = institutions[institutions["tier"] == Tier.ALLIANCE.value]
    blank = alliances[(alliances["form"] == "") & ~alliances["source"].map(_row).isin(told)]
    for where, name in zip(blank["source"], blank["name"], strict=True):
        problems.add(str(where), "FORM-MISSING", f"{name} 没有填医联体形式", "在机构表的 医联体形式 列补填")


def _row(cell: str) -> str:
    """The sheet and row of a cell: file sheet!D17 → file sheet!17."""
    return re.sub(r"![A-Z]+(?=[0-9]+$)", "!", cell)
