"""A payment put right: signed lines by case, reserves, recovery. Amounts by hand, from the payment of `making`."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest

from api import cli
from engine.pay.corrections.recovery import recovery_of
from engine.pay.people import COLUMNS, People, empty
from tests.engine.pay.folder.making import MONTH, PERIOD, PLAN, Rows, id_number, post, rows_of, tables, write

LATER = "2026-11"


@pytest.fixture(autouse=True)
def _key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "keys" / "pay"))


@pytest.fixture
def old(tmp_path: Path) -> Path:
    plan, people = write(tmp_path / "given", tables())
    asked = ["--period", PERIOD, "--month", MONTH, "--first", "--out", str(tmp_path / "old")]
    assert cli.main(["pay", "run", str(plan), str(people), *asked]) == 0
    return tmp_path / "old"


def case(number: str = "1", **more: str) -> dict[str, str]:
    """The score of P3 was 90, not 80."""
    return {
        "case_no": number, "level": "person", "period": PERIOD, "pool": "bonus", "unit_code": "U1", "post_no": "P3",
        "table": "person_facts", "field": "score", "old_value": "80", "new_value": "90",
        "document": "示例院纪〔2026〕20号", "decided_on": "2026-11-05", "funding": "", **more,
    }  # fmt: skip


def brought(*cases: dict[str, str], **more: Rows) -> dict[str, Rows]:
    """What a correction hands in: posts and people as they are, the cases, the payer's figures of that month."""
    made = tables()
    known = [{**one, "month": LATER, "withheld_month": "0.00"} for one in made["tax_cumulative"]]
    known.append({**known[0], "person_code": "N3"})
    given: dict[str, Rows] = {"people": made["people"], "posts": made["posts"], "tax_cumulative": known, "cases": cases}
    return {**given, **more}


def corrected(tmp_path: Path, old: Path, made: dict[str, Rows], out: str = "new") -> tuple[int, Path]:
    plan, people = write(tmp_path / f"given-{out}", made)
    asked = ["--period", PERIOD, "--month", LATER, "--before", str(old), "--out", str(tmp_path / out)]
    return cli.main(["pay", "run", str(plan), str(people), *asked]), tmp_path / out


def deltas(out: Path) -> dict[str, str]:
    return {row["post_no"]: row["amount"] for row in rows_of(out, "lines")}


