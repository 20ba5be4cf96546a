"""Corrections drawn at random for a county that was paid: what turned out to be wrong, and who pays for it."""

from __future__ import annotations

import random

from tests.engine.pay.folder.making import id_number

from .drawing import PERIOD, Drawn, figures
from .exact import fen, yuan
from .reading import Row, Tables

RESERVE = "更正备用金"


def mistaken(paid: Drawn, seed: int) -> Drawn:
    """What a correction of a county hands in."""
    r = random.Random(f"{seed} put right")
    month = r.choice(["2026-12", "2027-01"])
    made = Drawn(r, month, paid.plan)
    made.tables = {name: [dict(row) for row in paid.tables[name]] for name in ("people", "posts")}
    now = {name: [dict(row) for row in rows] for name, rows in paid.tables.items()}
    if paid.plan["pay"]["pools"]["bonus"].get("inside") == "list":
        return made  # another figure would ask for other lists
    for number in range(1, r.choice([1, 1, 2, 3]) + 1):
        case = _forgotten(made) if made.likely(0.08) else _unit(made, now) if made.likely(0.12) else _post(made, now)
        if case is None:
            continue
        more = {
            "case_no": str(number),
            "period": PERIOD,
            "document": "示例院纪〔2026〕20号",
            "decided_on": "2026-11-05",
        }
        more["funding"] = f"reserve: {RESERVE}" if made.likely(0.25) else made.r.choice(["", "redivide"])
        made.tables.setdefault("cases", []).append({**_EMPTY, **case, **more})
    _ahead(made)
    return made


_EMPTY = dict.fromkeys(("level", "pool", "unit_code", "post_no", "table", "field", "old_value", "new_value"), "")


def _post(made: Drawn, now: Tables) -> Row | None:
    r = made.r
    known = [row for row in now.get("person_facts", []) if row["value"] != ""]
    kind = r.choice(["score", "score", "held", "not held", "days", "position", "quantity", "leave"])
    if kind == "score" and known:
        row = r.choice(known)
        new = r.choice(["88", "95.5", "0"]) if row["measure"] == "score" else r.choice(["0.5", "200"])
        case = _case(now, row["post_no"], "person_facts", row["measure"], row["value"], new)
        row["value"] = new
        return case
    if kind == "held" and known:
        post = r.choice(known)["post_no"]
        if all(row["post_no"] != post for row in now.get("holds", [])):
            now.setdefault("holds", []).append({"period": PERIOD, "post_no": post, "multiplier": "0.5"})
            return _case(now, post, "holds", "multiplier", "", "0.5")
    table, column, new = {
        "not held": ("holds", "multiplier", "1"), "days": ("attendance", "days_employed", ""),
        "quantity": ("earmarks", "quantity", r.choice(["1", "1.5"])), "leave": ("leave", "days", "1"),
    }.get(kind, ("posts", "position", r.choice(["1.3", "0.9"])))  # fmt: skip
    rows = [
        row
        for row in now.get(table, [])
        if table != "posts" or any(one["post_no"] == row["post_no"] for one in now.get("attendance", []))
    ]
    if not rows:
        return None
    row = r.choice(rows)
    if kind == "leave" and sum(one["post_no"] == row["post_no"] for one in rows) > 1:
        return None  # which of two leaves is meant, the case cannot say
    if kind == "quantity" and sum(one["post_no"] == row["post_no"] for one in rows) > 1:
        return None
    if kind == "days":
        if any(one["post_no"] == row["post_no"] for one in now.get("leave", [])) or row["days_employed"] == "1":
            return None
        new = r.choice(["20", "31.5"])
    if row[column] == new:
        return None
    case = _case(now, row["post_no"], table, column, row[column], new)
    row[column] = new
    return case


def _case(now: Tables, post: str, table: str, column: str, old: str, new: str) -> Row:
    unit = next(row["unit_code"] for row in now["posts"] if row["post_no"] == post)
    pool = "sign" if column in ("签约人月", "履约率") else "bonus"
    return {"level": "person", "pool": pool, "unit_code": unit, "post_no": post, "table": table, "field": column,
            "old_value": old, "new_value": new}  # fmt: skip


def _unit(made: Drawn, now: Tables) -> Row | None:
    """Some of one unit's money should have been another's."""
    if any(row["level"] == "unit" for row in made.tables.get("cases", [])):
        return None
    rows = [row for row in now["pay_amounts"] if row["pool"] == "bonus"]
    if len(rows) < 2:
        return None
    one, other = made.r.sample(rows, 2)
    part = made.r.randrange(1, fen(one["amount"]) // 3)
    one["amount"], other["amount"] = yuan(fen(one["amount"]) - part), yuan(fen(other["amount"]) + part)
    made.tables["pay_amounts"] = [dict(row) for row in rows]
    return {"level": "unit", "pool": "bonus", "unit_code": other["unit_code"]}


def _forgotten(made: Drawn) -> Row | None:
    """Somebody whose post was not handed in at all."""
    if any(row["field"] == "*" for row in made.tables.get("cases", [])):
        return None
    beside = next(
        (row for row in made.tables["posts"] if row["role"] == "member" and row["staffing"] in ("在编", "合同")
         and (row["from"], row["to"]) == ("2019-03-01", "")), None,
    )  # fmt: skip
    if beside is None:
        return None
    post = {**beside, "post_no": "P99", "person_code": "N99"}
    made.add("people", person_code="N99", name="示例99", id_type="居民身份证", id_number=id_number(99), note="")
    made.add("posts", **post)
    made.add("attendance", period=PERIOD, post_no="P99", days_due="66", days_employed="66")
    made.add("person_facts", period=PERIOD, post_no="P99", measure="score", value="91")
    return {"level": "person", "pool": "bonus", "unit_code": post["unit_code"], "post_no": "P99", "table": "posts",
            "field": "*"}  # fmt: skip


def _ahead(made: Drawn) -> None:
    """Figures of the month, reserves, what comes next."""
    figures(made)
    if any(row["funding"].startswith("reserve") for row in made.tables.get("cases", [])):
        opening = made.r.choice(["90000.00", "90000.00", "0.01"])
        made.add("reserves", reserve=RESERVE, unit_code="U1", opening=opening, document="示例备〔2026〕1号")
    for row in made.tables["people"]:
        if made.likely(0.6):
            made.add("next_payments", month=made.month, unit_code="U1", person_code=row["person_code"],
                     payable=yuan(made.r.choice([10000, 50001, 300000])))  # fmt: skip
