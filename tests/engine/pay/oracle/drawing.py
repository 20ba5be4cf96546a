"""Small counties drawn at random: two to four institutions, three to fifteen people, whatever the contract knows of.

What is drawn is handed in as a workbook (`writing`) and a plan. At most one thing is wrong with a county (`defect`).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.engine.pay.folder.making import id_number

from .dividing import Period, divide
from .exact import fen, yuan
from .reading import Given, Row, Tables
from .taxing import month_before

PERIOD = "2026Q3"
FIRST, LAST = "2026-07-01", "2026-09-30"
SIGNED, KEPT = "签约人月", "履约率"
TEAMS = ("门诊", "护理", "公卫")


@dataclass
class Drawn:
    """A county: its plan, its tables by name, the month of payment, and what is wrong with it."""

    r: random.Random
    month: str
    plan: dict[str, Any] = field(default_factory=dict)
    tables: Tables = field(default_factory=dict)
    defect: str = ""

    def add(self, table: str, **row: str) -> Row:
        """One more row."""
        self.tables.setdefault(table, []).append(row)
        return row

    def likely(self, chance: float) -> bool:
        """Whether something of this chance happens."""
        return self.r.random() < chance


def draw(seed: int) -> Drawn:
    """The county of a number."""
    r = random.Random(seed)
    made = Drawn(r, r.choice(["2026-10", "2026-10", "2026-12"]))
    made.defect = r.choice(["net", "quota", "quota", "approval"]) if r.random() < 0.08 else ""
    units = [f"U{at}" for at in range(1, r.randint(2, 4) + 1)]
    _plan(made)
    number = 0
    for unit in units:
        for at in range(r.randint(1, 5 if len(units) > 2 else 7)):
            number += 1
            _person(made, number, unit, units, head=at == 0 and made.likely(0.6))
    _teams(made)
    _amounts(made, units)
    if "teams" in made.plan["pay"]["pools"]["bonus"] and made.likely(0.15):
        _lists(made)
    figures(made)
    _kept_back(made)
    _approvals(made, units)
    for rows in made.tables.values():
        r.shuffle(rows)
    return made


def _plan(made: Drawn) -> None:
    r = made.r
    pay: dict[str, Any] = {
        "source": "local",
        "approval": {"body": "职工代表大会", "document": "示例院职〔2026〕3号", "public_days": 5},
        "labour_staffing": ["返聘", "外聘"],
        "leave": [{"kind": "病假", "counts": r.choice(["0.5", "0.6"])}, {"kind": "产假", "counts": "1"},
                  {"kind": "事假", "counts": "0"}],
        "items": [
            {"id": "gp", "title": "全科医生津贴", "rate": r.choice(["300.00", "300.55"]), "per": "月",
             "in_total": "yes",
             "tax": "wages", "max": "3", "across": "person"},
            {"id": "posting", "title": "派驻补助", "rate": "80.01", "per": "天", "in_total": "no", "tax": "wages",
             "max": "66", "across": "person", "document": "示例派〔2026〕1号"},
        ],
        "pools": {"bonus": _bonus(made)},
        "order": ["bonus"],
        "second_post": {"max_time": "1.5", "document": "示例双〔2026〕1号"},
        "corrections": {"funding": "redivide", "claw_back_max": r.choice(["0.20", "0.33"])},
        "tax": {"mode": "cumulative"},
        "codes": {"wages": "30107", "labour": "30226"},
    }  # fmt: skip
    if made.likely(0.5):
        pay["pools"]["sign"] = {
            "points": r.choice([[SIGNED, KEPT], [SIGNED], [SIGNED, KEPT, "hold"]]), "who": "rows", "labour": True,
            "in_total": "no", "document": "示例签〔2026〕1号",
        }  # fmt: skip
    if made.likely(0.4):
        pay["pools"]["boss"] = {"who": "head", "in_total": r.choice(["yes", "no"]), "document": "示例薪〔2026〕1号"}
    if made.likely(0.4):
        pay["pools"]["extra"] = {
            "points": r.choice([["position"], ["position", "score"], ["position", "time"]]),
            "in_total": r.choice(["yes", "separate"]), "document": "示例增〔2026〕1号", "labour": made.likely(0.3),
        }  # fmt: skip
        if made.likely(0.5):
            pay["pools"]["extra"]["caps"] = _bounds(made, ["900.00", "1500.00"], many=True)
    pay["order"] = r.sample(list(pay["pools"]), len(pay["pools"]))
    if made.likely(0.08):
        pay["tax"] = {"mode": "elsewhere", "document": "示例税〔2026〕1号"}
    made.plan = {"id": "hr", "title": "示例办法", "region": "990101", "pay": pay}


def _bonus(made: Drawn) -> dict[str, Any]:
    r = made.r
    pool: dict[str, Any] = {
        "in_total": "yes",
        "items": ["gp", "posting"],
        "points": r.choice(
            [["position", "time", "score", "hold"]] * 3 + [["position", "time", "hold"], ["time", "score"]]
        ),
    }
    if made.likely(0.5):
        pool["teams"] = {"weight": r.choice([["coefficient", "score", "size"], ["size"], ["coefficient", "size"]])}
    if made.likely(0.6):
        pool["caps"] = _bounds(made, ["1500.00", "3000.00", "2200.01", "6000.00"], many=True)
    if made.likely(0.4):
        pool["floors"] = _bounds(made, ["500.00", "1000.01", "300.00", "1500.00"], many=False)
    if made.likely(0.5):
        pool["over_cap"] = r.choice(["share", "keep"])
    if made.likely(0.5):
        pool["defer"] = {"share": r.choice(["0.10", "0.33"]), "leaver": r.choice(["pay", "defer"])}
        if made.likely(0.6):
            pool["defer"]["release"] = r.choice(["1", "0.9", "0.333", "0"])
    return pool


def _bounds(made: Drawn, amounts: list[str], *, many: bool) -> list[dict[str, Any]]:
    """Bounds by time, since somebody may have two posts."""
    r = made.r
    rules: list[dict[str, Any]] = []
    for _ in range(r.choice([1, 1, 2]) if many else 1):
        if made.likely(0.3):
            rules.append({"times_mean": r.choice(["1.5", "2.5", "1.1"] if many else ["0.3", "0.5"]), "time": True})
        else:
            rules.append({"amount": r.choice(amounts), "time": True})
        if made.likely(0.3):
            rules[-1]["of"] = r.choice([{"staffing": ["在编"]}, {"grade": ["高级", "中级"]}])
    return rules


def _person(made: Drawn, number: int, unit: str, units: list[str], *, head: bool) -> None:
    r, code = made.r, f"N{number:02d}"
    foreign = made.likely(0.05)
    made.add(
        "people", person_code=code, name=f"示例{number}", id_type="中国护照" if foreign else "居民身份证",
        id_number=f"E{number:08d}" if foreign else id_number(number), note="",
    )  # fmt: skip
    if head:
        _post(made, f"P{number:02d}", code, unit, units, role="head")
        return
    kind = r.random()
    if kind < 0.12:
        for at, where in enumerate((unit, r.choice(units))):
            _post(made, f"P{number:02d}{'ab'[at]}", code, where, units, share=r.choice(["0.5", "0.4"]), role="posted")
    elif kind < 0.2:
        _post(made, f"P{number:02d}a", code, unit, units, to="2026-08-14")
        _post(made, f"P{number:02d}b", code, r.choice(units), units, **{"from": "2026-08-15"})
    elif kind < 0.28:
        _post(made, f"P{number:02d}", code, unit, units, to=r.choice(["2026-08-14", LAST, "2026-10-09"]))
    elif kind < 0.36:
        _post(made, f"P{number:02d}", code, unit, units, **{"from": r.choice(["2026-08-15", LAST])})
    elif kind < 0.4:
        _post(made, f"P{number:02d}", code, unit, units, **r.choice([{"to": "2026-06-30"}, {"from": "2026-10-01"}]))
    elif kind < 0.5:
        _post(
            made, f"P{number:02d}", code, unit, units, staffing=r.choice(["返聘", "外聘"]),
            document="示例聘〔2026〕1号",
            tax_kind=r.choice(["labour", "labour", "wages"]),
        )  # fmt: skip
    else:
        _post(made, f"P{number:02d}", code, unit, units)


def _post(made: Drawn, number: str, code: str, unit: str, units: list[str], **more: str) -> None:
    r = made.r
    row = {
        "post_no": number, "person_code": code, "unit_code": unit, "home_unit": unit,
        "paid_through": r.choice(units) if made.likely(0.15) else unit, "team": r.choice(TEAMS), "role": "member",
        "staffing": r.choice(["在编", "合同"]), "category": "专技", "grade": r.choice(["高级", "中级", "初级"]),
        "position": r.choice(["1", "1.2", "0.85", "1.123"]), "share": "1", "from": "2019-03-01", "to": "",
        "tax_kind": "wages", "document": "", **more,
    }  # fmt: skip
    made.add("posts", **row)
    if row["from"] > LAST or (row["to"] and row["to"] < FIRST) or row["role"] == "head":
        return
    days = 66 if row["from"] <= FIRST and (not row["to"] or row["to"] >= LAST) else 1 if row["from"] == LAST else 33
    made.add("attendance", period=PERIOD, post_no=number, days_due="66", days_employed=str(days))
    if made.likely(0.3):
        kinds = r.sample(["病假", "产假", "事假"], r.randint(1, 2))
        for kind in kinds:
            away = r.choice(["0.5", "3", "11", str(days)]) if len(kinds) == 1 else r.choice(["0.5", "3"])
            if float(away) * len(kinds) <= days:
                made.add("leave", period=PERIOD, post_no=number, kind=kind, days=away, document="示例假〔2026〕1号")
    _measures(made, row)
    if made.likely(0.12):
        made.add(
            "holds", period=PERIOD, post_no=number, multiplier=r.choice(["0", "0.5", "0.333"]), reason="年度考核",
            document="示例考〔2026〕1号",
        )  # fmt: skip


def _measures(made: Drawn, row: Row) -> None:
    r, pools = made.r, made.plan["pay"]["pools"]
    labour = row["staffing"] in ("返聘", "外聘")
    scored = any(
        "score" in pools[name]["points"] and (pools[name].get("labour") or not labour)
        for name in ("bonus", "extra")
        if name in pools
    )
    if scored:
        value = r.choice(["90", "100", "77.7", "83.25", "60", "0"] if made.likely(0.2) else ["90", "100", "77.7"])
        made.add("person_facts", period=PERIOD, post_no=row["post_no"], measure="score", value=value)
    if "sign" in pools and made.likely(0.5):
        for name, values in ((SIGNED, ["120", "37.5", "0", "241"]), (KEPT, ["0.86", "0.99", "1"])):
            if name in pools["sign"]["points"]:
                made.add("person_facts", period=PERIOD, post_no=row["post_no"], measure=name, value=r.choice(values))
    if labour:
        return
    begins, ends = max(row["from"], FIRST), min(row["to"] or LAST, LAST)
    taken = {(one["post_no"][:3], one["item"]) for one in made.tables.get("earmarks", [])}
    for item, quantities in (("gp", ["1", "2", "3", "0.5"]), ("posting", ["7", "22", "31"])):
        if made.likely(0.15) and (row["post_no"][:3], item) not in taken and begins < ends:
            made.add(
                "earmarks", period=PERIOD, post_no=row["post_no"], item=item, quantity=r.choice(quantities), to=ends,
                document="示例津〔2026〕2号", **{"from": begins},
            )  # fmt: skip


def _teams(made: Drawn) -> None:
    weight = made.plan["pay"]["pools"]["bonus"].get("teams", {}).get("weight", [])
    found = sorted(
        {
            (row["unit_code"], row["team"])
            for row in made.tables["posts"]
            if row["role"] != "head" and row["staffing"] in ("在编", "合同")
            and row["from"] <= LAST and (not row["to"] or row["to"] >= FIRST)
        }
    )  # fmt: skip
    for unit, team in found:
        for name, values in (("coefficient", ["0.8", "1", "1.25"]), ("score", ["90", "87.5", "100"])):
            if name in weight:
                zero = ["0"] if made.likely(0.04) else values
                made.add(
                    "team_facts", period=PERIOD, unit_code=unit, team=team, measure=name, value=made.r.choice(zero)
                )


def _lists(made: Drawn) -> None:
    """Departments' own lists: each team's amount in parts that its people agreed on."""
    pool = made.plan["pay"]["pools"]["bonus"]
    for name in ("caps", "floors", "over_cap"):
        pool.pop(name, None)
    pool["points"] = []
    given = Given(made.plan["pay"], made.tables, PERIOD, made.month)
    teams, period = divide(given).teams, Period(given)
    for unit in sorted({row["unit_code"] for row in made.tables["posts"]}):
        sharing = period.sharing(unit, pool)
        for team in sorted({row["team"] for row in sharing}):
            left, rows = (
                teams.get((unit, "bonus", team), (None, 0, ""))[1],
                [row for row in sharing if row["team"] == team],
            )
            for at, row in enumerate(rows, start=1):
                part = left if at == len(rows) else made.r.randint(0, left)
                left -= part
                made.add("person_facts", period=PERIOD, post_no=row["post_no"], measure="amount", value=yuan(part))
    pool["inside"] = "list"


def _amounts(made: Drawn, units: list[str]) -> None:
    r = made.r
    heads = {row["unit_code"] for row in made.tables["posts"] if row["role"] == "head"}
    for unit in units:
        for pool in made.plan["pay"]["pools"]:
            if (pool == "boss" and unit not in heads) or (pool != "bonus" and made.likely(0.25)):
                continue
            most = {"bonus": 3000000, "sign": 800000, "boss": 5000000, "extra": 900000}[pool]
            made.add(
                "pay_amounts", period=PERIOD, unit_code=unit, pool=pool, amount=yuan(r.randrange(most // 20, most)),
                document=f"示例指标〔2026〕{r.randint(1, 3)}号",
            )  # fmt: skip
    rule = made.plan["pay"]["pools"]["bonus"].get("defer")
    for row in list(made.tables["posts"]):
        if rule and made.likely(0.3) and row["role"] != "head" and row["staffing"] in ("在编", "合同"):
            year = r.choice(["2025", "2025", "2026"])
            key = (row["unit_code"], row["person_code"])
            if key not in {(one["unit_code"], one["person_code"]) for one in made.tables.get("deferred", [])}:
                made.add(
                    "deferred", accrual_year=year, unit_code=row["unit_code"], person_code=row["person_code"],
                    pool="bonus", balance=yuan(r.randrange(1, 90000)),
                )  # fmt: skip


def figures(made: Drawn) -> None:
    """What payers know of their people this year, and what they keep back this month."""
    r = made.r
    for payer, person in sorted({(row["paid_through"], row["person_code"]) for row in made.tables["posts"]}):
        if made.likely(0.12):
            continue
        basic = r.choice(["standard"] * 4 + ["first_job", "annual_60000"])
        joined = {"first_job": f"{made.month[:4]}-01-01", "annual_60000": "2019-03-01"}.get(basic) or r.choice(
            ["2019-03-01", "2026-03-15", "2026-10-08"]
        )
        left = "2026-08-31" if basic == "standard" and joined < "2026-08" and made.likely(0.15) else ""
        row = {
            "month": made.month, "payer": payer, "person_code": person, "basic": basic, "employed_from": joined,
            "employed_to": left, "income": yuan(r.choice([0, 4500000, 10000000, 19000000, r.randrange(60000000)])),
            "exempt": r.choice(["0", "1200.50"]), "special": r.choice(["0", "9000.00", "15321.07"]),
            "additional": r.choice(["0", "10000.00"]), "other": r.choice(["0", "0", "300.00"]),
            "relief": r.choice(["0", "0", "500.00"]), "withheld_before": yuan(r.choice([0, 94500, 1000000, 4000000])),
        }  # fmt: skip
        row["withheld_month"] = yuan(month_before(row, made.month) if made.likely(0.5) else 0)
        if row["withheld_month"] == "0.00":
            row["withheld_before"] = yuan(
                max(0, month_before({**row, "withheld_before": "0"}, made.month)) + r.choice([0, 0, 12345])
            )
        made.add("tax_cumulative", **row)


def _kept_back(made: Drawn) -> None:
    r = made.r
    for row in list(made.tables["tax_cumulative"]):
        payer, person = row["payer"], row["person_code"]
        if made.likely(0.25) and _pays(made, payer, person):
            for item in r.sample(["公积金", "工会会费"], r.randint(1, 2)):
                made.add(
                    "deductions", month=made.month, payer=payer, person_code=person, item=item,
                    amount=yuan(r.choice([2000, 123, 10500])),
                )  # fmt: skip
    if made.defect == "net":
        one = r.choice(made.tables["tax_cumulative"])
        made.add(
            "deductions", month=made.month, payer=one["payer"], person_code=one["person_code"], item="其他",
            amount="999999.00",
        )  # fmt: skip


def _pays(made: Drawn, payer: str, person: str) -> bool:
    """Whether somebody is likely paid something: deductions of who is not are refused, which is drawn now and then."""
    return made.likely(0.1) or any(
        (row["paid_through"], row["person_code"], row["role"]) == (payer, person, "member") and row["from"] < LAST
        and row["share"] == "1" and not row["to"] and row["staffing"] in ("在编", "合同")
        for row in made.tables["posts"]
    )  # fmt: skip


def _approvals(made: Drawn, units: list[str]) -> None:
    """Plenty; or exactly what one institution charges; or a fen less (`quota`)."""
    tight = made.r.choice(units) if made.defect == "quota" or made.likely(0.15) else ""
    lines = divide(Given(made.plan["pay"], made.tables, PERIOD, made.month)).lines if tight else []
    charged = sum(one.amount for one in lines if (one.unit, one.in_total, one.component) == (tight, "yes", "due"))
    for unit in units:
        if made.defect == "approval" and unit == "U1":
            continue
        used = made.r.choice(["0.00", "12345.67"])
        whole = fen(used) + charged - (made.defect == "quota") if unit == tight and charged else 900_000_00
        made.add("money", period="2026", unit_code=unit, item="quota_approved", amount=yuan(whole),
                 document=f"示例核定〔2026〕{unit}号")  # fmt: skip
        made.add("money", period=PERIOD, unit_code=unit, item="quota_paid", amount=used, document="")
