"""Pages of the demo's report.xlsx as PNG in docs/images: `make images`, after `make demo`.

Needs LibreOffice Calc, poppler-utils and fonts-noto-cjk (apt.txt). The Chinese fonts that report.xlsx names belong to
Windows; here Noto CJK stands in for them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

from engine.pay.exports.budget import read_budget
from engine.pay.exports.sheets.book import sheet_book
from tests.engine.pay.exports.making import paid, whose

ROOT = Path(__file__).resolve().parent.parent
RUNS = ROOT / "out"
IMAGES = ROOT / "docs" / "images"
FIRST = "county-2026Q3"  # the run shown wherever it has the sheet
DPI, PAY_DPI = 80, 60  # a full page of persons is larger
LARGEST = 200 * 1024  # bytes of one image
# what to show: a sheet's name begins with it; FIRST goes before the other runs
SHEETS = {
    "cover": "封面",
    "totals": "总分与等次-成员",
    "scores": "得分明细",
    "pool": "资金池计算",
    "allocation": "分配表-季度",
    "permits": "两个允许",
    "relief": "放宽测算",
    "charts": "图表",
}
PAY_SHEETS = {
    "wages": "绩效工资发放表-T13",
    "labour": "劳务费发放表",
    "corrections": "补发扣回表",
    "division": "分配表",
    "approval": "资金拨付审批表",
}
"""Of the workbooks of `pay sheet` in out, of a payment and of its correction."""
BY_HAND = "示例-劳务费发放表.xlsx"  # nobody of the demo's quarter is paid as labour: of the tests' payment made by hand
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include>/etc/fonts/fonts.conf</include>
{aliases}</fontconfig>
"""
ALIAS = (
    '<match target="pattern"><test name="family"><string>{name}</string></test>'
    '<edit name="family" mode="assign" binding="strong"><string>{font}</string></edit></match>\n'
)
STAND_INS = {"宋体": "Noto Serif CJK SC", "黑体": "Noto Sans CJK SC"}


def main() -> None:
    """Write the images; say on standard error what is missing and exit with 1 if they cannot be made."""
    lacking = [tool for tool in ("soffice", "pdftoppm") if shutil.which(tool) is None]
    reports = sorted(RUNS.glob("*/report.xlsx"), key=lambda one: (one.parent.name != FIRST, one))
    if lacking or not reports:
        sys.exit(f"缺少 {', '.join(lacking)}, 见 apt.txt" if lacking else "先运行 make demo, 再运行 make images")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        environment = _fonts(work)
        for name, beginning in SHEETS.items():
            report = next((one for one in reports if _sheet(one, beginning)), None)
            if report is None:
                continue
            pdf = _pdf(report, _sheet(report, beginning), work, environment)
            _png(pdf, IMAGES / f"report-{name}.png")
        (RUNS / BY_HAND).write_bytes(sheet_book(paid(), whose(), read_budget()))
        books = sorted(RUNS.glob("*发放表*.xlsx"))
        for name, beginning in PAY_SHEETS.items():
            if book := next((one for one in books if _sheet(one, beginning)), None):
                _png(_pdf(book, _sheet(book, beginning), work, environment), IMAGES / f"pay-{name}.png", PAY_DPI)


def _sheet(report: Path, beginning: str) -> str:
    book = openpyxl.load_workbook(report, read_only=True)
    try:
        return next((name for name in book.sheetnames if name.startswith(beginning)), "")
    finally:
        book.close()


def _fonts(work: Path) -> dict[str, str]:
    """The environment in which Noto CJK stands in for the fonts of Windows."""
    aliases = "".join(ALIAS.format(name=name, font=font) for name, font in STAND_INS.items())
    (work / "fonts.conf").write_text(FONTS.format(aliases=aliases), encoding="utf-8")
    return os.environ | {"FONTCONFIG_FILE": str(work / "fonts.conf")}


def _pdf(report: Path, sheet: str, work: Path, environment: dict[str, str]) -> tuple[Path, int]:
    """The whole report as PDF (made once), and the page on which `sheet` begins."""
    pdf = work / _folder(report) / report.stem / f"{report.stem}.pdf"
    if not pdf.exists():
        pdf.parent.mkdir(parents=True)
        command = [
            "soffice",
            f"-env:UserInstallation=file://{work}/profile",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(pdf.parent),
            str(report),
        ]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    book = openpyxl.load_workbook(report)
    page = 1
    for one in book.worksheets:
        if one.title == sheet:
            break
        page += 1 + len(one.row_breaks.brk)
    return pdf, page


def _folder(report: Path) -> str:
    """A folder name for a report."""
    return report.parent.relative_to(RUNS).as_posix().replace("/", "-")


def _png(place: tuple[Path, int], image: Path, dpi: int = DPI) -> None:
    pdf, page = place
    command = [
        "pdftoppm",
        "-r",
        str(dpi),
        "-png",
        "-singlefile",
        "-f",
        str(page),
        "-l",
        str(page),
        str(pdf),
        str(image.with_suffix("")),
    ]
    subprocess.run(command, check=True)
    if image.stat().st_size > LARGEST:
        sys.exit(f"{image.name} 超过 {LARGEST // 1024} kB")


if __name__ == "__main__":
    main()
