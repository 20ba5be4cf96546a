"""The words readers know: headings, blanks, yes and no, tiers, rows that are not data.

Headings are compared after `key`: full-width forms folded, spaces and line breaks out, lower case.
"""

# fmt: skip keeps a table of cases or codes as a table here: a row a case, read downwards.
from __future__ import annotations

import re
import unicodedata

from domain.institution import Form, Ownership, Tier

TABLES = {
    "institutions": "机构表", "memberships": "成员关系表", "facts": "事实表", "money": "资金表", "diseases": "病种表",
    "completions": "任务完成表", "reporters": "填报分工表",
}  # fmt: skip
SHEET_NAMES = {
    "institutions": ("机构表", "机构信息", "机构名录", "institutions"),
    "memberships": ("成员关系", "成员表", "memberships"),
    "facts": ("事实表", "指标数据", "指标表", "facts"),
    "money": ("资金表", "资金数据", "money"),
    "diseases": ("病种表", "病种数据", "diseases"),
    "completions": ("任务完成", "completions"),
    "reporters": ("填报分工", "reporters"),
}
NAMED_ONLY = frozenset({"reporters"})
"""Tables that are known by the name of their sheet alone: their headings also stand beside figures."""
_UNIT_CODE = ("unit_code", "单位代码", "单位编码", "机构代码", "机构编码", "成员单位代码")
_UNIT_NAME = ("unit_name", "单位名称", "机构名称", "成员单位名称")
_UNIT = ("unit", "单位", "机构", "成员单位", "填报单位", "单位或代码")
_PLACE = ("place", "来处")
_PERIOD = ("period", "期间", "所属期间", "所属期", "统计期间", "报告期", "填报期间", "数据期间")
# Per table, role → headings. A role `unit` takes a code or a name.
HEADINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "institutions": {
        "unit_code": (*_UNIT_CODE, "代码"),
        "name": ("name", "名称", *_UNIT_NAME),
        "tier": ("tier", "机构层级", "层级", "机构级别", "级别"),
        "ownership": ("ownership", "举办性质", "所有制", "办医性质", "所有制形式", "性质"),
        "region": ("region", "行政区划代码", "区划代码", "行政区划"),
        "credit_code": ("credit_code", "统一社会信用代码", "社会信用代码", "信用代码"),
        "signing": ("signing", "是否签约机构", "是否开展签约", "开展家庭医生签约", "是否开展家庭医生签约"),
        "form": ("form", "医联体形式", "联合体形式", "医联体类型"),
        "managing_unit": ("managing_unit", "管理机构", "管理机构代码"),
        "place": _PLACE,
    },
    "memberships": {
        "unit_code": _UNIT_CODE,
        "unit_name": _UNIT_NAME,
        "unit": _UNIT,
        "alliance_code": ("alliance_code", "医联体代码", "医共体代码", "所属医联体代码", "所属医共体代码"),
        "alliance_name": ("alliance_name", "医联体名称", "医共体名称"),
        "alliance": ("alliance", "医联体", "医共体", "所属医联体", "所属医共体"),
        "from": ("from", "加入日期", "起始日期", "开始日期", "加入时间", "起"),
        "to": ("to", "退出日期", "终止日期", "结束日期", "退出时间", "止"),
        "place": _PLACE,
    },
    "facts": {
        "period": _PERIOD,
        "unit_code": _UNIT_CODE,
        "unit_name": _UNIT_NAME,
        "unit": _UNIT,
        "metric": ("metric", "指标", "指标名称", "指标代码"),
        "value": ("value", "数值", "填报值", "指标值", "值"),
        "note": ("note", "备注", "说明", "备注(原因)"),
        "measure": ("计量单位",),
        "place": _PLACE,
    },
    "money": {
        "period": _PERIOD,
        "unit_code": _UNIT_CODE,
        "unit_name": _UNIT_NAME,
        "unit": _UNIT,
        "item": ("item", "项目", "资金项目", "项目名称", "款项", "项目代码"),
        "amount": ("amount", "金额"),
        "document": ("document", "文号", "批复文号", "依据文号", "文件依据", "文件文号", "依据"),
        "word": ("word", "口径"),
        "note": ("note", "备注", "说明", "备注(原因)"),
        "measure": ("计量单位", "金额单位"),
        "place": _PLACE,
    },
    "diseases": {
        "period": (*_PERIOD, "年度"),
        "unit_code": _UNIT_CODE,
        "unit_name": _UNIT_NAME,
        "unit": _UNIT,
        "disease": ("disease", "病种代码", "病种编码", "疾病编码"),
        "disease_name": ("disease_name", "病种名称", "病种", "疾病名称"),
        "outbound": ("outbound", "县域外转诊人次", "外转人次"),
        "cases": ("cases", "就诊人次", "病种就诊人次"),
        "place": _PLACE,
    },
    "completions": {
        "entry": ("entry", "条目", "条目编号", "条目代码", "任务编号", "事项编号"),
        "title": ("title", "事项", "任务", "事项名称", "任务名称", "条目名称"),
        "owner": ("owner", "责任单位", "责任部门"),
        "deadline": ("deadline", "期限", "完成期限", "完成时限", "时限"),
        "unit_code": _UNIT_CODE,
        "unit_name": _UNIT_NAME,
        "unit": _UNIT,
        "completed_on": ("completed_on", "完成日期", "完成时间", "办结日期"),
        "progress": ("progress", "完成情况", "进展", "进展情况"),
        "evidence": ("evidence", "佐证", "佐证材料", "佐证文件", "证明材料", "凭据"),
        "note": ("note", "备注", "说明"),
        "place": _PLACE,
    },
    "reporters": {
        "reporter": ("reporter", "填报部门"),
        "unit_code": (*_UNIT_CODE, "填报单位代码"),
        "name": ("name", *_UNIT_NAME, "填报单位"),
    },
}
WIDE = {role: HEADINGS["facts"][role] for role in ("period", "unit_code", "unit_name", "unit", "note")}
# A table is complete with one heading of each group.
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "institutions": (("unit_code",), ("name",), ("tier",), ("ownership",), ("region",)),
    "memberships": (
        ("unit_code", "unit_name", "unit"),
        ("alliance_code", "alliance_name", "alliance"),
        ("from",),
    ),
    "facts": (("metric",), ("value",)),
    "money": (("item",), ("amount",)),
    "diseases": (("disease",), ("outbound",), ("cases",)),
    "completions": (("entry",), ("completed_on",)),
    "reporters": (("reporter",), ("unit_code",)),
}
ROLE_TITLES = {
    "unit_code": "单位代码", "unit_name": "单位名称", "unit": "单位", "name": "单位名称", "tier": "机构层级",
    "ownership": "举办性质", "region": "行政区划代码", "credit_code": "统一社会信用代码", "signing": "是否签约机构",
    "form": "医联体形式", "disease": "病种代码", "disease_name": "病种名称", "outbound": "县域外转诊人次",
    "cases": "就诊人次", "entry": "条目", "completed_on": "完成日期",
    "alliance_code": "医联体代码", "alliance_name": "医联体名称", "alliance": "医联体", "from": "加入日期",
    "to": "退出日期", "period": "期间", "metric": "指标", "value": "数值", "note": "备注", "item": "项目",
    "amount": "金额", "document": "文号", "word": "口径", "measure": "计量单位", "managing_unit": "管理机构",
    "reporter": "填报部门", "place": "来处", "day": "日期", "day_kind": "类型", "day_source": "来源",
}  # fmt: skip
# Columns that may stand beside the data and are not read: numbering, remarks, contacts, helpers.
HELPER = re.compile(
    r"(序号|编号$|备注|说明|辅助|校验|公式|计量单位|填报(人|说明|部门|科室)|联系|电话|口径|来源|签[字章名]|source$|no\.?$|_)"
)
# Sheets that explain and are not read.
EXPLAINING = re.compile(r".*(说明|码表|代码表|封面|目录|字典|填写示例|readme)[0-9]*(\(.*\))?")

