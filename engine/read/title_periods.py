"""The period that a title names, in whichever words.

A title that names none leaves it to the run. One that names a period in words that are not understood, or one that is
none (2026年前三季度, 1—9月), must not pass for the run's own.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from domain.period import Period
from engine.read.cells import PERIOD_FORMS, Bad, months, period_of
from engine.read.words import key

_TO = "[-—–~至到]"
_Y = "(?:19|20)[0-9]{2}"
_N = "[0-9一二三四五六七八九十]+"
_ALONE = "(?<![0-9一二三四五六七八九十前、,和至到~—–上下每各满-])"
_BY = "(?!均|龄|[底末份]?[之以]?[前起后]|[之以]内)"  # 10月底前报送 is no period, 12月龄 an age
_DIGITS = {ord(one): str(at) for at, one in enumerate("〇一二三四五六七八九")} | {ord("零"): "0", ord("○"): "0"}
_SPELLED_YEAR = re.compile(r"二[〇零○0][〇零○一二三四五六七八九]{2}(?=年)")
_BRACKETS = re.compile(r"[()\[\]【】〔〕]")
_DAYS = re.compile(
    rf"(?P<y>{_Y})年(?P<m1>[0-9]{{1,2}})月(?P<d1>[0-9]{{1,2}})日?{_TO}+"
    r"(?:(?P=y)年)?(?P<m2>[0-9]{1,2})月(?P<d2>[0-9]{1,2})日?"
)
_DAY = re.compile(
    rf"(?P<until>截[至止]到?)?(?P<y>{_Y})(?:年(?P<m>[0-9]{{1,2}})月|(?P<sep>[-./])(?P<m3>[0-9]{{1,2}})(?P=sep))"
    rf"(?P<d>[0-9]{{1,2}})日?(?![0-9])|[0-9]{{1,2}}月[0-9]{{1,2}}日|(?:日期|时间):?{_Y}[-年./][0-9]{{1,2}}月?"
)
_SPANS = (
    *PERIOD_FORMS[:3],
    re.compile(rf"(?P<y>{_Y})[-./](?P<m1>[0-9]{{1,2}}){_TO}+(?:(?P=y)[-./])?(?P<m2>[0-9]{{1,2}})(?![0-9])"),
)
_MONTH = re.compile(rf"(?P<y>{_Y})(?:年(?P<m>0?[1-9]|1[0-2])月|[-./](?P<m3>0[1-9]|1[0-2])(?![0-9])){_BY}")
_YEAR = re.compile(rf"({_Y})年度?(?![0-9])")
_PART = re.compile(
    rf"{_ALONE}(?:第?(?P<q>[1-4一二三四])季[度报]|(?P<h>[上下])半年|(?P<m1>{_N})月?份?{_TO}+(?P<m2>{_N})月{_BY}"
    rf"|(?P<m>{_N})月{_BY})|(?<![a-z0-9])q(?P<q2>[1-4])(?=20[0-9]{2}|[^0-9]|$)"
)
_UNCLEAR = re.compile(
    rf"{_Y}年?度?(?:{_TO}|/)+{_Y}年|年度?半年"
    rf"|(?<![上下每各])前?(?:第?{_N}[、,和至到~—–-]+第?)*{_N}季[度报]|(?<![a-z0-9])q[0-9](?![0-9])|(?<![满每0-9一二三四五六七八九十]){_N}个月(?!龄)|前{_N}月|[-—–~至到、]{_N}月{_BY}"
)
_SHORT_YEAR = re.compile(r"(?<![0-9])[0-9]{2}年度?(?=第?[0-9一二三四上下q])")
_ANY = 2000  # the year of a period that has none
_CHINESE = {one: at for at, one in enumerate("一二三四五六七八九十", start=1)} | {"十一": 11, "十二": 12}


class _Span(NamedTuple):
    """Months of a year from one to another; the year None where it is not written beside them."""

    year: int | None
    first: int
    last: int


@dataclass(frozen=True)
class Named:
    """What a title says. period: as `Period` writes it, "" for none; yearless: the same without its year ("Q3").

    until: the day up to which figures are said to go.
    """

    period: str = ""
    yearless: str = ""
    until: date | None = None

    def differs(self, run: Period) -> str:
        """What it says that cannot be of the period of a run, "" if nothing; a period with its year may be another."""
        if self.yearless and str(run)[4:] != self.yearless:
            return Period.parse(f"{run.year}{self.yearless}").title.partition("年")[2]
        own = Period.parse(self.period) if self.period else run
        return f"截至 {self.until}" if self.until and self.until < own.end else ""


NOTHING = Named()
"""Of a title that names no period."""


def named_in(title: str) -> Named | Bad:
    """The period a title names: 某县2026年第3季度指标表 → 2026Q3. A day (填表日期) is none.

    Bad for a run of months that is no period (2026年1月—9月): what it sums must not pass for a quarter; for two
    periods; and for one whose words are not understood.
    """
    text = _SPELLED_YEAR.sub(lambda found: found[0].translate(_DIGITS), _BRACKETS.sub("", key(title)))
    until = None
    spans: list[tuple[_Span | None, str]] = []
    spans += [(_whole(found), found[0]) for found in _DAYS.finditer(text)]
    text = _DAYS.sub("|", text)
    for found in _DAY.finditer(text):
        until = _day(found) if found["until"] else until
    text = _DAY.sub("|", text)
    rest = _without(text, *_SPANS, _MONTH)
    if unclear := _SHORT_YEAR.search(rest) or _UNCLEAR.search(_without(rest, _PART)):
        return Bad("PERIOD", f"标题写的 {unclear[0]} 看不出是哪一期", "写成 2026年、2026年第3季度 或 2026年7月")
    for form in _SPANS:
        spans += [(_span(period_of(found), found, text), found[0]) for found in form.finditer(text)]
        text = form.sub("|", text)
    dated = [(_span(period_of(found), found, text), found[0]) for found in _MONTH.finditer(text)]
    parts = [(_part(found, text), found[0]) for found in _PART.finditer(_MONTH.sub("|", text))]
    parts = [one for one in parts if one[0] != (None, 1, 12)]  # what a year is, and no title
    spans += [one for one in parts if not one[0] or one[0].last > one[0].first]
    spans = spans or dated[:1] or parts
    if none := [said for span, said in spans if span is None]:
        return Bad("PERIOD", f"{none[0]} 不是年、半年、季或月", "分季或分月填写, 不填累计数")
    return _one({span for span, _ in spans if span}, _YEAR.search(text), until)


def _one(spans: set[_Span], year: re.Match[str] | None, until: date | None) -> Named | Bad:
    """The one period of spans, beside a year that stands alone."""
    years = {span.year for span in spans if span.year} or ({int(year[1])} if year else set())
    whole = {(at, first, last) for own, first, last in spans for at in ([own] if own else sorted(years) or [0])}
    if len(whole) > 1:
        said = "、".join(sorted(_title(*one) for one in whole))
        return Bad("PERIOD", f"标题写了不止一个期间: {said}", "标题只写表中数据的期间")
    if not whole:
        return Named(year[1] if year else "", until=until)
    at, first, last = whole.pop()
    period = str(months(at or _ANY, first, last))
    return Named(period, until=until) if at else Named(yearless=period[4:], until=until)


def _title(year: int, first: int, last: int) -> str:
    period = months(year or _ANY, first, last)
    said = period.title if period else ""
    return said if year else said.partition("年")[2]


def _without(text: str, *forms: re.Pattern[str]) -> str:
    for form in forms:
        text = form.sub("|", text)
    return text


def _span(period: Period | None, found: re.Match[str], text: str) -> _Span | None:
    """The months of a period; None for a run of months that is none, and for a quarter or month that is summed up."""
    if period is None or (text[found.end() :].startswith("累计") and not found.groupdict().get("m2")):
        return None
    return _Span(period.year, period.start.month, period.end.month)


def _whole(found: re.Match[str]) -> _Span | None:
    """The months from one day to another, if they are whole and a period."""
    year, first, start, last, end = (int(found[name]) for name in ("y", "m1", "d1", "m2", "d2"))
    whole = start == 1 and 1 <= last <= 12 and end == monthrange(year, last)[1]
    return _Span(year, first, last) if whole and months(year, first, last) else None


def _part(found: re.Match[str], text: str) -> _Span | None:
    """The months of a part of a year."""
    got = found.groupdict()
    if quarter := got["q"] or got["q2"]:
        first, last = _number(quarter) * 3 - 2, _number(quarter) * 3
    elif got["h"]:
        first, last = (1, 6) if got["h"] == "上" else (7, 12)
    else:
        first, last = _number(got["m1"] or got["m"]), _number(got["m2"] or got["m"])
    summed = text[found.end() :].startswith("累计") and not got["m2"]
    return None if summed or not months(_ANY, first, last) else _Span(None, first, last)


def _number(written: str) -> int:
    return _CHINESE.get(written) or (int(written) if written.isdecimal() and written.isascii() else 0)


def _day(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["y"]), int(found["m"] or found["m3"]), int(found["d"]))
    except ValueError:
        return None
