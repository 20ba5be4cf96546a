"""第二个允许: pay comes mainly out of what the member's own income leaves (x ≤ share · max(0, reward_base))."""

from collections.abc import Iterator, Sequence

from allocation.terms import Field, Member, Words, fen_of
from domain.facts import Strict
from domain.key import Key, Keys
from domain.money import floor_fen
from domain.paid import Finding, Paid
from domain.values import Share

_TITLE = "可用于人员奖励的收支结余"
WORDS = Words(_TITLE, held="到可用于人员奖励的收支结余为止（第二个允许）", aim=_TITLE)
KIND = "cap"
FIELDS = (Field("reward_base", kind="money", title=_TITLE, source="reward_base", signed=True),)
ORDER = 20
STAFF_ONLY = True
KEYS: Keys = {
    "Params": Key(WORDS.title, "第二个允许: 不超过可奖励结余的规定比例"),
    "share": Key("主要用于人员奖励的比例", "占可用于人员奖励的收支结余; “主要”在这里是多少, 没有默认", "0.70"),
}


class Params(Strict):
    """share: what 主要 means here; there is no default."""

    share: Share


def bounds(params: Params, members: Sequence[Member]) -> list[int]:
    """The share of the reward base in fen, rounded down; a base below 0 counts as 0."""
    n, d = params.share.as_integer_ratio()
    return [n * base // d if base > 0 else 0 for base in fen_of(members, "reward_base")]


def check(params: Params, paid: Paid) -> Iterator[Finding]:
    """Every member against its own cap."""
    return paid.above(lambda member: floor_fen(params.share * max(0, member.fields["reward_base"])))
