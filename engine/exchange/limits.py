"""How large a problem may be; what is larger is refused by name (TOO-LARGE) before anything is made of it."""

from __future__ import annotations

import re

from domain.problems import Problem, Problems
from engine.exchange.texts import Place, digits_of, inside, spelled

BYTES = 64_000_000
MEMBERS = 100_000
RULES = 1_000
TEXT = 200
DIGITS = 4_000
TOGETHER = 10**7
"""Members times the digits of the longest number: what long numbers cost grows with both."""
RULED = 2 * 10**6
"""Members times rules: each rule looks at each member."""
SHARES = 50_000
"""Tiers that the rules of one problem name, all together."""
PROBLEMS = 50_000
VALUES = 1_000_000
"""Objects and lists in one input, by their brackets: what is read takes far more memory than its text."""
TOLD_OF_ALL = 100_000
"""Problems that are told of many bad inputs together; of each after that only its first."""
TOLD = 1_000
"""Problems that are told of one bad input; of the others it is only said how many there are."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


class Found(Problems):
    """What is wrong with one problem: the first are noted, the rest counted; places: where anything is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.places: set[str] = set()
        self._more = 0

    @property
    def full(self) -> bool:
        """Whether further problems are only counted."""
        return len(self.found) >= TOLD

    def count(self, more: int) -> None:
        """Count so many more that are not told."""
        self._more += more

    def add(self, where: str, code: str, message: str, remedy: str = "", *, about: str = "") -> None:
        """Note one problem, or count it."""
        self.places.add(where)
        if self.full:
            self._more += 1
        else:
            super().add(where, code, message, remedy, about=about)

    def raise_if_any(self) -> None:
        """Raise InputProblems if anything was noted; the last line says how many are not told."""
        if self._more:
            self.found.append(Problem("$", "MORE-PROBLEMS", f"另有 {self._more} 处问题没有列出"))
        super().raise_if_any()


def note_too_large(found: Problems, data: dict[str, object], longest: int) -> bool:
    """Note what passes a limit, if anything does.

    longest: of all texts and numbers; they are looked at one by one only if it says so.
    """
    noted = len(found.found)
    members, rules = (len(one) if isinstance(one := data.get(name), list) else 0 for name in ("members", "rules"))
    for name, count, most, what in (("members", members, MEMBERS, "成员单位"), ("rules", rules, RULES, "规则")):
        if count > most:
            found.add(f"$.{name}", "TOO-LARGE", f"有 {count} 个{what}, 至多 {most} 个")
    if len(found.found) == noted and members * rules > RULED:
        said = f"{members} 个成员单位乘以 {rules} 条规则, 超过 {RULED}"
        found.add("$.rules", "TOO-LARGE", said, "合并规则, 或分成几个问题")
    named = sum(_named(rule) for rule in data["rules"]) if rules and isinstance(data["rules"], list) else 0
    if named > SHARES:
        found.add("$.rules", "TOO-LARGE", f"规则里共写了 {named} 个级别, 至多 {SHARES} 个", "分成几个问题")
    if len(found.found) == noted and (longest > TEXT or longest * members > TOGETHER):
        digits = _note_long(found, data)
        if len(found.found) == noted and members * digits > TOGETHER:
            said = f"{members} 个成员单位乘以最长的数字 {digits} 位, 超过 {TOGETHER}"
            found.add("$.members", "TOO-LARGE", said, "减少位数, 或分成几个问题")
    return len(found.found) > noted


def _named(rule: object) -> int:
    """How many fields a rule's parameters have within them."""
    return sum(len(one) for one in rule.values() if isinstance(one, dict)) if isinstance(rule, dict) else 0


def _note_long(found: Problems, data: object) -> int:
    """Note texts and numbers that are too long; how many digits the longest number has."""
    longest = 0
    waiting: list[tuple[Place | None, object]] = [(None, data)]
    while waiting:
        place, one = waiting.pop()
        digits = 0
        for key in one if isinstance(one, dict) else ():
            if len(key) > TEXT:
                found.add(spelled(place), "TOO-LARGE", f"字段名有 {len(key)} 个字符, 至多 {TEXT} 个")
        waiting += reversed(inside(place, one))
        if isinstance(one, int):
            digits = digits_of(one)
        elif isinstance(one, str) and _NUMBER.fullmatch(one):
            digits = len(one.lstrip("+-").replace(".", "", 1))
        elif isinstance(one, str) and len(one) > TEXT:
            found.add(spelled(place), "TOO-LARGE", f"文本有 {len(one)} 个字符, 至多 {TEXT} 个")
        if digits > DIGITS:
            found.add(spelled(place), "TOO-LARGE", f"数字有 {digits} 位, 至多 {DIGITS} 位")
        longest = max(longest, digits)
    return longest
