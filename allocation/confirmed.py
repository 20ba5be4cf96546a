"""What 医保清算 confirmed beside what budget and spending give: equal, or told with a reason, or refused.

    equal                     the confirmed figure stands
    within the `tolerance`    it stands where 备注 gives the reason of the confirmation; tolerance: a share of what is
                              reckoned, the plan's
    else                      SURPLUS-DIFFERS

A confirmed surplus and a confirmed overspend above 0 exclude each other in one alliance and year
(SURPLUS-AND-OVERSPEND). Source: 清算确认, domain/B_money B.1.3.
"""

from __future__ import annotations

from fractions import Fraction

from allocation.context import Amount, Context
from domain.money import format_yuan
from domain.problems import Problems
from domain.step import Phrase

SURPLUS, OVERSPEND = "surplus_confirmed", "overspend_confirmed"
WORDS = {"differs": "预算 − 支出 = {reckoned}, 以清算确认数为准: {reason:join ; }"}


def agreed(
    context: Context, item: str, confirmed: Amount, reckoned: int, tolerance: Fraction | None, problems: Problems
) -> tuple[Phrase, ...]:
    """What is to be said of a confirmed figure that is not the reckoned one; one that may not stand is noted.

    item: SURPLUS or OVERSPEND; reckoned: fen of budget − spend, of an overspend spend − budget; where the confirmation
    is not below 0, nor is that.
    """
    reckoned = reckoned if confirmed.fen < 0 else max(0, reckoned)
    apart = abs(confirmed.fen - reckoned)
    if not apart or not confirmed.cells:
        return ()
    where, what = confirmed.cells[0], context.title(item)
    said = (
        f"{what} {format_yuan(confirmed.fen, thousands=True)} 元, 按预算和支出应为 "
        f"{format_yuan(reckoned, thousands=True)} 元, 相差 {format_yuan(apart, thousands=True)} 元"
    )
    if tolerance is None or apart > tolerance * reckoned:
        allowed = "方案没有写 tolerance" if tolerance is None else "超过方案允许的差额 (tolerance)"
        problems.add(where, "SURPLUS-DIFFERS", f"{said}, {allowed}", "核对清算文件、预算和支出")
    elif not confirmed.notes:
        problems.add(where, "SURPLUS-DIFFERS", said, "在备注列写明清算文件所说的理由")
    return (Phrase(f"{__name__}:differs", {"reckoned": reckoned, "reason": confirmed.notes}),)


def exclusive(context: Context, problems: Problems) -> None:
    """Note a surplus and an overspend that are both confirmed for one alliance and year."""
    both = [context.year_money.get((context.alliance_code, item), ()) for item in (SURPLUS, OVERSPEND)]
    surplus, overspend = ([row for row in rows if row.fen > 0] for rows in both)
    if surplus and overspend:
        cells = "、".join(cell for row in overspend for cell in row.cells)
        said = f"{context.period.year} 年既有清算确认的结余, 又有清算确认的超支 ({cells})"
        problems.add(surplus[0].cells[0], "SURPLUS-AND-OVERSPEND", said, "一年只有一种, 核对清算文件")
