"""What a run warns of where money is split, as data: codes, whom they are about, and the numbers."""

from __future__ import annotations

from allocation.context import PoolContext
from allocation.permits import contradiction
from allocation.pools import pools
from domain.step import Phrase, Place, RunWarning, Value
from engine.run.splitting import Split
from engine.run.words import because

WORDS = {
    "contradiction": "{alliance} 资金池 {pool} 的规则互相矛盾, 该医联体各资金池都未分配",
    "cap_free": "{alliance} 资金池 {pool}: {unit:where} 不受任何封顶规则约束 ({reasons:join ; }), "
    "其他单位到顶后的余款归它, 本期分得 {fen} 元",
    "nothing_paid": "{alliance} 资金池 {pool} 的 {fen} 元一分也分不出去 ({because:join 、}), 核对各条规则能否同时成立",
    "beyond": "{alliance} 资金池 {pool}: 本年已预付的比截至本期应预付的多 {fen} 元, 本期不预付, 年度清算时抵扣",
    "undecided": "{alliance} 超支分担没有决定文号, 只供测算, 不得据以扣付",
    "overdrawn": "{unit:where}: 本年较短期间已从 R 支付的比全年允许的多 {fen} 元, 本表不再发放, 多付的另行处理",
    "held": "{unit} 在其他医联体分得 {fen} 元, 而 {why}, 两个允许测算暂不作数",
}


def contradictory(split: Split) -> RunWarning:
    """The hard rules of a pool cannot hold together: the alliance is paid nothing."""
    return _of_pool("POOL-CONTRADICTION", "contradiction", split)


def of_split(split: Split) -> list[RunWarning]:
    """What a pool is worth a warning for: members under no cap, and money of which nobody gets anything."""
    answer, found = split.answer, []
    for unit, reasons in _free(split).items():
        fen = answer.paid[unit]
        found.append(_of_pool("CAP-FREE-MEMBER", "cap_free", split, unit=unit, reasons=reasons, fen=fen))
    if answer.pool and not answer.distributed:
        kept_back = because(answer.undistributed_because)
        found.append(_of_pool("POOL-NOTHING-PAID", "nothing_paid", split, fen=answer.pool, because=kept_back))
    return found


def beyond(here: PoolContext, fen: int) -> RunWarning:
    """More was prepaid to date than the year so far gives."""
    said = Phrase(f"{__name__}:beyond", {"alliance": here.alliance_code, "pool": here.pool.id, "fen": fen})
    return RunWarning("PREPAID-BEYOND", said, Place(here.alliance_code, here.pool.id))


def undecided(alliance: str) -> RunWarning:
    """An overspend that nobody decided on."""
    said = Phrase(f"{__name__}:undecided", {"alliance": alliance})
    return RunWarning("OVERSPEND-UNDECIDED", said, Place(alliance))


def held_up(alliance: str, unit: str, fen: int) -> RunWarning:
    """A statement of the two permits that waits for an alliance whose rules contradict each other."""
    said = Phrase(f"{__name__}:held", {"unit": unit, "fen": fen, "why": contradiction(alliance)})
    return RunWarning("PERMITS-CONTRADICTION", said, Place(alliance, unit=unit))


def overdrawn(alliance: str, unit: str, fen: int) -> RunWarning:
    """A member that shorter periods of the year paid more out of R than the year allows."""
    said = Phrase(f"{__name__}:overdrawn", {"unit": unit, "fen": fen})
    return RunWarning("REWARD-OVERDRAWN", said, Place(alliance, unit=unit))


def _free(split: Split) -> dict[str, tuple[str, ...]]:
    """Members that every cap of the pool passes over, with the reasons: such a one takes whatever the others cannot.

    None where the pool owes each member its own amount.
    """
    if pools()[split.here.pool.use].own:
        return {}
    caps = sorted({rule.use for rule in split.problem.rules if rule.kind == "cap" and rule.priority is None})
    return {
        member.code: tuple(dict.fromkeys(member.exempt[use] for use in caps))
        for member in split.problem.members
        if caps and split.answer.paid[member.code] and set(caps) <= set(member.exempt)
    }


def _of_pool(code: str, words: str, split: Split, *, unit: str = "", **values: Value) -> RunWarning:
    alliance, pool = split.here.alliance_code, split.here.pool.id
    said = {"alliance": alliance, "pool": pool, **values}
    if unit:
        said["unit"] = unit
    return RunWarning(code, Phrase(f"{__name__}:{words}", said), Place(alliance, pool, unit=unit))
