"""The workbook of the people of two township hospitals (`roster`): what pays them for 2026Q3 in October.

Leave of every kind, two whose pay is held, earmarks, what is withheld, balances deferred in the year before, accounts.
The lead hospital has not sent the tax figures of one whom it posted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from roster import DOCTORS, MONTH, NURSES, PERIOD, PUBLIC, START, TEAMS, Person, Post, posts, workdays
from sheets import Cell, Table, Yuan

SCORES = {"T13": (92, 95, 97, 90, 93), "T14": (96, 94, 91, 95, 92)}
RESIDENT = "居民身份证"
LATE = "T14-903"
"""The post whose tax figures the lead hospital has not sent."""
TAX_HEADINGS = (
    *("月份", "发放单位", "人员编号", "姓名", "减除费用办法", "任职受雇日期", "离职日期", "累计收入", "累计免税收入"),
    *("累计专项扣除", "累计专项附加扣除", "累计其他扣除", "累计减免税额", "上月止已预扣", "本月已预扣"),
)
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
    rows = [(*_row(post), due, post.days) for post in found if post.shares]
    headings = ("期间", "任职编号", "姓名", "应出勤天数", "任职期内应出勤天数")
    return Table("出勤表", f"示例县医共体{PERIOD.title}出勤表", headings, rows)


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
        score = 82 + Fraction(post.person.number * 29 % 34, 2) if post.shares else None
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
        elif post.team == DOCTORS and post.person.grade != "初级" and post.shares and whole:
            rows.append((*_row(post), "全科医生岗位津贴", since, 3, until, "示例卫基层〔2025〕12号"))
        elif post.team == NURSES and post.shares and whole and post.number not in {"T13-014"}:
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


def _tax(found: list[Post], *, late: bool) -> Table:
    """October's salaries are paid; what leaves or moves away has nothing of later months."""
    rows: list[tuple[Cell, ...]] = []
    for post, joined in _paid_by(found):
        if post.number == LATE and not late:
            continue
        person, last = post.person, 10
        if post.until is not None and post.until <= PERIOD.end:
            last = post.until.month
        base, months = person.salary - person.special - person.additional, last - joined + 1
        before, now = (_withheld(base, joined, min(last, until)) for until in (9, 10))
        sums = (person.salary * months, 0, person.special * months, person.additional * months)
        days = (_joined(post, joined), post.until if last < 10 else None)
        amounts = map(Yuan, (*sums, 0, 0, before, now - before))
        rows.append((MONTH, post.payer, person.code, person.name, "标准", *days, *amounts))
    title = f"示例县医共体{MONTH}个税累计数（含本月已发工资）"
    return Table("个税累计表", title, TAX_HEADINGS, rows, note="金额单位：元")


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
        if post.shares and post.number not in {"T14-019", "T14-029", "T14-030"}
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


def people_tables(*, late: bool = False) -> list[Table]:
    """Every sheet of the workbook of people; late: with the figures that came late."""
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
        _tax(found, late=late),
        _deductions(found),
        _deferred(found),
        _accounts(found),
    ]
