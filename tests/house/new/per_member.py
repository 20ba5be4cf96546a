"""按家数补助: so much for every member of the alliance that shares. Source: an example of the tests."""

from __future__ import annotations

from allocation.context import PoolContext
from allocation.pools import Formed, forming_step
from domain.facts import Strict
from domain.key import Key, Keys
from domain.step import Phrase, Words
from domain.values import Yuan

TITLE = "按家数补助"
WORDS = {
    "amount": Words("资金池", "家数 × 每家金额", {"members": "家数", "each": "每家金额"}),
    "nothing": "没有成员",
}
KEYS: Keys = {"Params": Key(TITLE, "每家一样多"), "each": Key("每家", "元", "1.00")}


class Params(Strict):
    """each: yuan for a member."""

    each: Yuan


def form(context: PoolContext, params: Params) -> Formed:
    """The amounts of all members."""
    members = len(context.sharing)
    fen = members * params.each
    step = forming_step(context, __name__, "amount", fen, {"members": str(members), "each": params.each})
    return Formed(fen, (step,), reason=None if fen else Phrase(f"{__name__}:nothing"))
