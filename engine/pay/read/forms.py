"""What the tables of people are called: sheets, headings, choices. Source: contract of pay, Tables.

Of every column the first name is its code, the second its heading in the template.
"""

# fmt: skip keeps a table of words as a table here: a row a column, read downwards.
from __future__ import annotations

from engine.pay.people import FEN, NUMBERS
from engine.read import words
from engine.read.forms import Forms, Headings

TABLES = {
    "people": "人员表", "posts": "任职表", "attendance": "出勤表", "leave": "假期表", "person_facts": "个人考核表",
    "team_facts": "科室考核表", "earmarks": "专项表", "holds": "停减发表", "pay_amounts": "机构发放额",
    "tax_cumulative": "个税累计表", "deductions": "代扣表", "deferred": "递延余额表", "accounts": "账户表",
    "cases": "更正表", "reserves": "备用金表", "next_payments": "下期应发", "money": "资金表",
}  # fmt: skip
WIDE = {"person_wide": "person_facts", "team_wide": "team_facts"}
"""Sheets with a column per measure, and the tables that their rows belong to."""
_SHEETS = {
    "team_facts": ("科室考核", "团队考核", "team_facts"),
    "person_facts": ("个人考核", "person_facts"),
    "people": ("人员表", "人员信息", "花名册", "people"),
    "posts": ("任职", "posts"),
    "attendance": ("出勤", "attendance"),
    "leave": ("假期", "请假", "leave"),
    "earmarks": ("专项表", "专项补助", "earmarks"),
    "holds": ("停减发", "停发", "holds"),
    "pay_amounts": ("机构发放额", "pay_amounts"),
    "tax_cumulative": ("个税累计", "tax_cumulative"),
    "deductions": ("代扣", "deductions"),
    "deferred": ("递延", "deferred"),
    "next_payments": ("下期应发", "next_payments"),
    "cases": ("更正", "cases"),
    "reserves": ("备用金", "reserves"),
    "money": ("资金表", "资金数据", "money"),
    "accounts": ("账户表", "accounts"),
}
_OTHERS = ("单位账户", "unit_accounts")
_PERIOD = words.HEADINGS["facts"]["period"]
_UNIT = (*words.HEADINGS["facts"]["unit_code"], "用人单位代码", "用人单位", "单位", "机构")
_POST = ("post_no", "任职编号", "任职号")
_PERSON = ("person_code", "人员编号", "人员编码", "人员代码")
_MONTH = ("month", "月份", "发放月份", "税款所属期", "所属月份")
_PAYER = ("payer", "发放单位", "扣缴单位", "扣缴义务人", "发放单位代码")
_DOCUMENT = ("document", "依据", "文号", "依据文号", "文件依据", "指标文号")
_POOL = ("pool", "资金池", "资金池编号")
_TEAM = ("team", "科室", "团队", "科室/团队", "科室(团队)", "科室名称", "团队名称")
HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "people": {
        "person_code": _PERSON, "name": ("name", "姓名"),
        "id_type": ("id_type", "证件类型", "证照类型"),
        "id_number": ("id_number", "证件号码", "身份证号", "身份证号码", "证照号码", "公民身份号码"),
        "note": ("note", "备注"),
    },
    "posts": {
        "post_no": _POST, "person_code": _PERSON,
        "unit_code": ("unit_code", "用人单位", "用人单位代码", *_UNIT[1:]),
        "home_unit": ("home_unit", "编制单位", "编制单位代码"),
        "paid_through": ("paid_through", "发放单位", "发放单位代码"),
        "team": ("team", "科室/团队", *_TEAM[1:]), "role": ("role", "角色", "岗位角色", "负责人/职工/派驻"),
        "staffing": ("staffing", "编制性质"), "category": ("category", "岗位类别"), "grade": ("grade", "岗位等级"),
        "position": ("position", "岗位系数"), "share": ("share", "工作占比"),
        "from": ("from", "起", "任职起", "开始日期", "起始日期"), "to": ("to", "止", "任职止", "结束日期", "终止日期"),
        "tax_kind": ("tax_kind", "计税项目"), "document": _DOCUMENT,
    },
    "attendance": {
        "period": _PERIOD, "post_no": _POST, "days_due": ("days_due", "应出勤天数"),
        "days_employed": ("days_employed", "任职期内应出勤天数"),
    },
    "leave": {
        "period": _PERIOD, "post_no": _POST, "kind": ("kind", "假别", "请假类别"), "days": ("days", "天数", "请假天数"),
        "document": _DOCUMENT,
    },
    "person_facts": {
        "period": _PERIOD, "post_no": _POST, "measure": ("measure", "指标", "考核项目", "计量"),
        "value": ("value", "数值", "值"),
    },
    "team_facts": {
        "period": _PERIOD, "unit_code": _UNIT, "team": _TEAM, "measure": ("measure", "指标", "考核项目", "计量"),
        "value": ("value", "数值", "值"),
    },
    "earmarks": {
        "period": _PERIOD, "post_no": _POST, "item": ("item", "专项", "项目", "专项项目"),
        "from": ("from", "起", "开始日期", "起始日期"), "quantity": ("quantity", "数量"),
        "to": ("to", "止", "结束日期", "终止日期"), "document": _DOCUMENT,
    },
    "holds": {
        "period": _PERIOD, "post_no": _POST, "multiplier": ("multiplier", "发放系数", "系数", "停减发系数"),
        "reason": ("reason", "原因", "事由"), "document": _DOCUMENT,
    },
    "pay_amounts": {
        "period": _PERIOD, "unit_code": _UNIT, "pool": _POOL, "amount": ("amount", "金额", "发放额"),
        "document": ("document", "指标文号", *_DOCUMENT[1:]),
    },
    "tax_cumulative": {
        "month": _MONTH, "payer": _PAYER, "person_code": _PERSON, "basic": ("basic", "减除费用办法", "减除费用方法"),
        "employed_from": ("employed_from", "任职受雇日期", "入职日期"), "employed_to": ("employed_to", "离职日期"),
        "income": ("income", "累计收入"), "exempt": ("exempt", "累计免税收入", "免税收入"),
        "special": ("special", "累计专项扣除", "专项扣除"),
        "additional": ("additional", "累计专项附加扣除", "专项附加扣除", "专项附加"),
        "other": ("other", "累计其他扣除", "其他扣除", "累计依法确定的其他扣除"),
        "relief": ("relief", "累计减免税额", "减免税额"),
        "withheld_before": ("withheld_before", "上月止已预扣", "截至上月已预扣税额"),
        "withheld_month": ("withheld_month", "本月已预扣", "本月已预扣税额"),
    },
    "deductions": {
        "month": _MONTH, "payer": _PAYER, "person_code": _PERSON, "item": ("item", "扣款项目", "项目"),
        "amount": ("amount", "金额", "扣款金额"),
    },
    "deferred": {
        "accrual_year": ("accrual_year", "计提年度", "归属年度", "年度"), "unit_code": _UNIT, "person_code": _PERSON,
        "pool": _POOL, "balance": ("balance", "余额", "递延余额"),
    },
    "accounts": {
        "person_code": _PERSON, "bank": ("bank", "开户银行", "银行"), "branch": ("branch", "开户网点", "开户行"),
        "cnaps": ("cnaps", "联行号", "行号"), "account": ("account", "账号", "银行账号", "卡号"),
        "account_name": ("account_name", "户名", "账户名"), "note": ("note", "备注"),
    },
    "cases": {
        "case_no": ("case_no", "更正编号", "案号"), "level": ("level", "更正层级", "层级"), "period": _PERIOD,
        "pool": _POOL, "unit_code": _UNIT, "post_no": _POST, "table": ("table", "更正的表", "表"),
        "field": ("field", "更正的栏", "栏目", "字段"), "old_value": ("old_value", "原值"),
        "new_value": ("new_value", "新值", "更正值"), "document": _DOCUMENT,
        "decided_on": ("decided_on", "决定日期"), "funding": ("funding", "资金办法", "资金来源"),
    },
    "reserves": {
        "reserve": ("reserve", "备用金", "备用金名称"), "unit_code": _UNIT, "opening": ("opening", "期初余额", "期初"),
        "document": _DOCUMENT,
    },
    "next_payments": {
        "month": _MONTH, "unit_code": _UNIT, "person_code": _PERSON, "payable": ("payable", "应发", "应发金额"),
    },
    "money": {
        **{role: words.HEADINGS["money"][role] for role in ("period", "item", "amount", "document", "word", "note")},
        "unit_code": _UNIT, "measure": ("计量单位", "金额单位"),
    },
}  # fmt: skip
_REQUIRED: dict[str, tuple[str, ...]] = {
    "people": ("person_code", "name", "id_type", "id_number"),
    "posts": ("post_no", "person_code", "unit_code", "paid_through", "role", "staffing", "share", "from", "tax_kind"),
    "attendance": ("post_no", "days_due", "days_employed"),
    "leave": ("post_no", "kind", "days"),
    "person_facts": ("post_no", "measure", "value"),
    "team_facts": ("unit_code", "team", "measure", "value"),
    "earmarks": ("post_no", "item", "from", "quantity"),
    "holds": ("post_no", "multiplier"),
    "pay_amounts": ("unit_code", "pool", "amount"),
    "tax_cumulative": (
        "payer", "person_code", "basic", "employed_from", "income", "special", "additional", "withheld_before",
    ),
    "deductions": ("payer", "person_code", "item", "amount"),
    "deferred": ("accrual_year", "unit_code", "person_code", "pool", "balance"),
    "accounts": ("person_code", "account"),
    "cases": ("case_no", "level", "period", "document"),
    "reserves": ("reserve", "opening"),
    "next_payments": ("month", "unit_code", "person_code", "payable"),
    "money": ("unit_code", "item", "amount"),
    "person_wide": ("post_no",),
    "team_wide": ("unit_code", "team"),
}  # fmt: skip
_TITLES = {role: names[1] for table in HEADINGS.values() for role, names in table.items() if len(names) > 1}
_NAMES = ("姓名", "单位名称", "用人单位名称", "机构名称", "发放单位名称", "编制单位名称")


