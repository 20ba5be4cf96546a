"""The stories of payslips: how tax and net came about, and what is said of those that cannot be paid yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from domain.step import Phrase, Place, RunWarning, Step, Value, Words
from engine.pay.kinds import LABOUR
from engine.pay.tax.tables import Rules

UNUSED = "PAY-DEDUCTION-UNUSED"
_ALL = 20  # codes that one warning names
WORDS: dict[str, Words | str] = {
    "tax_wages": Words(
        "{month} 工资薪金个人所得税 ({payer} 发放)",
        "max(0, 应纳税所得额 × 税率 − 速算扣除数 − 减免税额 − 以前月份已预扣) − 本月此前已预扣",
        {
            "income": "本次应发",
            "cumulative_income": "本年累计收入 (含本次)",
            "less": "累计免税收入和各项扣除",
            "basic_deduction": "累计减除费用",
            "taxable": "累计应纳税所得额",
            "rate": "税率 (%)",
            "quick_deduction": "速算扣除数",
            "cumulative_tax": "累计应纳税额",
            "relief": "累计减免税额",
            "withheld_before": "以前月份已预扣",
            "withheld_month": "本月此前已预扣",
            "carried": "多扣留待抵减",
        },
    ),
    "tax_labour": Words(
        "{month} 劳务报酬个人所得税 ({payer} 发放)",
        "应纳税所得额 × 税率 − 速算扣除数",
        {
            "income": "本次应发",
            "basic_deduction": "减除费用",
            "taxable": "应纳税所得额",
            "rate": "税率 (%)",
            "quick_deduction": "速算扣除数",
        },
    ),
    "net": Words(
        "{month} 实发 ({payer} 发放, {kind})",
        "应发 − 个人所得税 − 代扣",
        {"payable": "应发", "tax": "个人所得税", "other": "代扣"},
        none="待定",
    ),
    "wages": "工资薪金",
    "labour": "劳务报酬",
    "elsewhere": "个人所得税由财务合并代扣, 不在此计算",
    "no_payment": "没有应发数, 不发放",
    "TAX-NO-DATA": "没有发放单位当月的个税累计数, 个税和实发空着",
    "TAX-OTHER-PAYER": "由用人单位以外的单位发放, 没有它当月的个税累计数, 个税和实发空着",
    "TAX-RESIDENCE": "证件不是居民身份证, 是否居民个人待发放单位判定, 个税和实发空着",
    "waiting": "{count} 笔未进代发批次: {why}; 补齐后用 liangyun pay complete 补付: {who}",
    "unused": "代扣表有 {count} 人本次没有工资条, 未扣: {who}",
}
_HERE = __name__


@dataclass(frozen=True)
class Slip:
    """One payslip, amounts fen. numbers: columns of TAX, none where tax is not reckoned here.

    relief: of the year; earlier: withheld this month before; source: where the payer's figures stand.
    """

    payer: str
    person: str
    kind: str
    parts: Mapping[str, int]
    payable: int
    tax: int | None
    other: int
    net: int | None
    status: str
    numbers: Mapping[str, Any]
    relief: int
    earlier: int
    source: str


def steps_of(slips: Iterable[Slip], month: str, rules: Rules) -> tuple[Step, ...]:
    """The stories of tax and net of every payslip; their place has the person where others have a post."""
    return tuple(step for one in slips for step in _steps(one, month, rules))


def _steps(one: Slip, month: str, rules: Rules) -> Iterator[Step]:
    fields: dict[str, Value] = {"month": month, "payer": one.payer}
    if one.numbers:
        numbers = {name: _value(each) for name, each in one.numbers.items()}
        less = one.numbers["cumulative_income"] - one.numbers["basic_deduction"] - one.numbers["taxable"]
        numbers |= {"income": one.payable, "less": int(less), "relief": one.relief, "withheld_month": one.earlier}
        table = rules.labour if one.kind == LABOUR else rules.wages
        words = WORDS[f"tax_{one.kind}"]
        names = words.numbers if isinstance(words, Words) else ()
        yield Step(
            "pay",
            _place(one, "tax"),
            f"{_HERE}:tax_{one.kind}",
            one.tax,
            {name: numbers[name] for name in names},
            fields,
            cites=(table.source,) if table else (),
            cells=(one.source,) if one.source else (),
        )
    elsewhere = one.status == "ok" and one.tax is None
    said = "elsewhere" if elsewhere else one.status if one.status != "ok" else ""
    yield Step(
        "pay",
        _place(one, "net"),
        f"{_HERE}:net",
        one.net,
        {"payable": one.payable, "tax": one.tax, "other": one.other},
        {**fields, "kind": Phrase(f"{_HERE}:{one.kind}")},
        notes=(Phrase(f"{_HERE}:{said}"),) if said else (),
    )


def warnings_of(slips: Iterable[Slip], unused: list[tuple[str, str]]) -> tuple[RunWarning, ...]:
    """What is said of payslips that wait for something, by its code, and of deductions that nobody's payslip has."""
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    for one in slips:
        if one.status not in {"ok", "no_payment"}:
            waiting[one.status].append(one.person)
    made = [
        RunWarning(code, Phrase(f"{_HERE}:waiting", {"why": Phrase(f"{_HERE}:{code}"), **_named(people)}))
        for code, people in sorted(waiting.items())
    ]
    if unused:
        made.append(RunWarning(UNUSED, Phrase(f"{_HERE}:unused", _named([person for _, person in unused]))))
    return tuple(made)


def _named(people: list[str]) -> dict[str, Value | None]:
    shown = (*people[:_ALL], *(["…"] if len(people) > _ALL else []))
    return {"count": Fraction(len(people)), "who": shown}


def _value(each: Any) -> Value:
    return each if isinstance(each, Fraction) else int(each)


def _place(one: Slip, what: str) -> Place:
    return Place(unit=one.payer, post=one.person, line=f"{one.kind}-{what}")
