"""What the codes of lines are called wherever a person reads them."""

from __future__ import annotations

from collections.abc import Mapping

COMPONENTS: Mapping[str, str] = {
    "due": "应发",
    "deferred": "递延",
    "released": "兑现递延",
    "forfeited": "不再兑现的递延",
}