def _wide(kind: str) -> Headings:
    return {role: names for role, names in HEADINGS[WIDE[kind]].items() if role not in {"measure", "value"}}


FORMS = Forms(
    {**TABLES, **{kind: TABLES[of] for kind, of in WIDE.items()}},
    _SHEETS,
    HEADINGS,
    {kind: _wide(kind) for kind in WIDE},
    {kind: tuple((role,) for role in roles) for kind, roles in _REQUIRED.items()},
    {
        **_TITLES, "unit_code": "单位代码", "item": "项目", "document": "依据", "from": "起", "to": "止",
        "period": "期间", "team": "科室/团队", "measure": "指标",
    },
    numbers=tuple(sorted(FEN | NUMBERS)),
    money=FEN,
    told=("note", "document", "reason", "branch", "bank", "account_name", "old_value", "new_value", "funding"),
    beside=frozenset({*HEADINGS, *WIDE} - {"people"}),
    names=frozenset(_NAMES),
)  # fmt: skip
ROLES = {
    "head": "head", "member": "member", "posted": "posted", "负责人": "head", "主要负责人": "head", "院长": "head",
    "职工": "member", "派驻": "posted", "派驻人员": "posted",
}  # fmt: skip
TAX_KINDS = {
    "wages": "wages", "labour": "labour", "工资薪金": "wages", "工资薪金所得": "wages", "工资": "wages",
    "劳务报酬": "labour", "劳务报酬所得": "labour", "劳务": "labour", "劳务费": "labour",
}  # fmt: skip
LEVELS = {"unit": "unit", "person": "person", "机构": "unit", "单位": "unit", "个人": "person", "人员": "person"}
BASICS = {
    "standard": "standard", "first_job": "first_job", "annual_60000": "annual_60000", "标准": "standard",
    "按月": "standard", "首次就业": "first_job", "全年6万": "annual_60000", "全年60000": "annual_60000",
}  # fmt: skip
SHOWN = {
    "role": {"head": "负责人", "member": "职工", "posted": "派驻"},
    "tax_kind": {"wages": "工资薪金", "labour": "劳务报酬"},
    "level": {"unit": "机构", "person": "个人"},
    "basic": {"standard": "标准", "first_job": "首次就业", "annual_60000": "全年60000"},
}
"""How the template writes what is chosen."""
MEASURES = {"score": "考核得分", "coefficient": "科室系数", "amount": "分配金额"}
"""Measures that have a Chinese name of their own; others are called as the plan calls them."""
RESIDENT_ID = "居民身份证"
RESIDENT_IDS = frozenset({RESIDENT_ID, "身份证", "中华人民共和国居民身份证"})


def must_have(kind: str, column: str) -> bool:
    """Whether a table must have a column."""
    return column in _REQUIRED[kind]


def passed_over(title: str) -> bool:
    """Whether a sheet's name says that it is a table of a run, or of what is no pay to people."""
    name = words.key(title)
    if any(one in name for one in _OTHERS):
        return True
    if FORMS.kind_by_name(title):
        return False
    names = (one for kind, names in words.SHEET_NAMES.items() if kind != "money" for one in names)
    return any(one in name for one in names)
