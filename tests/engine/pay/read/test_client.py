"""The tax client's own list in the place of 个税累计表: the month before, this month, sums, other kinds of income."""

from __future__ import annotations

import pytest

from domain.problems import InputProblems
from tests.engine.pay.read.making import CLEAN
from tests.sheets import write_xlsx

HEADING = [
    "工号", "姓名", "证件号码", "税款所属期起", "税款所属期止", "所得项目", "本期收入", "累计收入额", "累计免税收入",
    "累计减除费用", "累计专项扣除", "累计子女教育支出扣除", "累计赡养老人支出扣除", "累计其他扣除", "累计减免税额",
    "税率", "累计已预缴税额", "累计应补(退)税额", "备注", "发放单位", "减除费用办法", "任职受雇日期",
]  # fmt: skip


def listed(until, *rows):
    """The client's list; a row: person, kind, income, special, two of additional, paid before, paid now."""
    made = [["综合所得预扣预缴表"], HEADING]
    for person, kind, income, special, one, two, before, now in rows:
        made.append(
            [person, "张三", "11010519491231002X", until.replace("30", "01"), until, kind, "9000.00", income, "",
             "45000.00", special, one, two, "", "", "0.03", before, now, "", "T01", "标准", "2020-01-01"]
        )  # fmt: skip
    return {**CLEAN, "个税累计表": CLEAN["个税累计表"][:1], "税款计算": made, "说明": [["x"]]}


ROWS = (
    ("N01", "正常工资薪金", "81000.00", "12150.00", "9000.00", "1500.00", "350.00", "50.50"),
    ("N01", "全年一次性奖金", "20000.00", "", "", "", "", "600.00"),
    ("合计", "", "101000.00", "", "", "", "", ""),
)


def test_a_list_of_the_month_before(load, tmp_path):
    row = load(write_xlsx(listed("2026-09-30", *ROWS), tmp_path / "a.xlsx")).people["tax_cumulative"]
    assert len(row) == 1
    # 9,000.00 + 1,500.00; 350.00 + 50.50: all of it before October
    assert row.iloc[0][
        [
            "month",
            "payer",
            "person_code",
            "basic",
            "income",
            "special",
            "additional",
            "withheld_before",
            "withheld_month",
        ]
    ].tolist() == ["2026-10", "T01", "N01", "standard", 8100000, 1215000, 1050000, 40050, 0]
    assert row["source"].iloc[0] == "a.xlsx 税款计算!H3"


def test_a_list_of_this_month(load, tmp_path):
    """81,000 − 12,150 − 10,500 − 50,000 = 8,350 × 3% = 250.50: 200.00 up to September, 50.50 in October."""
    paid = ("N01", "正常工资薪金", "81000.00", "12150.00", "9000.00", "1500.00", "200.00", "50.50")
    row = load(write_xlsx(listed("2026-10-31", paid), tmp_path / "a.xlsx")).people["tax_cumulative"]
    assert row[["withheld_before", "withheld_month"]].to_numpy().tolist() == [[20000, 5050]]


def test_another_month_and_bad_amounts_are_refused_at_their_cells(load, tmp_path):
    bad = ("N02", "正常工资薪金", "1.00", "x", "", "1.001", "0.00", "0.00")
    with pytest.raises(InputProblems) as refused:
        load(write_xlsx(listed("2026-08-30", ROWS[0], bad), tmp_path / "a.xlsx"))
    found = [(one.where.removeprefix("a.xlsx 税款计算!"), one.code) for one in refused.value.problems]
    assert found == [("E3", "TAX-MONTH"), ("E4", "TAX-MONTH"), ("K4", "MONEY"), ("M4", "MONEY-DECIMALS")]
