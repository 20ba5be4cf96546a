"""The grassroots members that sign family-doctor contracts together get at least a share of what is distributed."""

from collections.abc import Sequence

from allocation.rules._min_share import Params, concerns, loosened, share_rows
from allocation.terms import Member, Row

__all__ = ["CHINESE", "KIND", "NEEDS", "STAFF_ONLY", "Params", "concerns", "groups", "loosened", "rows"]

CHINESE = "签约基层占比下限"
KIND = "group"
NEEDS = ()
STAFF_ONLY = False
GROUP = "signing_grassroots"


def groups(_params: Params) -> list[tuple[str, str]]:
    """The group it protects."""
    return [("share", GROUP)]


def rows(params: Params, index: int, members: Sequence[Member]) -> list[Row]:
    """The group's sum against its share of all."""
    return share_rows(GROUP, params, index, members)
