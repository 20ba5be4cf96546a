"""A small payment made by hand: two institutions, five persons, what each is due told in comments."""

from __future__ import annotations

import hashlib
from fractions import Fraction

import pandas as pd

from domain.pay import Pay, PayItem, PoolScheme, TaxRule
from engine.pay.exports.paid import Paid
from engine.pay.exports.roster import Roster, roster
from engine.pay.people import COLUMNS, People, empty
from engine.pay.result import TABLES, frame

NAMES = {"P1": "张三", "P2": "李四", "P3": "王㛃", "P4": "=赵六", "P5": "欧阳小明"}
IDS = {
    "P1": "11010519491231002X",
    "P2": "440524188001010014",
    "P3": "129901198001010017",
    "P4": "129901198502020021",
    "P5": "129901199003030035",
}
ACCOUNTS = {code: f"62148300000000{at:04d}" for at, code in enumerate(NAMES, start=1)}
KEY = "k1"


def token(id_number: str) -> str:
    return hashlib.sha256(f"key/{id_number}".encode()).hexdigest()


def fen(yuan: str) -> int:
    return round(float(yuan) * 100)


def pay() -> Pay:
    item = PayItem(
        id="gp", title="全科医生津贴", rate="1200.00", per="月", in_total="yes", tax="wages", max="3", across="person"
    )
    return Pay(
        pools={"performance": PoolScheme(items=["gp"], points=["position"]), "sign": PoolScheme(labour=True)},
        items=[item],
        order=["performance", "sign"],
        tax=TaxRule(mode="cumulative"),
        codes={"wages": "30107", "labour": "30226"},
    )


