"""The people of two of the county's township hospitals in 2026Q3, and of the lead hospital's doctors posted to them.

Names, numbers, accounts and documents are all made up: ID numbers have the county's region code, which no place has,
accounts a bank that is none. Among them are the two heads (who share in nothing), doctors posted by the lead hospital
and paid through it (one of whose tax figures it has not sent yet), two rehired, one who joined, one who left, one who
moved from one hospital to the other, one who works at both, leave of every kind, and two whose pay is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from chinese_calendar import is_workday
from sheets import Cell, Table, Yuan
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
SCORES = {"T13": (92, 95, 97, 90, 93), "T14": (96, 94, 91, 95, 92)}
STAFF = {"T13": 36, "T14": 28}
START = date(2019, 3, 1)
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
RESIDENT = "居民身份证"


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


# ── the sheets ────────────────────────────────────────────────────────────────────────────────────────────

LEAVE = (  # post, kind, days, document
    ("T13-005", "病假", 10, "示例假2026-071"),
    ("T13-008", "事假", 3, "示例假2026-074"),
    ("T13-014", "产假", 66, "示例假2026-066"),
    ("T13-023", "年休假", 5, "示例假2026-081"),
    ("T14-006", "病假", 2.5, "示例假2026-083"),
    ("T14-011", "年休假", 10, "示例假2026-085"),
    ("T14-011", "事假", 1, "示例假2026-088"),
    ("T14-902", "事假", 2, "示例假2026-090"),
)
HOLDS = (
    ("T13-026", "0.5", "党纪政务处分", "示例纪〔2026〕2号"),
    ("T14-019", "0", "年度考核不合格", "示例人社考〔2026〕4号"),
)
DEDUCTED = (("工会会费", 20_00, 4), ("宿舍水电费", 63_50, 11))  # item, fen, of every so many
SPELT = {8: ("示例人员甲未（一）", "银行登记的户名，已核对")}  # by person: the account's name where it is not theirs
DEFERRED = (("T13-003", 612_40), ("T13-016", 405_00), ("T14-004", 538_75))


def _people(found: list[Post]) -> Table:
    rows = [(person.code, person.name, RESIDENT, person.id_number, None) for person in _persons(found)]
    return Table("人员表", "示例县医共体人员表（示例人员）", ("人员编号", "姓名", "证件类型", "证件号码", "备注"), rows)


def _persons(found: list[Post]) -> list[Person]:
    return list({post.person.number: post.person for post in found}.values())


def _posts(found: list[Post]) -> Table:
    headings = (
        *("任职编号", "人员编号", "姓名", "用人单位", "编制单位", "发放单位", "科室/团队", "角色", "编制性质"),
        *("岗位类别", "岗位等级", "岗位系数", "工作占比", "起", "止", "计税项目", "依据"),
    )
    rows = [
        (post.number, post.person.code, post.person.name, post.unit, post.payer, post.payer, post.team, post.role,
         post.staffing, post.category, post.person.grade, float(post.person.position), float(post.share), post.since,
         post.until, "劳务报酬" if post.staffing == "返聘" else "工资薪金", post.document)
        for post in found
    ]  # fmt: skip
    return Table("任职表", "示例县医共体任职表", headings, rows)


def _row(post: Post) -> tuple[str, str, str]:
    return str(PERIOD), post.number, post.person.name


def _attendance(found: list[Post]) -> Table:
    due = workdays(PERIOD.start, PERIOD.end)
    rows = [(*_row(post), due, post.days) for post in found if _shares(post)]
    headings = ("期间", "任职编号", "姓名", "应出勤天数", "任职期内应出勤天数")
    return Table("出勤表", f"示例县医共体{PERIOD.title}出勤表", headings, rows)


def _shares(post: Post) -> bool:
    return post.role != "负责人" and post.staffing != "返聘"


def _leave(found: list[Post]) -> Table:
    by = {post.number: post for post in found}
    rows = [(*_row(by[number]), kind, days, document) for number, kind, days, document in LEAVE]
    return Table(
        "假期表", f"示例县医共体{PERIOD.title}请假表", ("期间", "任职编号", "姓名", "假别", "天数", "依据"), rows
    )


def signing(post: Post) -> tuple[int, Fraction] | None:
    """(签约人月, 履约率) of who signs for families: the general practitioners and the public health team."""
    if post.team not in (DOCTORS, PUBLIC) or post.role != "职工":
        return None
    return 300 + post.person.number * 37 % 400, Fraction(80 + post.person.number * 13 % 20, 100)


def _person_facts(found: list[Post]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for post in found:
        score = 82 + Fraction(post.person.number * 29 % 34, 2) if _shares(post) else None
        signed = signing(post)
        if score is None and signed is None:
            continue
        said = (signed[0], float(signed[1])) if signed else (None, None)
        rows.append((*_row(post), None if score is None else float(score), *said))
    headings = ("期间", "任职编号", "姓名", "考核得分", "签约人月", "履约率")
    return Table("个人考核表", f"示例县医共体{PERIOD.title}个人考核结果", headings, rows)


def _team_facts() -> Table:
    rows = [
        (str(PERIOD), unit, team, float(coefficient), score)
        for unit, scores in SCORES.items()
        for (team, coefficient, _), score in zip(TEAMS, scores, strict=True)
    ]
    headings = ("期间", "单位代码", "科室/团队", "科室系数", "考核得分")
    return Table("科室考核表", f"示例县医共体{PERIOD.title}科室考核结果", headings, rows)


def _earmarks(found: list[Post]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for post in found:
        since, until = max(post.since, PERIOD.start), min(post.until or PERIOD.end, PERIOD.end)
        whole = (since, until) == (PERIOD.start, PERIOD.end)
        if post.role == "派驻":
            absent = sum(days for number, _, days, _ in LEAVE if number == post.number)
            rows.append((*_row(post), "派驻补助", since, post.days - absent, until, "示例财社〔2026〕17号"))
        elif post.team == DOCTORS and post.person.grade != "初级" and _shares(post) and whole:
            rows.append((*_row(post), "全科医生岗位津贴", since, 3, until, "示例卫基层〔2025〕12号"))
        elif post.team == NURSES and _shares(post) and whole and post.number not in {"T13-014"}:
            nights = 6 + post.person.number % 12
            rows.append((*_row(post), "夜班补助", since, nights, until, "示例院排班2026第3季度"))
    headings = ("期间", "任职编号", "姓名", "专项", "起", "数量", "止", "依据")
    return Table("专项表", f"示例县医共体{PERIOD.title}专项表", headings, rows)


def _holds(found: list[Post]) -> Table:
    by = {post.number: post for post in found}
    rows = [(*_row(by[number]), float(times), reason, document) for number, times, reason, document in HOLDS]
    headings = ("期间", "任职编号", "姓名", "发放系数", "原因", "依据")
    return Table("停减发表", f"示例县医共体{PERIOD.title}停减发表", headings, rows)


def _paid_by(found: list[Post]) -> Iterator[tuple[Post, int]]:
    """Each payer's people who have a salary, once, with the month they joined it (this year)."""
    seen: set[tuple[str, str]] = set()
    for post in found:
        if post.person.salary and (post.payer, post.person.code) not in seen:
            seen.add((post.payer, post.person.code))
            yield post, post.since.month if post.since.year == PERIOD.end.year and post.role != "派驻" else 1


