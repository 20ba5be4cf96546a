"""Hands: one natural person, one duty of a batch, by the primary key of the table.

A plan may join two duties where staff is few (stored as the one that was done first, audited, printed); made and
approved, made and paid, approved and paid are never joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from domain.workflow import APART, DUTY_TITLES, Duty, Hands
from engine.storage.desk import Desk
from engine.storage.query import among
from engine.storage.tables.decisions import Decision, Hand
from engine.storage.tables.people import User
from engine.storage.tables.period import Batch
from engine.workflow import people
from engine.workflow.refusals import Guard

ROLE_OF: dict[Duty, str] = {
    "checked": "data_checker",
    "made": "maker",
    "reviewed": "reviewer",
    "approved": "approver",
    "paid": "payer",
}
_REMEDY = "授权给别的人, 待确认的授权请安全管理员确认"


def may(desk: Desk, batch: Batch, person: str, duty: Duty | None, joined: Hands | None) -> Guard | None:
    """Why this person may not do this duty of the batch; None where it may."""
    if duty is None:
        return None
    held = desk.first(Hand, Hand.batch == batch.id, Hand.person == person)
    if held is None or held.duty == duty or _joined(cast("Duty", held.duty), duty, joined):
        return None
    done, wanted = DUTY_TITLES[cast("Duty", held.duty)], DUTY_TITLES[duty]
    return Guard("HAND", f"同一批次里您已经办过{done}, 不能再办{wanted}: 由别人办理", (("duty", held.duty),))


def once(desk: Desk, batch: Batch, person: str, step: str) -> Guard | None:
    """Why this person may not sign once more: of several signatures of a round each is another person's."""
    if step not in {"review", "approve"}:
        return None
    with desk.beyond():
        signed = desk.values(
            [User.id], Decision.batch == batch.id, Decision.round == batch.round, Decision.step == step,
            Decision.by == User.id, User.person == person,
        )  # fmt: skip
    return Guard("HAND", "这一轮您已经签过, 下一签由别人办理") if signed else None


def take(desk: Desk, batch: Batch, person: str, duty: Duty | None) -> None:
    """Put down that this person did the duty; the key of the table holds against two at once."""
    if duty is None:
        return
    if desk.first(Hand, Hand.batch == batch.id, Hand.person == person) is None:
        desk.add(Hand(batch=batch.id or 0, person=person, duty=duty, at=desk.now))


def left(desk: Desk, batch: Batch, joined: Hands | None, approvals: Sequence[dict[str, Any]]) -> Iterator[Guard]:
    """NO-HAND-LEFT for every duty that is still to be done and that nobody can do any more."""
    needed = {"reviewed": 0, "approved": 0}
    for stage in approvals:
        needed["reviewed" if stage["stage"] == "review" else "approved"] += int(stage["count"])
    held = {hand.person: hand.duty for hand in desk.rows(Hand, Hand.batch == batch.id)}
    free: dict[Duty, set[str]] = {}
    for duty, count in (("reviewed", needed["reviewed"]), ("approved", needed["approved"]), ("paid", 1)):
        named = cast("Duty", duty)
        able = _able(desk, batch, ROLE_OF[named])
        free[named] = {
            one
            for one in able
            if one not in held or held[one] == duty or _joined(cast("Duty", held[one]), named, joined)
        }
        if len(free[named]) < count:
            said = f"没有人可以办{DUTY_TITLES[named]} (需要 {count} 人, 有 {len(free[named])} 人): {_REMEDY}"
            yield Guard("NO-HAND-LEFT", said, (("duty", duty),))
    both = free["reviewed"] | free["approved"]
    together = needed["reviewed"] + needed["approved"]
    apart = joined is None or not joined.joined("reviewed", "approved")
    enough = all(len(free[duty]) >= needed[duty] for duty in ("reviewed", "approved"))
    if apart and enough and len(both) < together:
        said = f"复核和审批须由不同的人办理 (共需 {together} 人, 有 {len(both)} 人): {_REMEDY}"
        yield Guard("NO-HAND-LEFT", said, (("duty", "reviewed"),))


def persons(desk: Desk, batch: Batch, duty: Duty) -> frozenset[str]:
    """The persons who did a duty of the batch."""
    return frozenset(hand.person for hand in desk.rows(Hand, Hand.batch == batch.id, Hand.duty == duty))


def of(desk: Desk, batch: Batch) -> dict[str, str]:
    """Who did which duty: names of persons by duty."""
    hands = desk.rows(Hand, Hand.batch == batch.id)
    names = {user.person: user.name for user in desk.rows(User)}
    return {hand.duty: names.get(hand.person, hand.person) for hand in hands}


def _able(desk: Desk, batch: Batch, role: str) -> set[str]:
    """The persons who hold a role for the batch today."""
    with desk.beyond():
        users = desk.rows(User, among(User.id, people.holders(desk, role)))
        actors = [people.actor_of(desk, user, desk.actor.via, signed_in=True) for user in users]
    return {one.person for one in actors if one.may({role}, batch.region, batch.unit)}


def _joined(one: Duty, other: Duty, joined: Hands | None) -> bool:
    if joined is None or frozenset({one, other}) in APART:
        return False
    return joined.joined(one, other)