def table(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Rows of a table of people; what is not written is None, source is the row's cell."""
    made = [
        {**dict.fromkeys(COLUMNS[name]), "source": f"人员.xlsx {name}!A{at + 2}", **row} for at, row in enumerate(rows)
    ]
    return pd.DataFrame(made, columns=[*COLUMNS[name], "source"], dtype=object) if made else empty(name)


def posts() -> list[dict[str, object]]:
    one = {
        "home_unit": "T01",
        "role": "member",
        "staffing": "在编",
        "category": "专业技术",
        "grade": "中级",
        "from": None,
    }
    return [
        {**one, "post_no": "N1", "person_code": "P1", "unit_code": "T01", "paid_through": "T01", "team": "内科",
         "position": Fraction(3, 2), "share": Fraction(1), "tax_kind": "wages"},
        {**one, "post_no": "N2", "person_code": "P2", "unit_code": "T01", "paid_through": "T01", "team": "公卫科",
         "position": Fraction(1), "share": Fraction(1), "tax_kind": "wages"},
        {**one, "post_no": "N3", "person_code": "P3", "unit_code": "T01", "paid_through": "T01", "team": "公卫科",
         "position": Fraction(1), "share": Fraction(1), "tax_kind": "wages"},
        {**one, "post_no": "N4", "person_code": "P4", "unit_code": "T01", "paid_through": "H01", "team": "内科",
         "position": Fraction(1), "share": Fraction(1), "tax_kind": "wages"},
        {**one, "post_no": "N5", "person_code": "P5", "unit_code": "T01", "paid_through": "T01", "team": "签约组",
         "position": Fraction(1), "share": Fraction(1), "tax_kind": "labour", "staffing": "返聘",
         "document": "示例聘〔2026〕1号"},
    ]  # fmt: skip


def line(post: str, pool: str, item: str, component: str, yuan: str, case: str = "") -> tuple[object, ...]:
    one = next(row for row in posts() if row["post_no"] == post)
    unit, person, payer = one["unit_code"], one["person_code"], one["paid_through"]
    return (
        "2026Q3",
        unit,
        post,
        person,
        pool,
        item,
        component,
        fen(yuan),
        unit,
        payer,
        "yes",
        "示例财社〔2026〕1号",
        "",
        case,
    )


def slip(
    code: str,
    payer: str,
    kind: str,
    gross: str,
    tax: str | None,
    other: str,
    *,
    deferred: str = "0",
    status: str = "ok",
) -> tuple[object, ...]:
    payable = fen(gross) + fen(deferred)
    net = None if tax is None else payable - fen(tax) - fen(other)
    known = None if tax is None else fen(tax)
    return "2026-10", payer, code, kind, fen(gross), fen(deferred), 0, 0, 0, payable, known, fen(other), net, status


def paid(**changed: pd.DataFrame) -> Paid:
    """Two payers of one institution's people.

    T01: performance 20,000.00 = gp 3,600.00 (P1) + teams 内科 9,400.00 (P1 5,400, P4 4,000), 公卫科 6,000.00 (P2, P3
    3,000 each) + kept 1,000.00; sign 2,000.00 to P5 as labour. P1 defers 540.00. P4 is paid through H01. P3 has no tax.
    """
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in TABLES}
    doc = "示例财社〔2026〕1号"
    rows["units"] = [
        (
            "2026Q3",
            "T01",
            "performance",
            fen("20000"),
            fen("3600"),
            fen("15400"),
            fen("1000"),
            fen("19000"),
            0,
            doc,
            "",
        ),
        ("2026Q3", "T01", "sign", fen("2000"), 0, fen("2000"), 0, 0, fen("2000"), "示例签约〔2026〕2号", ""),
    ]
    rows["teams"] = [
        ("2026Q3", "T01", "performance", "公卫科", "2.0", fen("6000"), "", ""),
        ("2026Q3", "T01", "performance", "内科", "47/15", fen("9400"), "cap", ""),
        ("2026Q3", "T01", "sign", "签约组", "1.0", fen("2000"), "", ""),
    ]
    rows["lines"] = [
        line("N1", "performance", "gp", "due", "3600"),
        line("N1", "performance", "points", "due", "5400"),
        line("N1", "performance", "points", "deferred", "-540"),
        line("N2", "performance", "points", "due", "3000"),
        line("N3", "performance", "points", "due", "3000"),
        line("N4", "performance", "points", "due", "4000"),
        line("N5", "sign", "points", "due", "2000"),
    ]
    rows["payslips"] = [
        slip("P4", "H01", "wages", "4000", "0", "0"),
        slip("P1", "T01", "wages", "9000", "103.80", "400", deferred="-540"),
        slip("P2", "T01", "wages", "3000", "0", "200"),
        slip("P3", "T01", "wages", "3000", None, "0", status="TAX-NO-DATA"),
        slip("P5", "T01", "labour", "2000", "240", "0"),
    ]
    rows["tax"] = [
        ("H01", "P4", "2026-10", "1", "wages", fen("4000"), fen("4000"), fen("50000"), 0, "", 0, 0, 0, 0, 0, "ok"),
        ("T01", "P1", "2026-10", "1", "wages", fen("8460"), fen("88460"), fen("50000"), fen("3460"), "3", 0,
         fen("103.80"), 0, fen("103.80"), 0, "ok"),
        ("T01", "P2", "2026-10", "1", "wages", fen("3000"), fen("3000"), fen("50000"), 0, "3", 0, 0, 0, 0, 0, "ok"),
        ("T01", "P3", "2026-10", "1", "wages", fen("3000"), None, None, None, "", None, None, None, None, None,
         "TAX-NO-DATA"),
        ("T01", "P5", "2026-10", "1", "labour", fen("2000"), fen("2000"), 0, fen("1200"), "20", 0, fen("240"), 0,
         fen("240"), 0, "ok"),
    ]  # fmt: skip
    rows["batches"] = [
        ("B1", "performance", doc, "T01", "wages", "P1", fen("7956.20")),
        ("B1", "performance", doc, "T01", "wages", "P2", fen("2800")),
        ("B2", "sign", "示例签约〔2026〕2号", "T01", "labour", "P5", fen("1760")),
        ("B3", "performance", doc, "H01", "wages", "P4", fen("4000")),
    ]
    rows["current_account"] = [("T01", "H01", "performance", fen("4000"))]
    rows["deferred"] = [("T01", "P1", "performance", "2026", 0, fen("540"), 0, 0, fen("540"))]
    rows["quota"] = [
        (
            "示例人社〔2026〕3号",
            "member",
            "T01",
            "",
            fen("500000"),
            fen("100000"),
            fen("19000"),
            fen("381000"),
            0,
            0,
            "",
        )
    ]
    tables = {name: frame(name, some) for name, some in rows.items()} | changed
    kept = [{"person_code": code, "id_type": "居民身份证", "id_token": token(IDS[code])} for code in NAMES]
    people = {name: empty(name) for name in COLUMNS}
    people["posts"] = table("posts", posts())
    people["people"] = pd.DataFrame(kept, dtype=object)
    people["tax_cumulative"] = table("tax_cumulative", [
        {"month": "2026-10", "payer": "T01", "person_code": "P1", "basic": "standard", "income": fen("80000")},
    ])  # fmt: skip
    people["deductions"] = table("deductions", [
        {"month": "2026-10", "payer": "T01", "person_code": "P1", "item": "基本养老保险费", "amount": fen("400")},
        {"month": "2026-10", "payer": "T01", "person_code": "P2", "item": "工会会费", "amount": fen("200")},
    ])  # fmt: skip
    return Paid(
        name="发放", digest=hashlib.sha256(b"paid").hexdigest(), plan_id="demo", plan_title="示例县医共体绩效方案",
        period="2026Q3", period_title="2026年第3季度", month="2026-10", pay=pay(), tables=tables, people=People(people),
        key=KEY, first=True, names={"T01": "示例中心卫生院", "H01": "示例县医院"},
        pools={"performance": "绩效工资", "sign": "签约服务费"},
    )  # fmt: skip


def people(**changed: pd.DataFrame) -> People:
    """PEOPLE: names, ID numbers and accounts; P3's name is not in GBK, P4's begins like a formula."""
    tables = {name: empty(name) for name in COLUMNS}
    tables["people"] = table("people", [
        {"person_code": code, "name": NAMES[code], "id_type": "居民身份证", "id_number": IDS[code]} for code in NAMES
    ])  # fmt: skip
    tables["accounts"] = table("accounts", [
        {"person_code": code, "bank": "示例银行", "branch": "示例支行", "cnaps": "102100000000",
         "account": ACCOUNTS[code], "account_name": NAMES[code]} for code in NAMES
    ])  # fmt: skip
    return People(tables | changed)


def whose(payment: Paid | None = None, of: People | None = None, codes: object = NAMES) -> Roster:
    return roster(payment or paid(), of or people(), "人员.xlsx", token, KEY, codes)  # type: ignore[arg-type]
