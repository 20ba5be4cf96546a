"""What may not decide a person's pay: the income of drugs, consumables and examinations, and one's time twice.

Source of the first: the nine prohibitions of clean practice (九不准), the first of them. A name is told by its words,
as a measure is whatever a column of a sheet is called, and by its title where the catalogue has one of that code.
"""

from __future__ import annotations

import re
import unicodedata

from domain.facts import Catalogue
from domain.pay import FACTORS, SIZE

_OF = (
    r"(?:药(?![事师学占])|耗材|材料|试剂|检查|化验|检验|检测|影像|放射|超声|彩超|心电|病理|透视|拍片|开单|处方"
    r"|CT|MRI|B超)"
)
_TAKEN = r"(?:收入|收益|利润|毛利|提成|回扣|销售|金额|营业额|流水|(?<!经)费(?!者))"
_SAVED = re.compile("控制|节约|下降|降低|合理")  # what is spared is no income
_SAID = re.compile(rf"{_OF}.{{0,6}}{_TAKEN}", re.IGNORECASE)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")  # drug_income and drugIncome alike
_GOODS = re.compile(
    "drug|medicine|medication|pharmacy|pharmaceutical|consumable|material|reagent|exam|examination|test|lab|laboratory"
    "|imaging|radiology|ct|mri|ultrasound|ecg|pathology|diagnostic|prescription"
)
_MONEY = re.compile("income|revenue|fee|sale|turnover|amount|commission|charge|profit|margin|earning")
_NO_WORKLOAD = re.compile(
    "率|系数|得分|评分|分数|考核|满意|质量|比例|等级|职称|学历|年限|工龄|"
    "rate|ratio|score|coefficient|quality|fulfil|satisf|grade|seniority",
    re.IGNORECASE,
)


def income_of(name: str, catalogue: Catalogue) -> str:
    """The words by which a factor is an income of drugs, consumables or examinations; "" where it is none."""
    known = catalogue.metrics.get(name) or catalogue.items.get(name)
    return next(filter(is_income, (known.title if known else "", name)), "")


def is_income(said: str) -> bool:
    """Whether a name or title says such an income."""
    plain = "".join(unicodedata.normalize("NFKC", said).split())
    parts = [part.lower().removesuffix("s") for part in _PARTS.findall(plain)]
    if any(map(_GOODS.fullmatch, parts)) and any(map(_MONEY.fullmatch, parts)):
        return True
    return bool(_SAID.search(plain)) and not _SAVED.search(plain)


def is_workload(factor: str) -> bool:
    """Whether a factor of points is work done, which takes time: a quantity that is no rate, score or rank."""
    return factor not in (*FACTORS, SIZE) and not is_income(factor) and not _NO_WORKLOAD.search(factor)
