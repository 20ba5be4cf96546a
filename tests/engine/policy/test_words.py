"""The names of hooks are read by a schema, as every other YAML file."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.policy.configs import load_configs


def test_names_of_hooks(tmp_path: Path) -> None:
    path = tmp_path / "hooks.yaml"
    path.write_text("hooks:\n  charter: 章程\n  pay_gap: 差距\n", "utf-8")
    assert load_configs(tmp_path).hooks == {"charter": "章程", "pay_gap": "差距"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "hooks:\n  pay_gap: 甲\n  pay_gap: 乙\n",
            "hooks.yaml:3: hooks.pay_gap: 与第 2 行重复, 删去其中一个 (YAML-DUPLICATE-KEY)",
        ),
        ('hooks:\n  charter: ""\n', "hooks.yaml:2: hooks.charter: 不能为空 (FIELD-VALUE)"),
        ("hooks:\n\n  charter: 5\n", "hooks.yaml:3: hooks.charter: 须为文本, 数字须加引号 (FIELD-VALUE)"),
        ("hooks: [charter]\n", "hooks.yaml:1: hooks: 须为 键: 值 (FIELD-VALUE)"),
        ("hooks: {}\ntitles: {}\n", "hooks.yaml:2: titles: 没有这个字段, 可用: hooks (FIELD-UNKNOWN)"),
        ("charter: 章程\n", "hooks.yaml:1: 缺少 hooks, 补上 (FIELD-MISSING)"),
    ],
)
def test_what_is_wrong_is_told_at_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "hooks.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputProblems) as refused:
        str(load_configs(tmp_path).hooks)
    assert f"{tmp_path}/{said}" in [str(problem) for problem in refused.value.problems]


def test_a_code_is_an_id(tmp_path: Path) -> None:
    path = tmp_path / "hooks.yaml"
    path.write_text('hooks:\n  "bad code": 名称\n', "utf-8")
    with pytest.raises(InputProblems) as refused:
        str(load_configs(tmp_path).hooks)
    assert [(problem.where, problem.code) for problem in refused.value.problems] == [(f"{path}:2", "FIELD-VALUE")]
