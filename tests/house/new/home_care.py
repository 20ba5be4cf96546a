"""Care at home (居家服务): a theme of its own with one indicator."""

from __future__ import annotations

from indicators.registry import Sides, quotient


@quotient("居家服务满意率", "满意题得分合计", "满意题满分合计", source="第三方调查")
def home_care_satisfaction() -> Sides:
    """Points given / points possible. Source: an example of the tests."""
    return "resident_satisfaction_score", "resident_satisfaction_full"
