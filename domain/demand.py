"""What a rule asks of an indicator, what of that a curve takes over, and whether the curve rewards it.

The check of a plan and the scoring both ask here, so that they cannot differ.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, Literal

from domain.money import format_exact
from domain.step import Basis

# What a curve rewards: more, less, a range of values, or all that there is to do (more cannot be).
Lean = Literal["up", "down", "inside", "all"]

_FITS: Mapping[str, frozenset[Lean]] = {
    ">=": frozenset({"up", "inside", "all"}),
    "<=": frozenset({"down", "inside"}),
    "=": frozenset({"inside", "all"}),
    "approx": frozenset({"inside"}),
    "between": frozenset({"inside"}),
}
_OPS = {">=": "不小于", "<=": "不大于", "=": "等于", "approx": "约为"}
_LEANS: Mapping[Lean, str] = {
    "up": "越大分越高",
    "down": "越小分越高",
    "inside": "在区间内分最高",
    "all": "全部完成分最高",
}
_REMEDIES = {
    ">=": "改用越大越好的曲线",
    "<=": "写大于目标值的 floor (零分值), 或 form: ratio, 或 band (区间)",
    "=": "写 band (区间), 允许偏离多少写 tolerance",
    "approx": "写 band (区间): 允许的下限和上限",
    "between": "写 band (区间)",
}
_OWN_TARGET = ("target", "band")
_OWN_SHAPE = ("floor", "form", "direction", "cap")  # a curve that says so has a target, not a range


@dataclass(frozen=True)
class Target:
    """What a pack rule demands: value and comparison, the upper end of a `between`, the deadline, and the clause."""

    value: Fraction | None
    op: str
    upper: Fraction | None = None
    deadline: date | None = None
    cite: Basis = ""

    def __str__(self) -> str:
        """The demand in words."""
        if self.value is None:
            return ""
        value = format_exact(self.value)
        if self.op == "between":
            return f"在 {value} 至 {format_exact(self.upper or self.value)} 之间"
        return f"{_OPS.get(self.op, self.op)} {value}"


def supplied(target: Target | None, fields: Collection[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a curve: those `given`, with the rule's target or deadline where the curve has no own.

    fields: the parameters that the curve takes. A rule for one value or for a range gives a `band`, the others a
    `target`; a deadline is given as `by`. A margin (`approx`) is never invented: its band must be written.
    """
    made = dict(given)
    if target is None:
        return made
    if target.value is not None and not any(key in given for key in _OWN_TARGET):
        ranged = target.op in {"=", "between"} and not any(key in given for key in _OWN_SHAPE)
        if ranged and "band" in fields:
            made["band"] = (target.value, target.upper if target.op == "between" else target.value)
        elif "target" in fields:
            made["target"] = target.value
    if target.deadline is not None and "by" in fields:
        made.setdefault("by", target.deadline)
    return made


def misfit(target: Target | None, lean: Lean | None) -> tuple[str, str] | None:
    """What is wrong with a curve that rewards something else than the rule demands, and the remedy; None if it fits.

    lean: what the curve rewards, None where it does not compare the indicator's value with a number.
    """
    if target is None or target.value is None or lean is None or lean in _FITS.get(target.op, frozenset({lean})):
        return None
    return f"规则要求{target}, 曲线却是{_LEANS[lean]}", _REMEDIES[target.op]
