"""YAML as it is read: plain data with lines; everything else is refused at its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.problems import InputProblems
from engine.yaml.document import read_text, read_yaml, say_path


def problems(text: str) -> list[str]:
    with pytest.raises(InputProblems) as caught:
        read_text(text, name="x.yaml").raise_if_any()
    return [str(problem) for problem in caught.value.problems]


def test_values_and_their_lines() -> None:
    text = '# 说明\na: 1\nb:\n  - x: "0.50"\n    y: null\n  - {z: true, d: 2026-01-31}\nc: |\n  一行\n  两行\ne: no\n'
    document = read_text(text, name="x.yaml")
    assert document.data == {
        "a": 1,
        "b": [{"x": "0.50", "y": None}, {"z": True, "d": date(2026, 1, 31)}],
        "c": "一行\n两行\n",
        "e": "no",
    }
    assert {say_path(path): line for path, line in document.lines.items() if path} == {
        "a": 2,
        "b": 3,
        "b[0]": 4,
        "b[0].x": 4,
        "b[0].y": 5,
        "b[1]": 6,
        "b[1].z": 6,
        "b[1].d": 6,
        "c": 7,
        "e": 10,
    }
    assert document.where(("b", 0, "missing")) == "x.yaml:4"


def test_file_and_line_without_folders(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffa: 1\nb: 2\n".encode())
    document = read_yaml(path)
    assert (document.where(("b",)), document.at(("b",))) == (f"{path}:2", "a.yaml:2")


def test_keys_are_text() -> None:
    assert read_text("1: a\ntrue: b\n2026-01-01: c\n", name="x.yaml").data == {"1": "a", "true": "b", "2026-01-01": "c"}


def test_whole_numbers_are_exact() -> None:
    assert read_text("a: -17\nb: 0\nc: 123456789012345678\n", name="x.yaml").data == {
        "a": -17,
        "b": 0,
        "c": 123456789012345678,
    }


@pytest.mark.parametrize(
    "number", ["0.6", "-1.50", ".5", "5.", "1e3", "1.5E-3", "007", "1_000", "0x1f", ".inf", "-.nan"]
)
def test_numbers_that_are_not_whole_need_quotes(number: str) -> None:
    (said,) = problems(f"a: 1\nb: {number}\n")
    reason = "小数须加引号" if "." in number else "以 0 开头或带其他写法的数字须加引号"
    assert said == f'x.yaml:2: b: {reason}, 写成 "{number}" (YAML-NUMBER)'


def test_unquoted_decimals_may_be_taken_as_written() -> None:
    assert read_text("a: 0.60\nb: 1.0\n", name="x.yaml", decimals="text").data == {"a": "0.60", "b": "1.0"}
    document = read_text("a: 1e3\n", name="x.yaml", decimals="text")
    assert [problem.code for problem in document.problems()] == ["YAML-NUMBER"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", ["x.yaml:3: a: 与第 1 行重复, 删去其中一个 (YAML-DUPLICATE-KEY)"]),
        ("a: {b: 1, b: 2}\n", ["x.yaml:1: a.b: 与第 1 行重复, 删去其中一个 (YAML-DUPLICATE-KEY)"]),
        (
            "a: &x [1]\nb: *x\n",
            [
                "x.yaml:1: a: 不支持锚点 &x, 删去, 把内容写开 (YAML-ANCHOR)",
                "x.yaml:2: b: 不支持引用 *x, 把内容写在这里 (YAML-ANCHOR)",
            ],
        ),
        ("a: {<<: {b: 1}}\n", ["x.yaml:1: a.<<: 不支持合并键 <<, 把内容写开 (YAML-ANCHOR)"]),
        ("a: !!python/object:os.system x\n", ["x.yaml:1: a: 不支持类型标记 !, 删去, 文字加引号 (YAML-TAG)"]),
        ("a: !!float 1\n", ["x.yaml:1: a: 不支持类型标记 !, 删去, 文字加引号 (YAML-TAG)"]),
        ("a: 2026-02-30\n", ["x.yaml:1: a: 2026-02-30 不是日期, 写成 2026-01-01, 文字加引号 (YAML-DATE)"]),
        ("a: 2026-1-1\n", ["x.yaml:1: a: 2026-1-1 不是日期, 写成 2026-01-01, 文字加引号 (YAML-DATE)"]),
        (
            "a: 2026-01-01T00:00:00\n",
            ["x.yaml:1: a: 2026-01-01T00:00:00 不是日期, 写成 2026-01-01, 文字加引号 (YAML-DATE)"],
        ),
        ("a:\n\t- b\n", ["x.yaml:2: 缩进用了制表符, 改用空格 (YAML-SYNTAX)"]),
        ("a: b: c\n", ["x.yaml:1: 此处不能再有冒号, 检查缩进; 含冒号的文字加引号 (YAML-SYNTAX)"]),
        ("a: 'x\nb: 1\n", ["x.yaml:1: 引号没有配对, 补上后一个引号 (YAML-SYNTAX)"]),
        ("a: [1, 2\nb: 3\n", ["x.yaml:1: 方括号 [ ] 没有配对或缺少逗号, 补上 (YAML-SYNTAX)"]),
        ("a: {b: 1\n", ["x.yaml:1: 花括号 { } 没有配对或缺少逗号, 补上 (YAML-SYNTAX)"]),
        ("a:\n  - b\n - c\n", ["x.yaml:3: 缩进不齐, 同一层的键左对齐 (YAML-SYNTAX)"]),
        ("a: @b\n", ["x.yaml:1: 文字以特殊符号开头, 整段文字加引号 (YAML-SYNTAX)"]),
        ("? [a]\n: 2\n", ["x.yaml:1: 键不是文字, 键写成一个词 (YAML-SYNTAX)"]),
        ("a: 1\n---\nb: 2\n", ["x.yaml:2: 一个文件里有第二个文档 (---), 一个文件只写一个 (YAML-SYNTAX)"]),
        ("a: \x07\n", ["x.yaml:1: 有控制字符 U+0007, 删去 (YAML-SYNTAX)"]),
        ("a: b\nc: \x9f\n", ["x.yaml:2: 有控制字符 U+009F, 删去 (YAML-SYNTAX)"]),
        ("", ["x.yaml:1: 内容为空或不是“键: 值”, 最外层写成 键: 值 (YAML-SYNTAX)"]),
        ("- a\n", ["x.yaml:1: 内容为空或不是“键: 值”, 最外层写成 键: 值 (YAML-SYNTAX)"]),
        ("a: " + "[" * 50 + "]" * 50, ["x.yaml:1: 嵌套超过 40 层, 减少嵌套 (YAML-SYNTAX)"]),
    ],
)
def test_what_is_refused(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_every_problem_is_reported_in_the_order_of_the_file() -> None:
    said = problems("a: 0.5\nb: &x 1\na: 2\nc: 2026-13-01\n")
    assert [text.split(":")[1] for text in said] == ["1", "2", "3", "4"]


def test_only_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: 1\nb: 天津\n".encode("gb18030"))
    with pytest.raises(InputProblems) as caught:
        read_yaml(path)
    assert str(caught.value) == f"{path}:2: 文件不是 UTF-8 编码, 用编辑器另存为 UTF-8 (NOT-UTF8)"


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "no.yaml", "NO-FILE"), (tmp_path, "NOT-A-FILE")):
        with pytest.raises(InputProblems) as caught:
            read_yaml(path)
        assert [problem.code for problem in caught.value.problems] == [code]


@given(st.text(alphabet="ab:-[]{}&*!'\"#|>%@ \n\t\\0.5,?~", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        document = read_text(text, name="x.yaml")
    except InputProblems as error:
        assert len(error.problems) == 1  # noqa: PT017  (either outcome is right, but never another exception)
    else:
        assert isinstance(document.data, dict)
