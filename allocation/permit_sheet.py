"""One member's statement of the two permits while it is filled: its lines, what bounds its r, and what is left of it.

    r = min(the limits of the year's r − r of shorter periods, the ceilings of what is paid now), at least 0

Source: R 一年只有一次, domain/B_money B.3; the statement as a whole is `allocation.permits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from allocation.permit_lines import Line, phrase
from domain.plan import Permits
from domain.step import Numbers, Phrase


@dataclass(frozen=True)
class Sheet:
    """One member's lines by code, in order; nothing of it is changed in place.

    limits: the lines that r of the year is the least of; ceilings: those that bound what of it is paid now (of the
    quota what shorter periods paid is used already); why: what its r also says.
    """

    unit: str
    lines: Mapping[str, Line]
    limits: tuple[str, ...] = ()
    ceilings: tuple[str, ...] = ()
    why: tuple[Phrase, ...] = ()

    @property
    def left(self) -> int:
        """What of the year's r is not paid yet, fen; below 0 where more was paid before."""
        least = max(0, min((self.lines[line].fen for line in self.limits), default=0))
        return least - (self.lines["r_before"].fen if "r_before" in self.lines else 0)

    @property
    def reward(self) -> int:
        """What may be paid to staff, fen."""
        return max(0, min([self.left, *(self.lines[line].fen for line in self.ceilings)]))

    @property
    def overdrawn(self) -> int:
        """Fen that shorter periods paid beyond ρ·R or beyond the r of all."""
        lines = self.lines
        paid = lines["reward_paid"].fen if "reward_paid" in lines else 0
        beyond = paid - lines["main_floor"].fen if paid and "main_floor" in lines else 0
        return max(0, beyond, -self.left)

    def limited(self, code: str, line: Line) -> Sheet:
        """With one more line that r of the year may not exceed."""
        return replace(self, lines={**self.lines, code: line}, limits=(*self.limits, code))

    def held(self, code: str, line: Line) -> Sheet:
        """With one more line that what is paid now may not exceed."""
        return replace(self, lines={**self.lines, code: line}, ceilings=(*self.ceilings, code))

    def closed(self, permits: Permits) -> Sheet:
        """With the last lines, r and kept."""
        reward, allotted = self.reward, self.lines["a"].fen
        limits = self.limits if "r_before" in self.lines else (*self.limits, *self.ceilings)
        numbers: Numbers = {line: self.lines[line].fen for line in (*self.limits, *self.ceilings)}
        notes = (phrase("scope", scope=permits.scope), *self.why)
        if self.limits:
            fields = {"limits": tuple(phrase(f"limit_{line}") for line in limits)}
            words = "r_less" if "r_before" in self.lines else "r"
            if limits == self.limits and self.ceilings:
                words = "r_less_held"
                fields["ceilings"] = tuple(phrase(f"limit_{line}") for line in self.ceilings)
            said = Line(reward, words, numbers, fields, notes=notes)
        else:
            said = Line(reward, "r_held", fields={"why": self.why[0]}, notes=notes)
        return replace(self, lines={**self.lines, "r": said, "kept": Line(allotted - reward)})
