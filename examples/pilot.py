"""Eight pilot counties with their published figures, as printed: nothing is added, rounded or worked backwards.

Source: ChinaXiv-202207.00201, table 1 (national pilot monitoring of 2019); the counties are named as in the paper.
"""

from __future__ import annotations

from sheets import Table

SOURCE = "ChinaXiv-202207.00201 表1（2019年国家试点监测数据）"
# County: population (万); five rates in %; township hospitals: staff, income, expense (万元 per head), services.
PUBLISHED = {
    "安徽A1县": ("116.10", "86.56", "99.76", "55.95", "73.71", "13.73", "1105", "32.57", "29.62", "2198.10", "794.11"),
    "安徽A2县": ("106.70", "71.25", "96.40", "49.76", "57.74", "10.73", "1142", "28.29", "26.48", "1454.87", "763.84"),
    "江西B1市": ("136.78", "92.53", "91.41", "64.37", "87.56", "19.30", "1432", "30.23", "29.61", "2105.44", "405.94"),
    "江西B2县": ("88.60", "85.84", "92.77", "62.19", "68.22", "27.14", "1250", "25.03", "21.98", "1848.54", "305.54"),
    "广西C1县": ("26.17", "81.66", "83.72", "34.47", "65.16", "19.54", "498", "25.30", "18.26", "1064.57", "272.63"),
    "广西C2县": ("36.83", "85.06", "95.69", "62.45", "68.55", "31.67", "981", "23.56", "21.38", "1410.34", "197.94"),
    "新疆D1县": ("25.64", "90.46", "91.58", "48.98", "95.55", "23.17", "346", "26.47", "25.56", "2056.78", "242.50"),
    "新疆D2县": ("8.40", "72.82", "79.58", "44.23", "40.27", "4.24", "240", "23.40", "22.90", "787.98", "104.85"),
}
REGIONS = {"安徽": "340000", "江西": "360000", "广西": "450000", "新疆": "650000"}
RATES = (
    "县域内住院人次占比（公布值）",
    "县域内就诊率（公布值）",
    "县域内基层门急诊占比（公布值）",
    "医保基金县域内支出率（公布值）",
    "基层医保基金占比（公布值）",
)
TOWNSHIP = (
    "乡镇卫生院在岗职工（公布值）",
    "乡镇卫生院人均总收入（公布值）",
    "乡镇卫生院人均总支出（公布值）",
    "乡镇卫生院人均医疗服务量（公布值）",
    "乡镇卫生院人均公共卫生服务量（公布值）",
)


def code(name: str) -> str:
    """The code of a county: the letter and digit the paper gives it."""
    return name[2:4]


def pilot_tables() -> list[Table]:
    """The sheets of the workbook."""
    return [
        Table(
            "机构表（县域医共体）",
            "紧密型县域医共体试点县",
            ("机构代码", "机构名称", "机构层级", "举办性质", "行政区划代码", "统一社会信用代码"),
            [(code(name), name, "医共体", "公立", REGIONS[name[:2]], None) for name in PUBLISHED],
            note=f"来源：{SOURCE}。地区名称照论文原文，行政区划代码只填到省级。",
            signed=False,
        ),
        Table(
            "成员关系表",
            "成员关系表",
            ("机构代码", "医共体代码", "加入日期"),
            [],
            note=f"来源：{SOURCE}。论文只公布县级数，没有成员单位。",
            signed=False,
        ),
        Table(
            "指标表（县域）",
            "2019年县域医共体监测指标",
            ("单位代码", "单位名称", "常住人口（公布值）", *RATES, "备注"),
            [(code(name), name, row[0], *(f"{rate}%" for rate in row[1:6]), SOURCE) for name, row in PUBLISHED.items()],
            note=f"来源：{SOURCE}。公布的是百分数，没有分子分母，照原样填报。",
            signed=False,
        ),
        Table(
            "指标表（乡镇卫生院）",
            "2019年乡镇卫生院监测指标",
            ("单位代码", "单位名称", *TOWNSHIP, "备注"),
            [(code(name), name, *row[6:], SOURCE) for name, row in PUBLISHED.items()],
            note=f"来源：{SOURCE}。医疗服务量 = 诊疗人次 + 3 × 实际占用床日。",
            signed=False,
        ),
    ]
