"""docs/policies is what `make policies` writes, and says everything that a pack has."""

from __future__ import annotations

from datetime import date

import pytest

from domain.pack import Pack
from engine.policy.configs import load_configs
from engine.policy.files import read_pack
from scripts.policies import FOLDER, page, pages


def test_the_committed_pages_are_those_of_the_packs() -> None:
    made = pages()
    assert {path.name for path in FOLDER.iterdir()} == set(made)
    assert [name for name, content in made.items() if (FOLDER / name).read_text(encoding="utf-8") != content] == []


@pytest.mark.parametrize("name", sorted(load_configs().packs))
def test_every_entry_is_on_its_page(name: str) -> None:
    content = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert [entry.id for entry in read_pack(load_configs(), name).entries() if f"| {entry.id} |" not in content] == []


def test_a_page_by_hand() -> None:
    pack = Pack.model_validate(
        {
            "id": "p",
            "title": "某办法",
            "number": None,
            "issuer": "某局",
            "level": "市",
            "region": "330000",
            "status": "draft",
            "announced": date(2026, 1, 2),
            "note": "没有权重.",
            "indicators": [
                {
                    "id": "P1",
                    "title": "影像覆盖|乡镇",
                    "cite": {"clause": "一"},
                    "indicator": "centre_coverage",
                    "params": {"centre": "imaging", "tiers": ["township"]},
                    "subject": "医共体",
                    "unit": "%",
                    "op": ">=",
                    "target": "0.5",
                    "deadline": date(2026, 12, 31),
                    "formula_status": "stated",
                },
                {
                    "id": "P2",
                    "title": "项目数",
                    "cite": {"clause": "二"},
                    "indicator": "reported_ratio",
                    "params": {"numerator": ["signed_key"], "denominator": ["key_population"]},
                    "subject": "市",
                    "unit": "项",
                    "op": "approx",
                    "target": "50",
                    "ambiguity": "两种读法",
                    "readings": {"a": {"target": "50"}, "b": {"target": "51"}},
                },
                {
                    "id": "P3",
                    "title": "没有数的",
                    "cite": {"clause": "三"},
                    "indicator": "bed_use_rate",
                    "subject": "市",
                    "unit": "%",
                    "op": ">=",
                    "target": None,
                },
            ],
            "money": [
                {"id": "P4", "title": "两个允许", "cite": {"clause": "四"}, "hook": "two_permits", "scope": "区镇"},
            ],
        }
    )
    lines = page(pack, load_configs()).splitlines()
    assert lines[0] == "# 某办法"
    assert "| 状态 | **征求意见稿**, 默认不得据以分配资金 |" in lines
    assert any(line.startswith("| P1 | 影像覆盖\\|乡镇 | 一 | ≥ 50% | 2026-12-31 前 | 医共体 | ") for line in lines)
    assert any(line.startswith("| P1 ") and "(乡镇卫生院) | [文件明示]" in line for line in lines)
    assert any(" | 床位使用率 = " in line and "÷" in line for line in lines if line.startswith("| P3 "))
    assert "| P4 | 两个允许 | 两个允许 | 四 | 区镇 |" in lines
    assert [line for line in lines if line.startswith("* ")] == [
        "* P2 项目数 (二): 左右, 没有写相差多少算达到。",
        "* P2 项目数 (二): 两种读法。",
        "* P2 项目数 (二): 可取的读法 `a`、`b`。",
        "* P3 没有数的 (三): 文件没有给数。",
        "* P3: 算法不出自文件 (口径待核), 只作背景, 除非方案逐条认可。",
        "* 与钱有关的规定中没有印出的比例、系数和倍数, 见各条说明。",
    ]


def test_a_side_that_is_computed_itself_stands_in_brackets() -> None:
    content = pages()["monitor-2024.md"]
    assert "住院次均费用增长率 = (本期次均 − 对比期次均) ÷ 对比期次均" in content
