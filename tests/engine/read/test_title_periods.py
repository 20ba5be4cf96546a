"""The period of a sheet that has no column for it: what its title says, in whichever words, is never passed over."""

from __future__ import annotations

from datetime import date

import pytest

from domain.period import Period
from domain.problems import InputProblems
from engine.read.title_periods import Named, named_in

QUARTER, YEAR = Period.parse("2026Q3"), Period.parse("2026")


@pytest.fixture
def read_book(load, xlsx, tmp_path):
    """What is read of a workbook of these sheets."""
    return lambda sheets: load(xlsx(sheets, tmp_path / "a.xlsx"))


@pytest.mark.parametrize(
    ("title", "period"),
    [
        ("某县2026年第2季度指标表", "2026Q2"),
        ("某县2026 年 第 ２ 季度", "2026Q2"),
        ("2026.Q2", "2026Q2"),
        ("二〇二六年第二季度", "2026Q2"),
        ("二零二六年二季度", "2026Q2"),
        ("2026年4-6月份", "2026Q2"),
        ("2026.4-6", "2026Q2"),
        ("2026.04-2026.06", "2026Q2"),
        ("2026年4月1日—2026年6月30日", "2026Q2"),
        ("2025年（第三季度）", "2025Q3"),  # in brackets it belongs to the year before them
        ("2026年度某医院第三季度表", "2026Q3"),
        ("2026年第3季度（2026年7—9月）", "2026Q3"),
        ("2026年1—12月", "2026"),
        ("2026年第3季度|填报时间：2026年10月", "2026Q3"),
        ("2026年指标表|填表日期 2027-01-10", "2026"),
        ("指标表2026-09", "2026-09"),
        ("示例医保〔2026〕3号", ""),
        ("每季度终了后10日内报送, 次年1月底前报全年", ""),
        ("派驻满6个月人数, 上一季度数", ""),
        ("签约满12个月人数, 每十二个月一次", ""),
        ("12月龄儿童管理表, 6—36月龄, 满18个月龄", ""),
        ("2026年第3季度3月龄婴儿管理表", "2026Q3"),
        ("年度指 1—12月", ""),
        ("2026年10月12日填", ""),
    ],
)
def test_what_a_title_says(title: str, period: str) -> None:
    assert named_in(title) == Named(period)


@pytest.mark.parametrize(
    "title",
    [
        "2026年前三季度",
        "2026年1—3季度",
        "2026年一至三季度",
        "2026年第一、二、三季度",
        "2026年一季度至三季度",
        "2026年9个月",
        "近12个月",
        "2026年前9月",
        "2026年(1-9月)",
        "2026年1月1日至9月30日",
        "2026年4月1日至6月29日",
        "2026年截至9月",
        "2026年第3季度累计",
        "1—9月累计",
        "2026年第5季度",
        "2026年13月",
        "2026年半年报",
        "26年第二季度",
        "2025—2026年",
        "2026年第3季度与2025年第3季度",
    ],
)
def test_what_no_title_may_say(title: str) -> None:
    read = named_in(title)
    assert not isinstance(read, Named)
    assert (read.code, bool(read.remedy)) == ("PERIOD", True)


@pytest.mark.parametrize(
    ("title", "quarter", "year"),
    [
        ("某县第二季度指标表", "第2季度", "第2季度"),
        ("某县三季度指标表", "", "第3季度"),
        ("7—9月", "", "第3季度"),
        ("某县上半年", "上半年", "上半年"),
        ("9月", "9月", "9月"),
        ("截至2026年8月31日", "截至 2026-08-31", "截至 2026-08-31"),
        ("截至2026年9月30日", "", "截至 2026-09-30"),
        ("2026年第2季度，截至2026年6月30日", "", ""),
    ],
)
def test_what_cannot_be_of_the_period_of_a_run(title: str, quarter: str, year: str) -> None:
    read = named_in(title)
    assert isinstance(read, Named)
    assert (read.differs(QUARTER), read.differs(YEAR)) == (quarter, year)


def test_up_to_a_day() -> None:
    assert named_in("截止2026年9月30日") == Named(until=date(2026, 9, 30))


@pytest.mark.parametrize(
    ("title", "name", "told"),
    [
        ("第二季度指标表", "横表", "标题写的是第2季度, 与所算期间 2026年第3季度 不符"),
        ("指标表", "二季度横表", "标题写的是第2季度, 与所算期间 2026年第3季度 不符"),
        ("2026年前三季度指标表", "横表", "标题写的 前三季度 看不出是哪一期"),
        ("2026年第3季度指标表", "2026Q2横表", "标题写了不止一个期间: 2026年第2季度、2026年第3季度"),
    ],
)
def test_another_period_is_refused_at_its_sheet(clean, read_book, title, name, told):
    clean[name] = [[title], ["单位", "常住人口", "派驻人天"], ["H01", 1, 2]]
    with pytest.raises(InputProblems) as caught:
        read_book(clean)
    assert [(one.where, one.code, one.message) for one in caught.value.problems] == [(f"a.xlsx {name}", "PERIOD", told)]


def test_a_register_is_of_no_period(clean, read_book):
    """When its members joined and left stands in its columns."""
    members = len(read_book(clean).memberships)
    clean["成员关系表"].insert(0, ["某县医共体成员关系表（截至2026年前三季度）"])
    assert len(read_book(clean).memberships) == members


@pytest.mark.parametrize(
    ("cell", "written"), [("事实表!A7", 2026.1), ("事实表!A7", "2026.1"), ("成员关系表!C3", "2026.1")]
)
def test_a_month_that_may_be_another(clean, read_book, set_cell, cell, written):
    """2026.10 kept as a number is 2026.1."""
    set_cell(clean, cell, written)
    with pytest.raises(InputProblems, match=r"2026\.1 看不出是 1 月还是 10 月"):
        read_book(clean)
