"""Payslips: which line is paid with which tax, by whom, out of what; and what stops a payment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import ruamel.yaml

from domain.problems import InputProblems, Problems
from engine.pay.slips import slips
from engine.pay.tax.cumulative import check_cumulative
from engine.pay.tax.tables import tax_tables
from engine.run.say import Speaker
from tests.engine.pay.slipping import MONTH, checked, lines, pay, people, said, slipped, table

SPEC = ruamel.yaml.YAML(typ="safe").load(Path(__file__).parents[2] / "spec" / "pay" / "slips.yaml")


@pytest.mark.parametrize("case", SPEC["cases"], ids=lambda case: case["name"])
def test_what_is_paid(case: dict[str, Any]) -> None:
    made = slipped(case)
    found = {
        name: {column: said(getattr(made, name), column) for column in wanted}
        for name, wanted in case["expect"].items()
    }
    assert found == case["expect"]
    checks = checked(case, made)
    assert set(checks["difference"]) <= {0}
    assert {"lines_payslip", "payslips_batches"} <= set(checks["check"])
    blank = made.payslips[~made.payslips["status"].isin(["ok", "no_payment"])]
    assert list(checks.loc[checks["check"] == "payslips_blank", "left"]) == list(blank["payable"])


@pytest.mark.parametrize("case", SPEC["wrong"], ids=lambda case: case["name"])
def test_what_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(InputProblems) as refused:
        slipped(case)
    assert [(one.where, one.code) for one in refused.value.problems] == [
        (at, "PAY-NET-NEGATIVE") for at in case["problems"]
    ]


def case(name: str) -> dict[str, Any]:
    return next(one for one in SPEC["cases"] if one["name"].startswith(name))


def test_the_stories_are_told() -> None:
    made = slipped(case("this month's earlier"))
    told = {step.place.line: Speaker().told(step) for step in made.steps}
    assert told["wages-tax"]["result"] == "580.00"
    assert told["wages-tax"]["numbers"]["本月此前已预扣"] == "300.00"
    assert told["wages-tax"]["numbers"]["税率 (%)"] == "10"
    assert told["wages-tax"]["cells"] == ["tax_cumulative!1"]
    assert "2018年第61号" in told["wages-tax"]["cites"][0]
    assert told["wages-net"]["title"] == "2026-10 实发 (U01 发放, 工资薪金)"
    assert told["wages-net"]["result"] == "9420.00"
    labour = slipped(case("labour beside"))
    assert len({step.key for step in labour.steps}) == len(labour.steps) == 6


def test_who_waits_is_told_and_why() -> None:
    stated = case("no figures")
    made = slipped(stated | {"deductions": [{"person_code": "X", "amount": "1.00"}]})
    warnings = {one.code: Speaker().warning(one) for one in made.warnings}
    assert set(warnings) == {"TAX-NO-DATA", "TAX-OTHER-PAYER", "TAX-RESIDENCE", "PAY-DEDUCTION-UNUSED"}
    assert "1 笔" in warnings["TAX-NO-DATA"]
    assert "A" in warnings["TAX-NO-DATA"]
    notes = [note for step in made.steps for note in Speaker().told(step)["notes"]]
    assert any("居民身份证" in note for note in notes)


def test_batches_of_other_content_have_other_numbers() -> None:
    stated = case("labour beside")
    made, again = slipped(stated).batches, slipped(stated).batches
    pd.testing.assert_frame_equal(made, again)
    assert made["batch_no"].str.startswith(("202610-U01-L01-", "202610-U01-W01-")).all()
    more = [{**line, "amount": "4001.00"} if line["amount"] == "4000.00" else line for line in stated["lines"]]
    other = slipped(stated | {"lines": more}).batches
    assert set(other["batch_no"]) & set(made["batch_no"]) == set(made.loc[made["kind"] == "wages", "batch_no"])


def test_the_figures_are_checked_at_their_cells() -> None:
    rows = table(
        "tax_cumulative",
        [
            {"person_code": "A", "income": "80000.00", "withheld_before": "600.00", "withheld_month": "300.00"},
            {"person_code": "B", "income": "80000.00", "withheld_before": "600.00", "withheld_month": "299.99"},
            {"person_code": "C", "income": "80000.00", "withheld_before": "600.00", "withheld_month": None},
            {"person_code": "D", "month": "2026-09", "income": "1.00"},
            {"person_code": "E", "income": "80000.00"},
        ],
    )
    rows["withheld_month_at"] = [f"w{at}" for at in range(5)]
    rows["month_at"] = [f"m{at}" for at in range(5)]
    problems = Problems()
    check_cumulative(rows, MONTH, problems, residents={"A", "B", "C", "D"})
    assert [(one.where, one.code) for one in problems.found] == [
        ("m3", "TAX-MONTH"),
        ("w1", "TAX-WITHHELD"),
        ("w2", "TAX-WITHHELD"),
    ]
    rows.loc[0, "basic"] = "first_job"  # of its figures nothing more is said; of the others' what is wrong with them
    rows["basic_at"] = [f"b{at}" for at in range(5)]
    problems = Problems()
    check_cumulative(rows, MONTH, problems, residents={"A", "B"})
    assert [(one.where, one.code) for one in problems.found] == [
        ("m3", "TAX-MONTH"),
        ("b0", "TAX-METHOD"),
        ("w1", "TAX-WITHHELD"),
    ]


def test_nobody_is_paid_without_lines() -> None:
    made = slipped({"lines": []})
    assert made.payslips.empty
    assert made.batches.empty


def test_a_month_before_cumulative_withholding_is_refused() -> None:
    with pytest.raises(InputProblems) as refused:
        slips(pay(), people(), lines([]), "2018-12", tax_tables())
    assert [(one.where, one.code) for one in refused.value.problems] == [("--month", "TAX-MONTH")]
