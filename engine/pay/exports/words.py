"""What the codes of a payslip are called on paper."""

from __future__ import annotations

from collections.abc import Mapping

from engine.pay.exports.paid import COMPLETES, CORRECTS
from engine.pay.words import COMPONENTS

PARTS: Mapping[str, str] = {"deferred": "本期递延", "released": COMPONENTS["released"], "up": "补发", "down": "扣回"}
STATUS: Mapping[str, str] = {
    "ok": "",
    "no_payment": "本期无发放",
    "TAX-NO-DATA": "缺个税累计数",
    "TAX-OTHER-PAYER": "累计数在另一单位",
    "TAX-RESIDENCE": "须确认居民身份",
}
WHY: Mapping[str, str] = {CORRECTS: "（更正补发）", COMPLETES: "（补付）"}
"""What a folder does that follows another, in the titles of its sheets and slips."""


def status_words(status: str) -> str:
    """A payslip's status on paper; a code that is not known stands as it is."""
    return STATUS.get(status, status)