EMPTY = frozenset({"", "-", "--", "---", "—", "——", "–", "―", "‐", "‑", "−", "─", "/", "\\", "无", "空"})
ERRORS = frozenset(
    {"#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!"}
    | {"#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA", "#EXTERNAL!", "#PYTHON!", "#TIMEOUT!"}
)
YES = frozenset({"是", "有", "√", "✓", "✔", "1", "y", "yes", "true", "对"})
NO = frozenset({"否", "无", "×", "✗", "✘", "x", "0", "n", "no", "false"})
TIERS: dict[str, str] = {
    **{tier.value: tier.value for tier in Tier},
    **{tier.chinese: tier.value for tier in Tier},
    "牵头": "lead", "牵头单位": "lead", "省级": "province", "市级": "city", "县级": "county", "区级医院": "county",
    "卫生院": "township", "中心卫生院": "township", "乡镇": "township", "社区": "community", "村": "village",
    "社区卫生服务机构": "community", "社区卫生服务站": "community", "村级": "village", "医共体": "alliance",
    "区县": "district", "县区": "district", "县域": "district",
}  # fmt: skip
FORMS: dict[str, str] = {
    **{form.value: form.value for form in Form},
    **{form.chinese: form.value for form in Form},
    "县(区)级医疗共同体": "county", "县级医疗共同体": "county", "区级医疗共同体": "county",
    "省级": "provincial", "省级综合医联体": "provincial", "市级": "municipal", "城市医联体": "municipal",
    "县级": "county", "医疗共同体": "county", "医共体": "county", "县域医共体": "county", "专科": "specialty",
    "专科联盟": "specialty", "远程": "telemedicine", "远程医疗": "telemedicine",
}  # fmt: skip
OWNERSHIPS: dict[str, str] = {
    **{ownership.value: ownership.value for ownership in Ownership},
    **{ownership.chinese: ownership.value for ownership in Ownership},
    "公办": "public", "政府办": "public", "政府举办": "public", "集体办": "collective", "集体所有": "collective",
    "民营": "private", "社会办": "private", "私立": "private",
}  # fmt: skip
MEASURES = {"元": 1, "人民币元": 1, "千元": 1_000, "万元": 10_000, "百万元": 1_000_000, "亿元": 100_000_000}
SCALED = re.compile(r"[十百千万亿]")