def _tax(found: list[Post]) -> Table:
    """October's salaries are paid; what leaves or moves away has nothing of later months."""
    rows: list[tuple[Cell, ...]] = []
    for post, joined in _paid_by(found):
        if post.number == "T14-903":  # the lead hospital has not sent them
            continue
        last = 10 if post.until is None or post.until > PERIOD.end else post.until.month
        salary, special, additional = (
            post.person.salary,
            post.person.salary * 15 // 100,
            1_000_00 * (post.person.number % 4),
        )
        before, now = (_withheld(salary - special - additional, joined, min(last, until)) for until in (9, 10))
        months = last - joined + 1
        left = post.until if last < 10 else None
        rows.append(
            (MONTH, post.payer, post.person.code, post.person.name, "标准", _joined(post, joined), left,
             *map(Yuan, (salary * months, 0, special * months, additional * months, 0, 0, before, now - before)))
        )  # fmt: skip
    headings = (
        *(
            "月份",
            "发放单位",
            "人员编号",
            "姓名",
            "减除费用办法",
            "任职受雇日期",
            "离职日期",
            "累计收入",
            "累计免税收入",
        ),
        *("累计专项扣除", "累计专项附加扣除", "累计其他扣除", "累计减免税额", "上月止已预扣", "本月已预扣"),
    )
    return Table("个税累计表", f"示例县医共体{MONTH}个税累计数（含本月已发工资）", headings, rows, note="金额单位：元")


def _joined(post: Post, joined: int) -> date:
    return post.since if joined > 1 else START


def _withheld(base: int, joined: int, until: int) -> int:
    """What was withheld to the end of a month, in fen: these salaries reach the first two steps of table one."""
    taxable = (base - 5_000_00) * (until - joined + 1)
    if taxable <= 0:
        return 0
    first = taxable <= 36_000_00
    return int(Fraction(taxable * (3 if first else 10), 100) + Fraction(1, 2)) - (0 if first else 2_520_00)


def _deductions(found: list[Post]) -> Table:
    rows = [
        (MONTH, post.payer, post.person.code, post.person.name, item, Yuan(fen))
        for post in found
        if _shares(post) and post.number not in {"T14-019", "T14-029", "T14-030"}
        for item, fen, every in DEDUCTED
        if post.person.number % every == 1
    ]
    headings = ("月份", "发放单位", "人员编号", "姓名", "扣款项目", "金额")
    return Table("代扣表", f"示例县医共体{MONTH}代扣表", headings, rows, total=(5,))


def _deferred(found: list[Post]) -> Table:
    by = {post.number: post for post in found}
    rows = [
        (2025, by[one].unit, by[one].person.code, by[one].person.name, "performance", Yuan(fen))
        for one, fen in DEFERRED
    ]
    headings = ("计提年度", "单位代码", "人员编号", "姓名", "资金池", "余额")
    return Table("递延余额表", "示例县医共体递延绩效余额表", headings, rows)


def _accounts(found: list[Post]) -> Table:
    bank = ("示例农村商业银行", "示例县支行", "402990000017")
    rows = [
        (person.code, *bank, person.account, *SPELT.get(person.number, (person.name, None)))
        for person in _persons(found)
    ]
    headings = ("人员编号", "开户银行", "开户网点", "联行号", "账号", "户名", "备注")
    return Table("账户表", "示例县医共体代发账户表（示例账号）", headings, rows)


def people_tables() -> list[Table]:
    """Every sheet of the workbook of people."""
    found = posts()
    return [
        _people(found),
        _posts(found),
        _attendance(found),
        _leave(found),
        _person_facts(found),
        _team_facts(),
        _earmarks(found),
        _holds(found),
        _tax(found),
        _deductions(found),
        _deferred(found),
        _accounts(found),
    ]
