"""Each named tier gets its share of what is distributed, give or take a tolerance."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from pydantic import Field

from allocation.terms import GROUP_TITLES, Member, Row, Words, belonging, share_row
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import ceil_fen, floor_fen
from domain.paid import Finding, Paid
from domain.values import Share

WORDS = Words("各级占比", held="让给其他级别：各级占比", aim="各级占比")
KIND = "group"
FIELDS = ()
ORDER = 70
STAFF_ONLY = False
GROUPED_BY_TIER = True
KEYS: Keys = {
    "Params": Key(WORDS.title, "各层级各得规定比例, 可上下浮动"),
    "shares": Key("各级占比", "占实际分配额; 按机构层级写", {"lead": "0.40", "township": "0.60"}, GROUP_TITLES),
    "tolerance": Key("容差", "上下各多少", "0.02"),
}


class Params(Strict):
    """shares: tier → share of the sum distributed; tolerance: on either side."""

    shares: Mapping[str, Share] = Field(min_length=1)
    tolerance: Share = Fraction(0)


def groups(params: Params) -> list[tuple[str, str]]:
    """The tiers it names."""
    return [(f"shares.{tier}", tier) for tier in sorted(params.shares)]


def impossible(params: Params) -> list[str]:
    """Why nobody could be paid: the tiers' shares together are more than there is."""
    least = sum((max(Fraction(0), share - params.tolerance) for share in params.shares.values()), Fraction(0))
    return ["各级占比 (减去容差) 合计大于 1"] if least > 1 else []


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """Per tier, in order of name: Σ − (share − tolerance)·D ≥ 0, then (share + tolerance)·D − Σ ≥ 0."""
    made = []
    for tier, share in sorted(params.shares.items()):
        inside = belonging(members, tier)
        made.append(share_row(index, tier, inside, share - params.tolerance))
        made.append(share_row(index, tier, inside, share + params.tolerance, upper=True))
    return made


def loosened(params: Params) -> tuple[Params, Fraction]:
    """A tolerance wider by 0.01."""
    more = Fraction(1, 100)
    return params.model_copy(update={"tolerance": params.tolerance + more}), more


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """Every tier's sum against its share of all that is paid."""
    for tier, share in params.shares.items():
        group = paid.group(tier)
        got, slack = paid.sum(group), paid.slack(group)
        low, high = (share - params.tolerance) * paid.total, (share + params.tolerance) * paid.total
        if not low - slack <= got <= high + slack:
            yield Finding(paid.rule, "group", tier, got, ceil_fen(low), floor_fen(high))
