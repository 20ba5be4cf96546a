"""What the workbook of people says of itself: how to fill it in, and the lists of its drop-downs."""

from __future__ import annotations

from collections.abc import Mapping

import xlsxwriter

from domain.money import format_exact, format_yuan
from domain.pay import Pay
from domain.period import Period
from domain.plan import Plan
from engine.pay.read.measures import title
from engine.pay.scheme import person_measures, team_measures

REMARKS = {
    "people": "一个自然人一个编号, 在各单位相同。证件号码按文本填写; 姓名、证件号码、账号不进入发放结果。",
    "posts": "一段任职一行。发放单位是发工资并代扣个税的单位; 返聘、外聘的计税项目须有决定, 写明文号。"
    "仍在任职的不填止。",
    "attendance": "应出勤天数按全期填, 任职期内应出勤天数只算任职的日子, 可填半天。不参加按出勤分配的不填。",
    "leave": "只填方案写明的假别; 没有请假的不填。",
    "person_facts": "每个任职一行, 每项考核一列。得分按百分填 (95 即 95 分)。没有的不填, 不要填 0; 负责人不填。",
    "team_facts": "每个科室一行, 名称与任职表相同。得分按百分填。",
    "earmarks": "先从资金池里发的津贴补助。同一人同一天的同一专项只发一次; 起止不超出任职的日期。",
    "holds": "只填停发、减发的人, 每行写明依据。发放系数 0 是停发。",
    "pay_amounts": "金额单位: 元。另有计算结果 (--run) 的不填。指标文号不同的资金池分开。",
    "tax_cumulative": "金额单位: 元。发放单位截至目前的累计数, 本月已发的在内。"
    "累计免税、其他、减免和本月已预扣空白为 0。标明待核的须向发放单位核实。",
    "deductions": "金额单位: 元。由发放单位代扣的社保、公积金等, 本次要扣的数。",
    "deferred": "金额单位: 元。以前计提、还没有兑现的余额。",
    "accounts": "账号和联行号按文本填写。户名与姓名不同的, 在备注写明原因。",
    "cases": "一案一行, 写明依据。更正的表、更正的栏写本工作簿的表名和表头; 漏发的任职, 更正的栏写 *。",
    "reserves": "金额单位: 元。更正的补发由备用金支付时填。",
    "next_payments": "金额单位: 元。下一期的应发, 用来算一次最多扣回多少。",
    "money": "金额单位: 元。核定绩效工资总量等, 同计算时的资金表; 已有计算结果 (--run) 的不填。",
}
_HOW = (
    "1. 先核对人员表、任职表、账户表 (已由上期带入的, 改动人员即可), 再填出勤、考核、专项、停减发。",
    "2. 期间写 {period}, 月份 (发放的月份, 个税按它) 写 {month}。表头和工作表名不要改, 行可以增删。",
    "3. 编号、证件号码、账号按文本填写, 保留前导零, 不写成科学计数。金额以元为单位填到分。",
    "4. 没有的数不填; 填 0 表示确实为 0。缺考核得分的不能发放, 不当作 0。",
    "5. 合计、小计和签字行可以有, 读入时跳过。自加的辅助列, 表头以 辅助 开头。数值不合并单元格。",
    "6. 读入有误时逐条列出工作表和单元格, 全部改正后再发放; 有误的文件不会写出任何结果。",
    "7. 本工作簿有个人信息: 只在内网保存和传递, 用完按规定销毁。",
)


def write_guide(book: xlsxwriter.Workbook, plan: Plan, pay: Pay, period: Period, month: str) -> None:
    """The sheet 填报说明: how to fill in, and what each pool and earmark asks for."""
    sheet = book.add_worksheet("填报说明")
    font = {"font_name": "宋体", "font_size": 11, "valign": "vcenter", "text_wrap": True}
    heading = book.add_format({**font, "bold": True, "align": "center", "border": 1, "bg_color": "#DDEBF7"})
    plain, cell = book.add_format(font), book.add_format({**font, "font_size": 10, "border": 1})
    for column, width in enumerate((22, 34, 40, 60)):
        sheet.set_column(column, column, width)
    big = book.add_format({**font, "font_size": 16, "bold": True, "align": "center"})
    sheet.merge_range(0, 0, 0, 3, f"{plan.title}　发放人员　填报说明 ({period.title})", big)
    sheet.set_row(0, 30)
    for row, line in enumerate(_HOW, start=1):
        said = line.format(period=period.title, month=Period.parse(month).title)
        sheet.merge_range(row, 0, row, 3, said, plain)
        sheet.set_row(row, 20)
    row = len(_HOW) + 2
    sheet.write_row(row, 0, ("资金池", "个人考核", "科室考核", "专项"), heading)
    for pool, scheme in pay.pools.items():
        row += 1
        items = (pay.item(one) for one in scheme.items)
        told = "; ".join(
            f"{one.title} 每{one.per} {format_yuan(one.rate)} 元, 最多 {format_exact(one.max)} {one.per}"
            for one in items
            if one
        )
        asked = ("、".join(map(title, found)) for found in (person_measures(scheme), team_measures(scheme)))
        sheet.write_row(row, 0, (pool, *asked, told), cell)
        sheet.set_row(row, 15 * max(1, -(-len(told) // 28)) + 3)
    sheet.protect()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def write_codes(book: xlsxwriter.Workbook, lists: Mapping[str, list[str]]) -> None:
    """The sheet 码表 and the named lists that the drop-downs use."""
    sheet = book.add_worksheet("码表")
    heading = book.add_format(
        {"font_name": "宋体", "bold": True, "align": "center", "border": 1, "bg_color": "#DDEBF7"}
    )
    cell = book.add_format({"font_name": "宋体", "font_size": 10, "border": 1, "num_format": "@"})
    for column, (name, values) in enumerate(lists.items()):
        sheet.set_column(column, column, 20)
        sheet.write_string(0, column, name, heading)
        for row, value in enumerate(values, start=1):
            sheet.write_string(row, column, value, cell)
        letter = chr(65 + column)
        book.define_name(name, f"=码表!${letter}$2:${letter}${max(2, len(values) + 1)}")
    sheet.protect()
    sheet.freeze_panes(1, 0)
