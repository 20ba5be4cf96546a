"""What the example places report of duties that no figure shows: days, progress and documents, all made up.

Some duties are late, some half done, most are not reported at all: the task ledger tells these apart.
"""

from __future__ import annotations

from datetime import date

from sheets import Cell, Table

from engine.policy.configs import load_configs
from engine.policy.files import read_pack

Row = tuple[str, str | None, date | None, str | None, str | None]  # entry, unit, day, progress, evidence
HEADINGS = ("条目", "事项", "单位", "完成日期", "完成情况", "佐证")
_DISTRICTS = ("D01", "D02", "D03", "D04")


def _each(entry: str, units: tuple[str, ...], days: tuple[date | None, ...], evidence: str) -> list[Row]:
    """A row per unit; one without a day is still at work."""
    return [
        (entry, unit, day, None if day else "正在办理", evidence if day else None)
        for unit, day in zip(units, days, strict=True)
    ]


ROWS: dict[str, list[Row]] = {
    "tianjin-2024": [
        ("TJ-D01", None, date(2025, 7, 15), None, "示例县推进机制工作规则"),
        ("TJ-D13", "A01", date(2025, 6, 30), None, "示例县医共体章程"),
        ("TJ-D17", "A01", date(2025, 9, 10), None, "示例县医共体内部考核办法"),
        ("TJ-D18", "A01", None, "6/7", "统一管理制度汇编（示例）, 后勤尚未统一"),
        ("TJ-D20", "A01", date(2026, 3, 20), None, "2025年度内部审计报告（示例）"),
        ("TJ-D21", "A01", date(2025, 11, 28), None, "统一用药目录（示例）"),
        ("TJ-D30", None, None, "4/5", "四个中心的设立文件（示例）, 病理中心筹建中"),
        ("TJ-D37", "A01", date(2025, 12, 10), None, "公共卫生责任清单（示例）"),
        ("TJ-D44", None, date(2025, 7, 20), None, "示例县时间表和路线图"),
        ("TJ-S08", None, date(2026, 1, 16), None, "示例县评估报告"),
    ],
    "beijing-2021": [
        *_each(
            "BJ-D01", _DISTRICTS, (date(2021, 11, 30), date(2021, 12, 10), date(2021, 12, 24), None), "签约协议（示例）"
        ),
        ("BJ-D05", None, date(2021, 12, 28), None, "人员配备方案（示例）"),
        ("BJ-D08", None, date(2021, 12, 15), None, "转岗培训合格名单（示例）"),
        *_each(
            "BJ-D09", _DISTRICTS, (date(2021, 6, 25), date(2021, 6, 28), date(2021, 9, 10), None), "区级文件（示例）"
        ),
        ("BJ-D10", None, date(2021, 9, 28), None, "号源投放记录（示例）"),
        ("BJ-D11", None, date(2021, 9, 28), None, "优先就诊流程（示例）"),
        ("BJ-D13", None, date(2021, 12, 20), None, "服务包目录（示例）"),
        ("BJ-D16", None, date(2022, 2, 18), None, "上线验收单（示例）"),
        ("BJ-D17", None, None, "3/4", "三个区的验收材料（示例）"),
        ("BJ-D19", None, date(2021, 12, 30), None, "三级考核方案（示例）"),
        *[
            ("BJ-D21", None, day, None, f"{day.year}年考核公示（示例）")
            for day in (date(2021, 12, 30), date(2022, 12, 29))
        ],
        ("BJ-D22", None, date(2021, 10, 28), None, "价格文件（示例）"),
        ("BJ-D23", None, date(2021, 10, 28), None, "医保结算设置记录（示例）"),
        *[
            ("BJ-D25", None, day, None, f"{day.month}月会商纪要（示例）")
            for day in (date(2022, 3, 22), date(2022, 6, 21), date(2022, 9, 20), date(2022, 12, 20))
        ],
        *_each(
            "BJ-D26",
            _DISTRICTS,
            (date(2021, 10, 8), date(2021, 10, 20), date(2021, 11, 3), date(2021, 12, 31)),
            "区级实施方案（示例）",
        ),
        ("BJ-D28", None, date(2021, 12, 6), None, "宣传周活动材料（示例）"),
    ],
    "hz-xiacheng-2018": [
        ("HZ-D03", None, date(2018, 12, 20), None, "一体化管理文件（示例）"),
        *_each(
            "HZ-D16",
            tuple(f"S0{at}" for at in range(1, 9)),
            (*(date(2019, 3, 5 + at) for at in range(7)), None),
            "转诊制度（示例）",
        ),
        ("HZ-D24", None, None, "互认目录已定, 影像尚未互通", "互认目录（示例）"),
        ("HZ-D26", None, date(2019, 1, 18), None, "签约团队名单（示例）"),
        ("HZ-D32", None, date(2019, 6, 28), None, "接入验收材料（示例）"),
        ("HZ-D36", None, date(2019, 2, 15), None, "三类考核方案（示例）"),
        ("HZ-D38", None, date(2018, 11, 9), None, "示例城区工作方案"),
        ("HZ-D44", None, date(2020, 3, 12), None, "2020年度预算（示例）"),
        ("HZ-D49", None, date(2020, 12, 18), None, "督导考核通报（示例）"),
    ],
    "jilin-city-2017": [
        ("JL-D01", None, date(2017, 12, 11), None, "组建文件和成员名单（示例）"),
        ("JL-D05", "AM1", date(2017, 11, 6), None, "第一医联体章程（示例）"),
        ("JL-D05", "AM2", date(2017, 11, 20), None, "第二医联体章程（示例）"),
        ("JL-D05", "AM3", None, "征求意见", None),
        ("JL-D26", None, date(2018, 4, 2), None, "绩效考核办法（示例）"),
        *_each(
            "JL-D27",
            (*_DISTRICTS, "D05"),
            (date(2017, 10, 16), date(2017, 10, 27), date(2017, 11, 8), date(2018, 1, 12), None),
            "县级实施方案（示例）",
        ),
        ("JL-D29", None, date(2018, 12, 10), None, "督导评估报告（示例）"),
        ("JL-D31", None, date(2018, 1, 26), None, "接入清单（示例）"),
        ("JL-D42", None, None, "平台建成, 处方流动试运行", "平台验收单（示例）"),
    ],
    "liaoning-2017": [
        ("LN-D02", None, date(2017, 9, 20), None, "医联体规划（示例）"),
        ("LN-D07", None, date(2017, 12, 20), None, "付费方式文件（示例）"),
        ("LN-D09", None, date(2017, 8, 30), None, "采购目录（示例）"),
        ("LN-D13", None, None, "31/44", "评估结果（示例）"),
        ("LN-D16", None, date(2017, 11, 3), None, "特岗招聘名册（示例）"),
        ("LN-D17", None, date(2017, 9, 1), None, "招生名册（示例）"),
        *_each("LN-D30", ("C1", "C2", "C4"), (date(2017, 12, 8), date(2017, 12, 22), None), "检查评估报告（示例）"),
        ("LN-D32", None, date(2018, 1, 8), None, "宣传报道（示例）"),
    ],
}


def completions(pack: str, until: date | None = None) -> Table:
    """The sheet 任务完成 of a document's example; until: leaves out what was done after that day."""
    titles = {entry.id: entry.title for entry in read_pack(load_configs(), pack).entries()}
    rows: list[tuple[Cell, ...]] = [
        (entry, titles[entry], unit, day, progress, evidence)
        for entry, unit, day, progress, evidence in ROWS[pack]
        if until is None or day is None or day <= until
    ]
    return Table("任务完成", "任务完成情况表（示例）", HEADINGS, rows)
