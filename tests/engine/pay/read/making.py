"""A plan's pay and the tables of four people, in the forms in which they are handed in."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import xlsxwriter

from domain.pay import Pay
from domain.period import Period

Sheets = dict[str, list[list[Any]]]
PERIOD = Period.parse("2026Q3")
MONTH = "2026-10"

PAY = Pay.model_validate(
    {
        "source": "local",
        "labour_staffing": ["返聘", "外聘"],
        "leave": [{"kind": "病假", "counts": "0.5"}, {"kind": "产假", "counts": "1"}, {"kind": "事假", "counts": "0"}],
        "items": [
            {"id": "gp", "title": "全科医生津贴", "rate": "1200.00", "per": "月", "in_total": "yes", "tax": "wages",
             "max": "3", "across": "person"},
            {"id": "posting", "title": "派驻补助", "rate": "80.00", "per": "天", "in_total": "no", "tax": "wages",
             "max": "66", "across": "person"},
            {"id": "night", "title": "夜班费", "rate": "50.00", "per": "次", "in_total": "yes", "tax": "wages",
             "max": "20", "across": "post"},
            {"id": "loose", "title": "没有资金池的专项", "rate": "1.00", "per": "次", "in_total": "yes", "tax": "wages",
             "max": "1", "across": "post"},
        ],
        "pools": {
            "performance": {
                "in_total": "yes",
                "items": ["gp", "posting", "night"],
                "teams": {"weight": ["coefficient", "score", "size"]},
                "points": ["position", "time", "score", "hold"],
                "caps": [{"amount": "20000.00", "time": True}],
            },
            "signing-staff": {"points": ["签约人月", "履约率"], "who": "rows", "labour": True, "in_total": "no"},
            "head-pay": {"points": ["position"], "who": "head", "in_total": "no", "caps": [{"amount": "90000.00"}]},
        },
        "second_post": {"max_time": "1.5"},
        "tax": {"mode": "cumulative"},
    }
)  # fmt: skip

CLEAN: Sheets = {
    "人员表": [
        ["人员编号", "姓名", "证件类型", "证件号码", "备注"],
        ["N01", "赵一", "居民身份证", "11010519491231002X", ""],
        ["N02", "钱二", "居民身份证", "440524188001010014", ""],
        ["N03", "孙三", "护照", "E12345678", ""],
        ["N04", "李四", "居民身份证", "110101199003070417", ""],
    ],
    "任职表": [
        ["任职编号", "人员编号", "用人单位", "编制单位", "发放单位", "科室/团队", "角色", "编制性质", "岗位类别",
         "岗位等级", "岗位系数", "工作占比", "起", "止", "计税项目", "依据"],
        ["P01", "N01", "T01", "T01", "T01", "内科", "职工", "在编", "专技", "中级", 1.2, 1, "2020-01-01", "",
         "工资薪金", ""],
        ["P02", "N02", "T01", "T01", "T01", "内科", "职工", "合同", "专技", "初级", "1.0", 1, "2026.7.1", "20260831",
         "工资薪金", ""],
        ["P03", "N03", "T01", "T01", "T01", "全科", "派驻", "在编", "专技", "副高", 1.5, "0.5", dt.date(2026, 7, 1), "",
         "工资薪金", ""],
        ["P04", "N04", "T01", "T01", "T01", "内科", "负责人", "在编", "管理", "", 2, 1, "2024-01-01", "",
         "工资薪金", ""],
        ["P05", "N03", "T02", "T01", "T01", "全科", "职工", "返聘", "专技", "", 1, 0.5, "2026-07-01", "", "劳务报酬",
         "院办〔2026〕7号"],
    ],
    "出勤表": [
        ["期间", "任职编号", "应出勤天数", "任职期内应出勤天数"],
        ["2026Q3", "P01", 66, 66],
        ["2026Q3", "P02", 66, 43.5],
        ["2026Q3", "P03", 66, 66],
    ],
    "假期表": [
        ["期间", "任职编号", "假别", "天数", "依据"],
        ["2026Q3", "P01", "病假", 3, "假条1"],
        ["2026Q3", "P02", "事假", 1.5, ""],
    ],
    "个人考核表": [
        ["期间", "任职编号", "姓名", "考核得分", "签约人月", "履约率"],
        ["2026Q3", "P01", "赵一", 95, 1200, "0.95"],
        ["2026Q3", "P02", "钱二", "９０．５", "", ""],
        ["2026Q3", "P03", "孙三", 88, "", ""],
        ["2026Q3", "P05", "孙三", "", 300, 1],
    ],
    "科室考核表": [
        ["期间", "单位代码", "科室", "科室系数", "考核得分"],
        ["2026Q3", "T01", "内科", 1.1, 96],
        ["2026Q3", "T01", "全科", 1, 93],
    ],
    "专项表": [
        ["期间", "任职编号", "专项", "起", "数量", "止", "依据"],
        ["2026Q3", "P01", "全科医生津贴", "2026-07-01", 3, "2026-09-30", "卫健〔2026〕1号"],
        ["2026Q3", "P03", "posting", "2026-07-01", 20, "2026-07-31", ""],
        ["2026Q3", "P03", "posting", "2026-08-01", 20, "", ""],
    ],
    "停减发表": [
        ["期间", "任职编号", "发放系数", "原因", "依据"],
        ["2026Q3", "P02", 0.5, "年度考核", "院人〔2026〕2号"],
    ],
    "机构发放额": [
        ["期间", "单位代码", "资金池", "金额", "指标文号"],
        ["2026Q3", "T01", "performance", 300000, "财社〔2026〕9号"],
        ["2026Q3", "T01", "signing-staff", "12,000.50", ""],
        ["2026Q3", "T02", "signing-staff", 3000, ""],
        ["2026Q3", "T01", "head-pay", 50000, ""],
    ],
    "个税累计表": [
        ["月份", "发放单位", "人员编号", "减除费用办法", "任职受雇日期", "离职日期", "累计收入", "累计免税收入",
         "累计专项扣除", "累计专项附加扣除", "累计其他扣除", "累计减免税额", "上月止已预扣", "本月已预扣"],
        ["2026-10", "T01", "N01", "标准", "2020-01-01", "", 90000, 0, 13500, 9000, "", "", "525.00", ""],
        ["2026年10月", "T01", "N02", "首次就业", "2026-07-01", "", 20000, 0, 3000, 0, 0, 0, 0, 0],
        ["202610", "T01", "N04", "全年60000", "2010-01-01", "", 50000, 0, 7500, 0, 0, 0, 0, 0],
    ],
    "代扣表": [["月份", "发放单位", "人员编号", "扣款项目", "金额"], ["2026-10", "T01", "N01", "公积金", 1200]],
    "递延余额表": [["计提年度", "单位代码", "人员编号", "资金池", "余额"], ["2025", "T01", "N01", "performance", 800]],
    "账户表": [
        ["人员编号", "开户银行", "开户网点", "联行号", "账号", "户名", "备注"],
        ["N01", "农信", "城关分社", "402100000018", "6222020200112230006", "赵一", ""],
    ],
    "更正表": [
        ["更正编号", "更正层级", "期间", "资金池", "单位代码", "任职编号", "更正的表", "更正的栏", "原值", "新值",
         "依据", "决定日期", "资金办法"],
        ["C1", "个人", "2026Q3", "performance", "T01", "P01", "person_facts", "score", 90, "95.0", "复核1",
         "2026-10-20", "备用金: 准备金"],
    ],
    "备用金表": [["备用金", "单位代码", "期初余额", "依据"], ["准备金", "T01", 5000, ""]],
    "下期应发": [["月份", "单位代码", "人员编号", "应发"], ["2026-11", "T01", "N01", 6000]],
    "资金表": [
        ["期间", "单位代码", "项目", "金额", "文号"],
        ["2026", "T01", "quota_approved", 2000000, "人社〔2026〕12号"],
    ],
}  # fmt: skip


def put(sheets: Sheets, cell: str, value: Any) -> None:
    """Set "任职表!D3", growing the sheet where needed."""
    name, _, place = cell.partition("!")
    letter, row = place[0], int(place[1:]) - 1
    rows = sheets[name]
    rows += [[] for _ in range(row + 1 - len(rows))]
    rows[row] += [""] * (ord(letter) - 64 - len(rows[row]))
    rows[row][ord(letter) - 65] = value


def write_xlsx(sheets: Sheets, path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False, "strings_to_formulas": False})
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, line in enumerate(rows):
            for column, value in enumerate(line):
                if isinstance(value, dt.date):
                    sheet.write_datetime(row, column, value, dates)
                elif isinstance(value, dict):
                    sheet.merge_range(row, column, row + value["down"] - 1, column + value["right"] - 1, value["text"])
                elif value != "":
                    sheet.write(row, column, value)
    book.close()
    return path


def write_csv(sheets: Sheets, folder: Path, encoding: str) -> Path:
    folder.mkdir()
    for name, rows in sheets.items():
        with (folder / f"{name}.csv").open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(rows)
    return folder