TOTAL_ROW = re.compile(r"(本页|本表|本单位|全县|全区)?(合计|小计|总计|累计|总合计)([(:].*)?")
SIGNATURE_ROW = re.compile(
    r"(制表|制单|审核|复核|填表|填报|经办|单位负责|财务负责|分管|主管|负责人|院长|公章|盖章|日期|联系人|联系电话)[^:]{0,12}:.*"
)
REMARK_ROW = re.compile(r"(注|附注|说明|备注|填表说明)[0-9]?:.*")
TITLE_UNIT = re.compile(r"(?:^|[\s,;])(?:填报)?(?:单位|机构)(?:名称)?\s*(?:\((?:公章|盖章|签章)\))?\s*:\s*([^\s,;。]+)")
TITLE_MEASURE = re.compile(r"(?:金额|计量)单位\s*:\s*([^\s,;。()]+)")
_NOTED = re.compile(r"([\u00b2\u00b3\u00b9\u2070-\u2099\u2460-\u2473\u24ea\u3251-\u325f\u32b1-\u32bf]+)")


def fold(text: str) -> str:
    """Full-width letters, digits, brackets and spaces as half-width ones; ends stripped.

    Raised and circled digits stay as they are: 120① and 120² are a number and a note, not 1201 and 1202.
    """
    if not unicodedata.is_normalized("NFKC", text):
        parts = (part if _NOTED.match(part) else unicodedata.normalize("NFKC", part) for part in _NOTED.split(text))
        text = "".join(parts)
    return text.replace("\u200b", "").replace("\ufeff", "").strip()


def key(text: str) -> str:
    """What a heading, name or title is compared by."""
    return "".join(fold(text).split()).lower()


_MEASURED = re.compile(r"(.+?)(?:[(\[【]([^()\[\]【】]*)[)\]】]|[/:,]((?:[十百千万亿]+)?元))")


def starless(name: str) -> str:
    """The key of a heading without the stars of what must be filled in."""
    return name.removeprefix("*").removesuffix("*")


def split_heading(name: str) -> tuple[str, str | None]:
    """A heading and the measure behind it: 金额（万元） → 金额, 万元."""
    match = _MEASURED.fullmatch(name)
    return (match[1], match[2] if match[2] is not None else match[3]) if match else (name, None)
