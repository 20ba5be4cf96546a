"""签约服务费: every member has exactly its own fee, so the pool is not shared but paid out.

merit = what the pool `signing_fee` pays to the member, in yuan; their sum is the pool. Only for pools of that use.
"""

from __future__ import annotations

from fractions import Fraction

from allocation.context import PoolContext
from allocation.merit import Merits
from allocation.pools.signing_fee import Fee, fees
from allocation.pools.signing_fee import Params as Terms
from domain.facts import Strict
from domain.money import format_exact, format_yuan
from domain.problems import InputProblems, Problem
from domain.trace import Trace

TITLE = "签约服务费"


class Params(Strict):
    """Nothing: standard, payers and parts are those of the pool."""


def merit(context: PoolContext, params: Params) -> Merits:  # noqa: ARG001  (nothing to choose)
    """Merits from the fee. Raises InputProblems: MERIT-POOL (a pool of another use) and as the pool itself."""
    if context.pool.use != "signing_fee":
        where = context.pool.merit.at or context.pool.id
        said = f"资金池 {context.pool.id} 不是签约服务费"
        raise InputProblems([Problem(where, "MERIT-POOL", said, "只用于 use: signing_fee 的资金池")])
    found = fees(context, Terms.model_validate(dict(context.pool.params)))
    units = context.sharing["unit_code"].tolist()
    values = {unit: Fraction(found[unit].amount if unit in found else 0, 100) for unit in units}
    return Merits(values, tuple(_story(context, unit, found.get(unit)) for unit in units))


def _story(context: PoolContext, unit: str, fee: Fee | None) -> Trace:
    key, use = context.key("merit", unit), context.pool.merit.use
    if fee is None:
        return Trace(key, "应付签约服务费", "不开展签约服务, 没有签约服务费", {}, "0.00", use, context.merit_cites)
    numbers = {
        "签约人月": format_exact(fee.months.value),
        "签约服务费": format_yuan(fee.fee),
        "本支付方应付": format_yuan(fee.due),
        "考核系数": format_exact(fee.coefficient),
        "考核后应付": format_yuan(fee.payable),
        "扣减": format_yuan(fee.cut),
        "本池应付": format_yuan(fee.amount),
    }
    formula = "签约人月 ÷ 12 × 补偿标准 × 分担比例 × 考核系数, 取本池所付部分"
    return Trace(
        key, "应付签约服务费", formula, numbers, format_yuan(fee.amount), use, context.merit_cites, fee.months.cells
    )
