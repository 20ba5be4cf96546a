"""Every entry of a pack cites a clause that its document has, by the committed list of the document's clauses."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import pytest

import configs
from domain.pack import Pack, PackEntry
from engine.policy.configs import load_configs
from engine.policy.files import read_pack
from engine.policy.find import cites
from engine.policy.load import load
from scripts.clauses import clauses, normalised, number, page

from .ids import NUMERIC

SPLIT = re.compile(r"[,\uff0c、;；]")  # commas of either width
FOLDER = configs.folder() / "packs"
LISTS = sorted(path.name.removesuffix(".clauses.txt") for path in FOLDER.glob("*.clauses.txt"))

# Two copies of one text, a page around them, levels 一、 (一) 1. (1), a section without (一).
TWICE = """
发布日期: 2020-01-01
关于印发甲的通知
甲

为了说明怎样编号, 这一段写得很长很长很长很长很长很长很长很长很长很长很长, 特制定本办法。

一、总则

总则只有一段, 里面的二、三级医院不是标题。

二、任务

(一)第一项

1.其一。有 3.5 个点, 不是标题。

(1)其一之一。

(2)其一之二。

2.其二。

（二） 第二项。

三、组织

1.只有一级。

本办法自2020年1月1日起施行。
"""
# (一) counts on through the sections and is cited without them; links behind.
CONTINUED = (
    "  一、供给\n\n(一)甲。\n\n时限:年底\n\n(二)乙。\n\n二、服务\n\n(三)丙。\n\n相关知识\n\n一、别的\n\n(一)别的"
)
# Headings behind the text, no blank lines, a signature.
GLUED = """某通知发文机构：各市：为做好这项工作, 这一段写得很长很长很长很长很长很长很长很长很长, 提出以下要求。
一、意义深化工作。
二、任务（一）落实规划。
第二句。
（责任处室：甲处）（二）推动建设。
（责任处室：乙处）三、落实到处（一）各级牵头。
某委2017年5月25日
"""
# Broken lines, Markdown marks, both kinds of brackets, numbers that count on through (一) (二), an annex.
MARKED = """
### 一、目标
#### （一） 甲。
断开的
句子。
1. 其一。
#### (二) 乙。
2. 其二。
**（三）丙。**
附件:时间表

附件
时间表
序号
目标
时限
1
建立机制。
6月底前
2
全部加入。
12月底前
背景介绍
一、必要性
"""


@cache
def listed(name: str) -> dict[str, str]:
    lines = (FOLDER / f"{name}.clauses.txt").read_text(encoding="utf-8").splitlines()
    found = dict(line.split("\t") for line in lines)
    assert len(found) == len(lines)
    return {normalised(clause): fingerprint for clause, fingerprint in found.items()}


def cited(entry: PackEntry) -> list[str]:
    return [normalised(part) for part in SPLIT.split(entry.cite.clause)]


def pack(name: str) -> Pack:
    return read_pack(load_configs(), name)


@pytest.mark.parametrize("name", sorted(NUMERIC))
def test_every_document_has_its_list(name: str) -> None:
    assert len(listed(name)) >= 15
    assert all(re.fullmatch(r"[0-9a-f]{64}", fingerprint) for fingerprint in listed(name).values())
    assert len(set(listed(name).values())) == len(listed(name))


@pytest.mark.parametrize("name", LISTS)
def test_every_entry_cites_a_clause_of_the_document(name: str) -> None:
    wrong = [
        f"{entry.id}: {part}"
        for entry in pack(name).entries()
        for part in cited(entry)
        if part not in listed(entry.cite.document or name)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(load_configs().plans))
def test_every_plan_cites_clauses_of_its_documents(name: str) -> None:
    plan = load(load_configs(), name, date(2026, 12, 31)).plan
    wrong = [
        f"{where}: {cite}"
        for where, cite in cites(plan)
        if cite.document in LISTS
        for part in SPLIT.split(cite.clause)
        if normalised(part) not in listed(cite.document)
    ]
    assert wrong == []
    assert any(cite.document in LISTS for _, cite in cites(plan)) or not {pack.id for pack in plan.packs} & set(LISTS)


def test_a_list_says_no_sentence() -> None:
    for name in LISTS:
        lines = (FOLDER / f"{name}.clauses.txt").read_text(encoding="utf-8").splitlines()
        assert [
            line for line in lines if not re.fullmatch(r"(前言|附件 \d+|[一二三四五六七八九十\d()]+)\t\w{64}", line)
        ] == []


def test_a_text_that_is_there_twice() -> None:
    found = clauses(TWICE + "行政规范性文件\n" + TWICE)
    assert list(found) == [
        "前言",
        "一",
        "二",
        "二(一)",
        "二(一)1",
        "二(一)1(1)",
        "二(一)1(2)",
        "二(一)2",
        "二(二)",
        "三",
        "三1",
    ]
    assert found == clauses(TWICE)
    assert found["二(一)1"] == "1.其一。有3.5个点,不是标题。(1)其一之一。(2)其一之二。"
    assert found["三1"] == "1.只有一级。"
    assert found["前言"].startswith("为了说明")
    with pytest.raises(ValueError, match="内容不同"):
        clauses(TWICE + TWICE.replace("其二", "其他"))


def test_brackets_that_count_on_through_the_sections() -> None:
    found = clauses(CONTINUED)
    assert list(found) == ["前言", "一", "(一)", "(二)", "二", "(三)"]
    assert (found["(一)"], found["(三)"]) == ("(一)甲。时限:年底", "(三)丙。")


def test_headings_glued_to_the_text_before() -> None:
    found = clauses(GLUED)
    assert list(found) == ["前言", "一", "二", "二(一)", "二(二)", "三", "三(一)"]
    assert found["二(一)"] == "(一)落实规划。第二句。(责任处室:甲处)"
    assert found["三(一)"] == "(一)各级牵头。"
    assert found["前言"].startswith("为做好")


def test_marks_broken_lines_and_the_annex() -> None:
    found = clauses(MARKED)
    assert list(found) == ["前言", "一", "一(一)", "一(一)1", "一(二)", "一(二)2", "一(三)", "附件 1", "附件 2"]
    assert found["一(一)"] == "(一)甲。断开的句子。1.其一。"
    assert found["一(三)"] == "(三)丙。"
    assert found["附件 2"] == "全部加入。12月底前"


def test_width_and_blanks_do_not_change_a_fingerprint() -> None:
    assert page(CONTINUED) == page(CONTINUED.replace("(", "（").replace("甲。", "甲 。").replace(":", "："))
    assert page(CONTINUED) != page(CONTINUED.replace("甲", "丁"))


@pytest.mark.parametrize(
    ("numeral", "value"), [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("二十三", 23), ("7", 7)]
)
def test_numerals(numeral: str, value: int) -> None:
    assert number(numeral) == value


def test_a_text_without_numbering_is_refused() -> None:
    with pytest.raises(ValueError, match="一、"):
        clauses("没有编号。")
