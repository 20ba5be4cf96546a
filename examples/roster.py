"""Who works at two of the county's township hospitals in 2026Q3, and of the lead hospital's doctors posted to them.

Names, numbers, accounts and documents are all made up: ID numbers have the county's region code, which no place has,
accounts a bank that is none. Among them are the two heads (who share in nothing), doctors posted by the lead hospital
and paid through it (one of whose tax figures it has not sent yet), two rehired, one who joined, one who left, one who
moved from one hospital to the other, one who works at both, leave of every kind, and two whose pay is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import is_workday
from units import REGION

from domain.period import Period

PERIOD, MONTH = Period.parse("2026Q3"), "2026-10"
LEAD = "H01"
TEAMS = (  # team, coefficient, how many of every ten
    ("全科诊室", "1.10", 3),
    ("护理组", "1.00", 3),
    ("公共卫生科", "1.05", 2),
    ("医技药房", "0.95", 1),
    ("综合办公室", "0.90", 1),
)
DOCTORS, NURSES, PUBLIC, _, OFFICE = (team for team, _, _ in TEAMS)
BOTH = "示例院岗〔2026〕2号"
POSTED = (("T13", date(2026, 4, 1)), ("T14", date(2026, 4, 1)), ("T14", date(2026, 8, 3)))
GRADES = (("副高级", "1.40", 11_600_00), ("中级", "1.20", 8_900_00), ("初级", "1.00", 6_700_00))  # a month's salary
STAFF = {"T13": 36, "T14": 28}
START = date(2019, 3, 1)
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


@dataclass(frozen=True)
class Person:
    """One person: number, and what their posts have in common. salary: fen a month, 0 of the rehired."""

    number: int
    grade: str
    position: str
    salary: int

    @property
    def code(self) -> str:
        """人员编号."""
        return f"RY{self.number:04d}"

    @property
    def name(self) -> str:
        """示例人员甲子 and so on: the first twelve stems with every branch."""
        return f"示例人员{STEMS[(self.number - 1) // 12]}{BRANCHES[(self.number - 1) % 12]}"

    @property
    def special(self) -> int:
        """Social insurance and housing fund, fen a month."""
        return self.salary * 15 // 100

    @property
    def additional(self) -> int:
        """专项附加扣除, fen a month."""
        return 1_000_00 * (self.number % 4)

    @property
    def id_number(self) -> str:
        """18 digits with a right check digit. Source: GB 11643-1999."""
        born = date(1968, 1, 8) + timedelta(days=(self.number * 379) % 11_000)
        body = f"{REGION}{born:%Y%m%d}{100 + self.number:03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        return body + "10X98765432"[sum(int(digit) * one for digit, one in zip(body, weights, strict=True)) % 11]

    @property
    def account(self) -> str:
        """19 digits, the last of them by Luhn's rule."""
        body = f"629999{self.number * 7919:012d}"
        doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
        return body + str(-sum(one - 9 * (one > 9) for one in doubled) % 10)


@dataclass(frozen=True)
class Post:
    """One post of a person; team "": of a head."""

    number: str
    person: Person
    unit: str
    team: str
    role: str = "职工"
    staffing: str = "在编"
    category: str = "专技"
    share: str = "1"
    home: str = ""
    since: date = START
    until: date | None = None
    document: str | None = None

    @property
    def payer(self) -> str:
        """发放单位: the home of who is posted."""
        return self.home or self.unit

    @property
    def shares(self) -> bool:
        """Whether it shares in performance pay: neither a head's nor a rehired person's does."""
        return self.role != "负责人" and self.staffing != "返聘"

    @property
    def days(self) -> int:
        """Working days of the quarter that it covers."""
        return workdays(max(self.since, PERIOD.start), min(self.until or PERIOD.end, PERIOD.end))


def workdays(since: date, until: date) -> int:
    """Working days by the State Council's notice."""
    return sum(is_workday(since + timedelta(days=one)) for one in range((until - since).days + 1))


def _team(place: int) -> str:
    whole = [team for team, _, parts in TEAMS for _ in range(parts)]
    return whole[place % len(whole)]


def posts() -> list[Post]:
    """Every post, by unit; the order of the sheets."""
    found: list[Post] = []
    number = 1
    for unit, staff in STAFF.items():
        for place in range(staff):
            grade, position, salary = GRADES[0 if place % 9 == 4 else 1 if place % 3 == 1 else 2]
            person = Person(number, grade, position, salary)
            number += 1
            if place == 0:
                head = Person(person.number, *GRADES[0])
                found.append(Post(f"{unit}-001", head, unit, OFFICE, "负责人", category="管理"))
                continue
            category = "管理" if _team(place) == OFFICE else "专技"
            found.append(Post(f"{unit}-{place + 1:03d}", person, unit, _team(place), category=category))
    by = {post.number: place for place, post in enumerate(found)}

    def change(post: str, **said: object) -> None:
        found[by[post]] = Post(**{**vars(found[by[post]]), **said})  # type: ignore[arg-type]

    for rehired in ("T13-036", "T14-028"):
        old = found[by[rehired]].person
        person = Person(old.number, old.grade, old.position, 0)
        change(rehired, person=person, staffing="返聘", team=DOCTORS, document="示例返聘协议2026-02")
    change("T13-012", since=date(2026, 8, 10), document="示例人社聘〔2026〕31号")
    change("T13-021", until=date(2026, 8, 31), document="示例院辞〔2026〕5号")
    change("T13-017", until=date(2026, 7, 31), document="示例院调〔2026〕6号")
    change("T13-009", share="0.6", document=BOTH)
    moved, both = found[by["T13-017"]].person, found[by["T13-009"]]
    there = Post("T14-029", moved, "T14", PUBLIC, since=date(2026, 8, 1), document="示例院调〔2026〕6号")
    part = Post("T14-030", both.person, "T14", both.team, share="0.4", home="T13", since=both.since, document=BOTH)
    posted = []
    for place, (unit, since) in enumerate(POSTED):
        person = Person(number + place, "副高级", "1.40", 15_300_00)
        number_there = f"{unit}-9{place + 1:02d}"
        posted.append(
            Post(number_there, person, unit, DOCTORS, "派驻", home=LEAD, since=since, document="示例派〔2026〕9号")
        )
    return [*found, there, part, *posted]