@pytest.mark.parametrize(("field", "was", "now"), [("quantity", "3", ""), ("to", "2026-09-30", "2026-07-31")])
def test_days_of_an_earmark_that_were_taken_back_may_be_paid(
    tmp_path: Path, field: str, was: str, now: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """N1's allowance was U2's to pay, all of it or from August on: U1's payment is put right, then U2 pays it, once."""
    made = tables()
    of_u1, of_u2 = ([one] for one in made["pay_amounts"])
    asked = ["--period", PERIOD, "--month", MONTH]
    plan, people = write(tmp_path / "given-u1", {**made, "pay_amounts": of_u1})
    first = tmp_path / "u1"
    assert cli.main(["pay", "run", str(plan), str(people), *asked, "--first", "--out", str(first)]) == 0
    wrong = case(post_no="P1", table="earmarks", field=field, old_value=was, new_value=now)
    code, put_right = corrected(tmp_path, first, brought(wrong))
    assert code == 0
    made["posts"] = [post(1, "U1", share="0.5"), *made["posts"][1:], post(5, "U2", person_code="N1", share="0.5")]
    for name in ("attendance", "person_facts"):
        made[name].append({**made[name][0], "post_no": "P5"})
    made["earmarks"] = [{**made["earmarks"][0], "post_no": "P5", "from": "2026-08-01", "quantity": "2"}]
    plan, people = write(tmp_path / "given-u2", {**made, "pay_amounts": of_u2})

    def paid(out: str, *earlier: Path) -> int:
        given = [one for folder in earlier for one in ("--earlier", str(folder))]
        return cli.main(["pay", "run", str(plan), str(people), *asked, *given, "--out", str(tmp_path / out)])

    assert paid("u2", first) == 2
    assert "PAY-EARMARK-TWICE" in capsys.readouterr().err
    assert paid("u2", first, put_right) == 0
    assert [row["amount"] for row in rows_of(tmp_path / "u2", "lines") if row["item"] == "gp"] == ["600.00"]
    assert paid("again", first, put_right, tmp_path / "u2") == 4
    assert "PAY-PAID" in capsys.readouterr().err
    moved = {name: [{key: "U3" if value == "U2" else value for key, value in row.items()} for row in rows]
             for name, rows in {**made, "pay_amounts": of_u2}.items()}  # fmt: skip
    plan, people = write(tmp_path / "given-u3", moved)
    assert paid("u3", first, put_right, tmp_path / "u2") == 2, "now a third institution pays the same days"
    assert "PAY-EARMARK-TWICE" in capsys.readouterr().err


def test_the_same_money_divided_anew(tmp_path: Path, old: Path) -> None:
    """P3's points are 270/300 now, Σ 869/300: 910,000 × 324/869 = 339,286.54, × 275/869 = 287,974.68,
    × 270/869 = 282,738.78; the two largest remainders (.78, .68) go up: 3,392.86, 2,879.75, 2,827.39."""
    code, out = corrected(tmp_path, old, brought(case()))
    assert code == 0
    assert deltas(out) == {"P1": "-121.32", "P2": "-102.97", "P3": "224.29"}
    assert [(row["amount"], row["shared"], row["case"]) for row in rows_of(out, "units")] in (
        [],
        [("0.00", "0.00", "1")],
    )
    slips = {
        row["person_code"]: (row["up"], row["down"], row["payable"], row["status"]) for row in rows_of(out, "payslips")
    }
    assert slips == {
        "N1": ("0.00", "-121.32", "-121.32", "no_payment"),
        "N2": ("0.00", "-102.97", "-102.97", "no_payment"),
        "N3": ("224.29", "0.00", "224.29", "ok"),
    }
    assert cli.main(["pay", "verify", str(out)]) == 0


def test_the_old_folder_stays(tmp_path: Path, old: Path) -> None:
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    corrected(tmp_path, old, brought(case()))
    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == before


def test_what_is_taken_back_of_an_earlier_year(
    tmp_path: Path, old: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Paid in October 2026, put right in January 2027: it is told, and lowers no tax of 2027."""
    monkeypatch.setattr("tests.engine.pay.folder.test_correct.LATER", "2027-01")
    figures = [
        {**one, "income": "0.00", "special": "0.00", "withheld_before": "0.00", "withheld_month": "0.00"}
        for one in brought(case())["tax_cumulative"]
    ]
    code, out = corrected(tmp_path, old, brought(case(), tax_cumulative=figures))
    assert code == 0
    assert "TAX-EARLIER-YEAR" in capsys.readouterr().err
    assert {row["tax"] for row in rows_of(out, "payslips") if row["down"] != "0.00"} == {"0.00"}


def test_recovery(tmp_path: Path, old: Path) -> None:
    """20% of N1's next 500.00 is 100.00, 21.32 are carried; N2 has none and owes 102.97; N3's comes with the next."""
    ahead = [{"month": LATER, "unit_code": "U1", "person_code": one, "payable": "500.00"} for one in ("N1", "N3")]
    _, out = corrected(tmp_path, old, brought(case(), next_payments=ahead))
    names = ("payable_delta", "recovered", "carried", "receivable", "next_payment")
    assert {row["person_code"]: tuple(row[name] for name in names) for row in rows_of(out, "recovery")} == {
        "N1": ("-121.32", "-100.00", "-21.32", "0.00", "400.00"),
        "N2": ("-102.97", "0.00", "0.00", "102.97", "0.00"),
        "N3": ("224.29", "0.00", "0.00", "0.00", "724.29"),
    }


def test_the_next_payment_is_that_of_one_month(tmp_path: Path, old: Path) -> None:
    """December is not what November's 20% are taken of: of 300.00 60.00 are kept back."""
    ahead = [
        {"month": month, "unit_code": "U1", "person_code": "N1", "payable": payable}
        for month, payable in (("2026-12", "900.00"), (LATER, "300.00"))
    ]
    _, out = corrected(tmp_path, old, brought(case(), next_payments=ahead))
    found = next(row for row in rows_of(out, "recovery") if row["person_code"] == "N1")
    assert (found["recovered"], found["carried"], found["next_payment"]) == ("-60.00", "-61.32", "240.00")


def test_one_payer_s_debt_is_not_set_off_by_another_s_payment() -> None:
    """+100.00 through A is paid, −100.00 through B comes off the next payment."""
    lines = pd.DataFrame(
        [("N1", "A", "due", 10000), ("N1", "B", "due", -10000)],
        columns=["person_code", "paid_through", "component", "amount"],
    )
    known = {name: empty(name) for name in COLUMNS}
    known["next_payments"] = pd.DataFrame(
        [("2026-11", "U1", "N1", 30000, "")], columns=[*COLUMNS["next_payments"], "source"], dtype=object
    )
    made = recovery_of(lines, People(known), Fraction(1, 5), LATER)
    assert made.to_numpy().tolist() == [["N1", 0, -6000, -4000, 0, 34000]]


def test_from_a_reserve(tmp_path: Path, old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """P3 alone gets the difference; the others keep theirs."""
    reserve = [{"reserve": "更正备用金", "unit_code": "U1", "opening": "224.29", "document": "示例备〔2026〕1号"}]
    made = brought(case(funding="reserve: 更正备用金"), reserves=reserve)
    code, out = corrected(tmp_path, old, made)
    assert code == 0
    assert deltas(out) == {"P3": "224.29"}
    assert [tuple(row.values()) for row in rows_of(out, "reserves")] == [
        ("更正备用金", "224.29", "224.29", "0.00", "0.00")
    ]
    assert cli.main(["pay", "verify", str(out)]) == 0
    short = [{**reserve[0], "opening": "224.28"}]
    assert corrected(tmp_path, old, {**made, "reserves": short}, "short")[0] == 4
    assert "PAY-RESERVE-SHORT" in capsys.readouterr().err


def test_a_case_and_its_reverse(tmp_path: Path, old: Path) -> None:
    code, out = corrected(tmp_path, old, brought(case("1"), case("2", old_value="90", new_value="80")))
    assert code == 0
    sums: dict[str, int] = {}
    for row in rows_of(out, "lines"):
        sums[row["post_no"]] = sums.get(row["post_no"], 0) + int(row["amount"].replace(".", ""))
    assert set(sums.values()) == {0}


def test_a_forgotten_post(tmp_path: Path, old: Path) -> None:
    """P5 (position 1, all days, score 100) has 300/300 of now 1,139/300 points."""
    made = brought(case(post_no="P5", table="posts", field="*", old_value="", new_value=""))
    made["people"] = [
        *made["people"],
        {**made["people"][0], "person_code": "N5", "name": "示例人员戊", "id_number": id_number(51)},
    ]
    made["posts"] = [*made["posts"], post(5, "U1")]
    made["attendance"] = [{"period": PERIOD, "post_no": "P5", "days_due": "66", "days_employed": "66"}]
    made["person_facts"] = [{"period": PERIOD, "post_no": "P5", "measure": "score", "value": "100"}]
    code, out = corrected(tmp_path, old, made)
    assert code == 0
    found = deltas(out)
    assert found["P5"] == "2396.84"  # 910,000 × 300/1,139 = 239,683.93
    assert sum(int(one.replace(".", "")) for one in found.values()) == 0


def test_a_correction_of_a_correction(tmp_path: Path, old: Path) -> None:
    _, first = corrected(tmp_path, old, brought(case()), "first")
    code, second = corrected(tmp_path, first, brought(case("2", old_value="90", new_value="80")), "second")
    assert code == 0
    assert deltas(second) == {"P1": "121.32", "P2": "102.97", "P3": "-224.29"}
    assert cli.main(["pay", "verify", str(second)]) == 0


def test_sheets_of_a_correction_of_a_correction(tmp_path: Path, old: Path) -> None:
    _, first = corrected(tmp_path, old, brought(case()), "first")
    _, second = corrected(tmp_path, first, brought(case("2", old_value="90", new_value="80")), "second")
    people = str(tmp_path / "given-second" / "people")
    assert cli.main(["pay", "public", str(second), "--people", people, "--out", str(tmp_path / "public.xlsx")]) == 0


def test_what_a_correction_could_not_pay_is_completed(tmp_path: Path, old: Path) -> None:
    """N3's payer told nothing until later: the same 224.29."""
    made = brought(case())
    without = {**made, "tax_cumulative": [one for one in made["tax_cumulative"] if one["person_code"] != "N3"]}
    _, first = corrected(tmp_path, old, without, "first")
    assert rows_of(first, "batches") == []
    _, people = write(tmp_path / "late", made)
    assert cli.main(["pay", "complete", str(first), str(people), "--out", str(tmp_path / "rest")]) == 0
    assert [(row["person_code"], row["amount"]) for row in rows_of(tmp_path / "rest", "batches")] == [("N3", "224.29")]
    assert cli.main(["pay", "verify", str(tmp_path / "rest")]) == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"old_value": "81"}, "PAY-CASE-OLD"),
        ({"document": ""}, "PAY-CASE-DOCUMENT"),
        ({"post_no": "P9"}, "PAY-CASE-OLD"),
        ({"table": "people"}, "PAY-CASE-TABLE"),
        ({"new_value": "九十"}, "PAY-CASE-VALUE"),
        ({"new_value": "-90"}, "PAY-CASE-VALUE"),
        ({"field": "scores", "old_value": ""}, "PAY-CASE-FIELD"),
        ({"table": "attendance", "field": "days_employed", "old_value": "66", "new_value": "200"}, "PAY-ATT-RANGE"),
        ({"table": "attendance", "field": "days_due", "old_value": "66", "new_value": "0"}, "PAY-ATT-RANGE"),
        ({"table": "attendance", "field": "days_due", "old_value": "", "post_no": "P9"}, "PAY-CASE-OLD"),
        ({"table": "holds", "field": "multiplier", "old_value": "", "new_value": "1.5"}, "RANGE"),
        (
            {"post_no": "P2", "table": "leave", "field": "kind", "old_value": "病假", "new_value": "公假"},
            "PAY-LEAVE-KIND",
        ),
        ({"table": "posts", "field": "share", "old_value": "1", "new_value": "2"}, "PAY-SHARE-SUM"),
        ({"table": "posts", "field": "role", "old_value": "member", "new_value": "chief"}, "PAY-CASE-VALUE"),
        ({"table": "posts", "field": "role", "old_value": "member", "new_value": "head"}, "PAY-HEAD-SHARES"),
        ({"table": "posts", "field": "to", "old_value": "", "new_value": "2010-01-01"}, "PAY-POST-DATES"),
        (
            {"post_no": "P1", "table": "earmarks", "field": "quantity", "old_value": "3", "new_value": "9"},
            "PAY-EARMARK-MAX",
        ),
        (
            {"post_no": "P1", "table": "earmarks", "field": "item", "old_value": "gp", "new_value": "xx"},
            "PAY-CASE-VALUE",
        ),
    ],
)
def test_cases_that_are_refused(
    tmp_path: Path, old: Path, change: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert corrected(tmp_path, old, brought(case(**change)))[0] == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def months_of_an_allowance(tmp_path: Path, first: str, then: str) -> tuple[int, int]:
    """Exit codes of a payment with so many months of an allowance of 3,000.00, and of the case that has others."""
    made, plan = tables(), PLAN.replace('max: "3"', 'max: "99"').replace("300.00", "3000.00")
    made["earmarks"][0]["quantity"] = first
    given, people = write(tmp_path / "given", made, plan)
    asked = ["--period", PERIOD, "--month", MONTH, "--first", "--out", str(tmp_path / "old")]
    paid = cli.main(["pay", "run", str(given), str(people), *asked])
    other = {"post_no": "P1", "table": "earmarks", "field": "quantity", "old_value": first, "new_value": then}
    _, people = write(tmp_path / "cases", brought(case(**other)), plan)
    asked = ["--period", PERIOD, "--month", LATER, "--before", str(tmp_path / "old"), "--out", str(tmp_path / "new")]
    return paid, cli.main(["pay", "run", str(given), str(people), *asked])


def test_an_institution_that_a_case_leaves_undivided_keeps_what_it_had(tmp_path: Path) -> None:
    """Ten times the allowance is more than U1 has: nothing of U1 is taken back, and the exit code says it."""
    assert months_of_an_allowance(tmp_path, "1", "4") == (0, 3)
    assert deltas(tmp_path / "new") == {}


def test_an_institution_that_a_case_makes_divisible_is_paid_under_its_approval(tmp_path: Path) -> None:
    """Ten months of an allowance of 3,000.00 is more than U1 has; it was one: 10,000.00 of the 20,000.00 approved."""
    assert months_of_an_allowance(tmp_path, "10", "1") == (3, 0)
    assert {(row["unit_code"], row["left"]) for row in rows_of(tmp_path / "new", "quota") if not row["pool"]} == {
        ("U1", "10000.00"),
        ("U2", "15000.00"),
    }
    assert cli.main(["pay", "verify", str(tmp_path / "new")]) == 0


def test_a_hold_and_its_reverse(tmp_path: Path, old: Path) -> None:
    """What a case put in, the next takes out: the row is gone again."""
    held = {"table": "holds", "field": "multiplier"}
    first, second = ({"old_value": "", "new_value": "0.5"}, {"old_value": "0.5", "new_value": ""})
    code, out = corrected(tmp_path, old, brought(case("1", **held, **first), case("2", **held, **second)))
    assert code == 0
    sums: dict[str, int] = {}
    for row in rows_of(out, "lines"):
        sums[row["post_no"]] = sums.get(row["post_no"], 0) + int(row["amount"].replace(".", ""))
    assert sums.keys() == {"P1", "P2", "P3"}
    assert set(sums.values()) == {0}


def test_forgotten_leave(tmp_path: Path, old: Path) -> None:
    """11 of P3's 66 days, each counted half: 240 → 220 of Σ 819/300; 910,000 × 220/819 = 244,444.44."""
    leave = [{"period": PERIOD, "post_no": "P3", "kind": "病假", "days": "11", "document": "示例假〔2026〕9号"}]
    of = {"table": "leave", "field": "days", "old_value": "", "new_value": "11"}
    code, out = corrected(tmp_path, old, brought(case(**of), leave=leave))
    assert code == 0
    assert deltas(out)["P3"] == "-158.66"


def test_a_row_that_no_case_names(tmp_path: Path, old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = [{"period": PERIOD, "post_no": "P1", "measure": "score", "value": "95"}]
    assert corrected(tmp_path, old, brought(case(), person_facts=facts))[0] == 2
    assert "PAY-CASE-NONE" in capsys.readouterr().err


def test_a_unit_s_case(tmp_path: Path, old: Path) -> None:
    """U2 should have had 100.00 of U1's: 10,000 → 9,900, 5,000 → 5,100."""
    amounts = [
        {"period": PERIOD, "unit_code": unit, "pool": "bonus", "amount": amount, "document": "示例财社〔2026〕9号"}
        for unit, amount in (("U1", "9900.00"), ("U2", "5100.00"))
    ]
    made = brought(case(level="unit", post_no="", table="", field="", old_value="", new_value=""), pay_amounts=amounts)
    code, out = corrected(tmp_path, old, made)
    assert code == 0
    assert {row["unit_code"]: (row["amount"], row["shared"]) for row in rows_of(out, "units")} == {
        "U1": ("-100.00", "-100.00"), "U2": ("100.00", "100.00"),
    }  # fmt: skip
    assert deltas(out)["P4"] == "100.00"
    assert cli.main(["pay", "verify", str(out)]) == 0


def test_the_money_of_a_unit_s_case_is_the_same(tmp_path: Path, old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    amounts = [
        {"period": PERIOD, "unit_code": "U1", "pool": "bonus", "amount": "9900.00", "document": "示例财社〔2026〕9号"}
    ]
    made = brought(case(level="unit", post_no="", table="", field="", old_value="", new_value=""), pay_amounts=amounts)
    assert corrected(tmp_path, old, made)[0] == 2
    assert "PAY-CASE-SUM" in capsys.readouterr().err


def test_money_that_one_institution_cannot_give_no_other_gets(tmp_path: Path, old: Path) -> None:
    """N1's allowance is 900.00, more than the 800.00 that U1 would be left with: U2 keeps its 5,000.00 too.

    What a case after it divides anew is what U1 has: P3's points as in `test_the_same_money_divided_anew`.
    """
    amounts = [
        {"period": PERIOD, "unit_code": unit, "pool": "bonus", "amount": amount, "document": "示例财社〔2026〕9号"}
        for unit, amount in (("U1", "800.00"), ("U2", "14200.00"))
    ]
    unit = case(level="unit", post_no="", table="", field="", old_value="", new_value="")
    code, out = corrected(tmp_path, old, brought(unit, case("2"), pay_amounts=amounts))
    assert code == 3
    assert deltas(out) == {"P1": "-121.32", "P2": "-102.97", "P3": "224.29"}
    assert {row["unit_code"]: row["amount"] for row in rows_of(out, "units")} == {"U1": "0.00"}
    assert cli.main(["pay", "verify", str(out)]) == 0


def test_a_case_touches_no_other_institution(tmp_path: Path, old: Path) -> None:
    """P3 of U1 and P4 of U2, who is alone there: his points change and his pay does not."""
    other = case("2", unit_code="U2", post_no="P4", old_value="100", new_value="60")
    code, out = corrected(tmp_path, old, brought(case(), other))
    assert code == 0
    assert deltas(out) == {"P1": "-121.32", "P2": "-102.97", "P3": "224.29"}
