"""The institutions of the fictitious county: names, codes, sizes. Every name says 示例; no real place is meant."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

REGION = "129901"  # a district of a city 1299 that does not exist
ALLIANCE = "A01"
DISTRICT = "D01"
NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四")
TOWNSHIP_STAFF = (96, 88, 82, 76, 71, 66, 62, 58, 54, 49, 45, 41, 36, 28)
VILLAGES = 96
CREDIT_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Unit:
    """One institution. staff: 在岗人数; residents: the people it serves; joined: the day it joined the alliance."""

    code: str
    name: str
    tier: str
    ownership: str
    staff: int = 0
    residents: int = 0
    signing: bool = False
    credit: str = ""
    joined: date = date(2024, 1, 1)

    @property
    def public_grassroots(self) -> bool:
        """A township hospital or community centre run by the government."""
        return self.tier in ("township", "community") and self.ownership == "public"

    @property
    def hospital(self) -> bool:
        """The lead hospital or the 中医院."""
        return self.tier in ("lead", "county")


def credit_code(kind: str, number: int) -> str:
    """A 统一社会信用代码 with a right check digit whose region and organisation code belong to nobody.

    kind: the first two characters (12 事业单位, 52 民办非企业). Source: GB 32100-2015, GB 11714.
    """
    body = f"{number:08d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11
    organisation = body + {10: "X", 11: "0"}.get(check, str(check))
    code = kind + REGION + organisation
    total = sum(CREDIT_CHARS.index(char) * 3**place % 31 for place, char in enumerate(code))
    return code + CREDIT_CHARS[(31 - total % 31) % 31]


def _townships() -> list[Unit]:
    return [
        Unit(
            code=f"T{number:02d}",
            name=f"示例县示例{NUMERALS[number - 1]}镇卫生院",
            tier="township",
            ownership="public",
            staff=staff,
            residents=staff * 490 + 1300 * (number % 3),
            signing=number != 11,
            credit=credit_code("12", 100 + number),
            joined=date(2025, 7, 1) if number == 14 else date(2024, 1, 1),
        )
        for number, staff in enumerate(TOWNSHIP_STAFF, start=1)
    ]


def manager(village: Unit) -> str:
    """The code of the township hospital that manages a village clinic."""
    return f"T{(int(village.code[1:]) - 1) % 14 + 1:02d}"


def _villages() -> list[Unit]:
    dice = random.Random(96)  # noqa: S311  (made-up figures, no secret)
    units = []
    for number in range(1, VILLAGES + 1):
        town = (number - 1) % 14
        units.append(
            Unit(
                code=f"V{number:03d}",
                name=f"示例{NUMERALS[town]}镇示例{(number - 1) // 14 + 1}村卫生室",
                tier="village",
                ownership="collective",
                staff=2 + (dice.random() < 0.4),
                residents=1100 + int(dice.random() * 120) * 15,
                signing=dice.random() < 0.85,
            )
        )
    return units


def units() -> list[Unit]:
    """Everybody in the alliance, then the alliance and the district themselves, in the order of the sheets."""
    return [
        Unit("H01", "示例县人民医院", "lead", "public", 820, 0, credit=credit_code("12", 1)),
        Unit("H02", "示例县中医院", "county", "public", 310, 0, credit=credit_code("12", 2)),
        *_townships(),
        Unit(
            "C01",
            "示例县城东示例社区卫生服务中心",
            "community",
            "public",
            74,
            46200,
            signing=True,
            credit=credit_code("12", 201),
        ),
        Unit(
            "C02",
            "示例县城西示例社区卫生服务中心",
            "community",
            "public",
            52,
            33400,
            signing=True,
            credit=credit_code("12", 202),
            joined=date(2026, 8, 1),
        ),
        Unit(
            "P01",
            "示例民办社区卫生服务中心",
            "community",
            "private",
            9,
            3600,
            signing=True,
            credit=credit_code("52", 301),
        ),
        *_villages(),
        Unit(ALLIANCE, "示例县紧密型医共体", "alliance", "public"),
        Unit(DISTRICT, "示例县", "district", "public"),
    ]
