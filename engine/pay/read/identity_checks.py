"""What cannot be right about who people are: ID numbers, one person under two codes, cards.

No message or warning holds a name, an ID number or an account.
"""

from __future__ import annotations

import re

from domain.step import Phrase, RunWarning
from engine.pay.read.forms import RESIDENT_ID
from engine.pay.read.given import Given, at

WORDS = {
    "region": "有 {several} 人证件号码的前六位不是登记过的行政区划 (如 {at}), 核对原件",
    "card": "有 {several} 个账号不符合银行卡的校验位 (如 {at}), 单位结算账户和存折可以不符, 核对原件",
}
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_CARD = re.compile(r"[0-9]{16,19}")


def check(given: Given) -> list[RunWarning]:
    """Tell every problem at its cell; what is doubtful only comes back."""
    strange: list[str] = []
    first: dict[str, tuple[str, str]] = {}  # a number is one person's, whatever document it is said to be of
    for row in given.rows("people"):
        code, number, where = row["person_code"], row["id_number"], at(row, "id_number")
        if row["id_type"] == RESIDENT_ID:
            if fault := resident_fault(number):
                given.problems.add(where, "PAY-ID", f"{code} 的身份证号{fault}", "对照证件核对")
            elif not _known_region(number):
                strange.append(where)
        other, place = first.setdefault(number, (code, where))
        if other != code:
            said = f"{code} 与 {other} ({place}) 是同一个证件号码"
            given.problems.add(where, "PAY-ID-TWICE", said, "一人在各单位只用一个人员编号")
    cards = [
        at(row, "account") for row in given.rows("accounts") if _CARD.fullmatch(row["account"]) and _odd(row["account"])
    ]
    return [
        RunWarning(
            code, Phrase(f"engine.pay.read.identity_checks:{word}", {"several": str(len(found)), "at": found[0]})
        )
        for code, word, found in (("PAY-ID-REGION", "region", strange), ("PAY-CARD", "card", cards))
        if found
    ]


def resident_fault(number: str) -> str:
    """What is wrong with a 公民身份号码 of 18 characters ("" if nothing). Source: GB 11643-1999, by python-stdnum."""
    from stdnum.cn import ric  # noqa: PLC0415  (only readers need it)
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    if not _RESIDENT.fullmatch(number):
        return "不是 18 位"
    try:
        ric.get_birth_date(number)
    except ValidationError:
        return "的出生日期不存在"
    return "" if ric.calc_check_digit(number) == number[-1] else "校验码不符"


def _known_region(number: str) -> bool:
    """Whether the first six digits were a division of the country at the year of birth, as far as the list knows."""
    from stdnum.cn import ric  # noqa: PLC0415
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    try:
        ric.get_birth_place(number)
    except (ValidationError, KeyError):  # the list knows a province or city and no county
        return False
    return True


def _odd(account: str) -> bool:
    from stdnum import luhn  # noqa: PLC0415

    return not luhn.is_valid(account)
