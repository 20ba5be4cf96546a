"""扣下资金再分配: what another pool of the run withheld by result, divided by rules of its own.

    pool    what the named pool withheld: of a linked subsidy, linked − due; of a surplus, retained − after score

The money keeps its source: fund and document are those of the pool it was withheld from, and one pool takes from one
other, so that no line mixes sources. What a signing fee is cut by goes back to its payer and can be no pool's.
Source: withheld public-health money goes where the plan says (domain/B_money B.2); how it is divided is the plan's.
"""

from __future__ import annotations

from allocation.context import PoolContext
from allocation.pools import Formed, Settling, forming_step
from domain.key import Key, Keys
from domain.step import Numbers, Phrase, Words

TITLE = "扣下资金再分配"
WORDS = {
    "amount": Words("资金池", "{of:title} 按结果扣下的数", {"withheld": "扣下的数 ({it})"}),
    "nothing": "没有扣下的资金",
}
KEYS: Keys = {
    "Params": Key(TITLE, "另一个资金池按结果扣下的钱, 来源不变, 按自己的规则再分"),
    "withheld_from": Key("扣下的资金池", "写在前面、因考核扣下钱的资金池的 id", "performance"),
}


class Params(Settling):
    """withheld_from: the pool of the plan, before this one, whose withheld money this is."""

    withheld_from: str


def form(context: PoolContext, params: Params) -> Formed:
    """The pool of what was withheld."""
    amount = context.withheld.get(params.withheld_from, 0)
    numbers: Numbers = {("withheld", params.withheld_from): amount}
    step = forming_step(context, __name__, "amount", amount, numbers, fields={"of": params.withheld_from})
    return Formed(amount, (step,), reason=None if amount else Phrase(f"{__name__}:nothing"))
