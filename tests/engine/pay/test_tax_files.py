"""A list of payments as a file: both languages, encodings and kinds of file; what is wrong, at its cell."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import xlsxwriter

from api.cli import main
from domain.problems import InputProblems
from engine.pay.tax.listing import tax_of_list

ENGLISH = "payer,person_code,month,seq,kind,income,special,additional,basic,employed_from"
CHINESE = (
    "发放单位,人员编号,姓名,月份,第几次,类别,本次收入(元),专项扣除,专项附加扣除,减除费用办法,任职受雇日期,计税方式"
)


def written(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def taxes(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [row["tax"] for row in csv.DictReader(file)]


def test_the_command_writes_the_published_example(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = (f"U01,P01,2026-{month:02d},1,wages,30000,4500,2000,standard,2020-01-01" for month in range(1, 13))
    given, out = written(tmp_path / "PAYMENTS.csv", ENGLISH, *rows), tmp_path / "TAX.csv"
    assert main(["pay", "tax", str(given), "--out", str(out)]) == 0
    assert "27480.00" in capsys.readouterr().out
    assert taxes(out) == ["555.00", "625.00", *["1850.00"] * 5, "2250.00", *["3700.00"] * 4]
    with out.open(encoding="utf-8", newline="") as file:
        line = list(csv.DictReader(file))[1]
    assert line == {
        "payer": "U01", "person_code": "P01", "month": "2026-02", "seq": "1", "kind": "wages", "income": "30000.00",
        "cumulative_income": "60000.00", "basic_deduction": "10000.00", "taxable": "37000.00", "rate": "10",
        "quick_deduction": "2520.00", "cumulative_tax": "1180.00", "withheld_before": "555.00", "tax": "625.00",
        "carried": "0.00", "status": "ok",
    }  # fmt: skip
    assert main(["pay", "tax", str(given), "--out", str(out), "--json"]) == 0  # over its own result
    assert '"lines": 12' in capsys.readouterr().out


def test_chinese_headings_and_words_in_gb18030(tmp_path: Path) -> None:
    given = written(
        tmp_path / "十月.csv",
        "某县中心卫生院发放清单",
        CHINESE,
        'U01,P01,张三,2026年9月,0,期初,"90,000.00",,,,,',
        "U01,P01,张三,2026年10月,1,工资薪金,１００００,,,标准,2020.1.1,",
        "U01,P01,张三,202610,2,年终奖,36000.00,,,,,单独计税",
        "U01,P02,李四,2026-10,1,劳务报酬,4000.01,,,,,",
        "合计,,,,,,140000.01,,,,,",
        encoding="gb18030",
    )
    out = tmp_path / "TAX.csv"
    made = tax_of_list(given, out)
    # 100,000 − 50,000 = 50,000 × 10% − 2,520 = 2,480; 36,000 × 3%; 3,200.01 × 20%
    assert taxes(out) == ["2480.00", "1080.00", "640.00"]
    assert (made.lines, made.income, made.tax) == (3, 5000001, 420000)


def test_a_workbook_in_wan_yuan(tmp_path: Path) -> None:
    path = tmp_path / "清单.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("发放清单")
        for at, row in enumerate(
            [ENGLISH.replace("income", "收入(万元)").split(","), ["U01", "P01", "2026-10", 1, "labour", 0.4]]
        ):
            sheet.write_row(at, 0, row)
    tax_of_list(path, tmp_path / "TAX.csv")
    assert taxes(tmp_path / "TAX.csv") == ["640.00"]


def test_everything_wrong_is_told_at_its_cell(tmp_path: Path) -> None:
    given = written(
        tmp_path / "PAYMENTS.csv",
        f"{ENGLISH},elect,withheld",
        "U01,P01,2026Q3,1,wages,100,,,standard,2020-01-01,,",
        "U01,P02,2026-13,1,wages,100,,,standard,2020-01-01,,",
        "U01,P03,2026-01,1,wages,,,,standard,2020-01-01,,",
        "U01,P04,2026-01,x,wages,1.001,,,standard,2020-01-01,,",
        "U01,P05,2026-01,1,bonus,100,,,standard,2020-01-01,,",
        "U01,P06,2026-01,1,annual_bonus,100,,,,,,",
        "U01,P07,2028-01,1,annual_bonus,100,,,,,separate,",
        "U01,P08,2026-01,1,annual_bonus,100,,,,,separate,",
        "U02,P08,2026-02,1,annual_bonus,100,,,,,单独计税,",
        "U01,P09,2026-01,1,wages,100,,,first_job,2020-01-01,,",
        "U01,P10,2026-01,1,wages,100,,,annual_60000,2025-06-01,,",
        "U01,P11,2026-01,1,wages,100,,,standard,2020-01-01,,5",
        "U01,P12,2026-01,1,wages,100,,,standard,2020-01-01,,",
        "U01,P12,2026-01,1,wages,100,,,standard,2020-01-01,,",
        "U01,P14,2026-01,,wages,100,,,standard,2020-01-01,,",
        "U/01,P13,2026-01,1,wages,100,,,standard,2020-01-01,,",
    )
    with pytest.raises(InputProblems) as refused:
        tax_of_list(given, tmp_path / "TAX.csv")
    assert [(one.where.removeprefix("PAYMENTS.csv!"), one.code) for one in refused.value.problems] == [
        ("C2", "TAX-MONTH"), ("C3", "TAX-MONTH"), ("F4", "VALUE-MISSING"), ("D5", "NUMBER"), ("F5", "MONEY-DECIMALS"),
        ("E6", "TAX-KIND"), ("K7", "TAX-ELECT"), ("K8", "TAX-BONUS-EXPIRED"), ("K10", "TAX-BONUS-TWICE"),
        ("I11", "TAX-METHOD"), ("I12", "TAX-METHOD"), ("L13", "TAX-WITHHELD"), ("D15", "DUPLICATE"),
        ("D16", "VALUE-MISSING"), ("A17", "CODE"),
    ]  # fmt: skip
    assert not (tmp_path / "TAX.csv").exists()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["payer,person_code,month,seq,kind"], "COLUMN-MISSING"),
        (["甲,乙"], "SHEET-UNKNOWN"),
        ([ENGLISH, "U01,P01,2026-01,1,wages,1,,,standard"], "VALUE-MISSING"),
        ([f"{ENGLISH},奖励", "U01,P01,2026-01,1,wages,1,,,standard,2020-01-01,5"], "COLUMN-UNKNOWN"),
    ],
)
def test_no_list_of_payments(tmp_path: Path, lines: list[str], code: str) -> None:
    with pytest.raises(InputProblems) as refused:
        tax_of_list(written(tmp_path / "a.csv", *lines), tmp_path / "TAX.csv")
    assert code in {one.code for one in refused.value.problems}


def test_a_list_without_a_payment_gives_no_line(tmp_path: Path) -> None:
    tax_of_list(written(tmp_path / "a.csv", ENGLISH), tmp_path / "TAX.csv")
    assert taxes(tmp_path / "TAX.csv") == []


def test_somebody_s_file_is_not_written_over(tmp_path: Path) -> None:
    given = written(tmp_path / "a.csv", ENGLISH)
    theirs = written(tmp_path / "b.csv", "x")
    for out, code in ((theirs, "OUT-EXISTS"), (given, "OUT-IS-INPUT"), (tmp_path / "c.xlsx", "FILE-TYPE")):
        with pytest.raises(InputProblems) as refused:
            tax_of_list(given, out)
        assert [one.code for one in refused.value.problems] == [code]
    tax_of_list(given, theirs, force=True)
    assert taxes(theirs) == []
