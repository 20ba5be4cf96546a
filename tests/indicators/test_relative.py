"""Relative methods: the worked tables, an independent library, what they refuse (fmt: skip keeps tables as tables)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pymcdm.methods
import pymcdm.weights
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.problems import InputProblems
from engine.yaml.document import read_yaml
from indicators.relative import Analysis, ColumnSpec, Table, methods, ranking
from indicators.relative.ahp import principal, reciprocal, verdict
from indicators.relative.bands import bands
from indicators.relative.rsr import integer_ranks, probit

SPECS = sorted((Path(__file__).parents[1] / "spec" / "relative").glob("*.yaml"))


def run(method: str, columns: dict[str, list[str]], spec: dict[str, Any], **names: Any) -> Analysis:
    """Runs a method on columns of texts, with a spec as a file would hold it."""
    values = np.array([[Fraction(text) for text in texts] for texts in columns.values()], dtype=object).T
    units = tuple(names.get("units", [f"U{row}" for row in range(len(values))]))
    settings_of = spec.get("columns", {})
    table = Table(
        names.get("header", "单位"), units, tuple(columns), values,
        tuple(ColumnSpec.model_validate(settings_of.get(name, {})) for name in columns), "t.csv",
        tuple(f"s.yaml:{line}" for line in range(2, len(columns) + 2)),
    )  # fmt: skip
    return methods()[method].analyse(table, methods()[method].params.model_validate(spec.get(method, {})))


def load(path: Path) -> dict[str, Any]:
    document = read_yaml(path)
    document.raise_if_any()
    data: dict[str, Any] = document.data
    return data


def compare(frame: pd.DataFrame, expected: dict[str, list[str]], places: int) -> None:
    for name, texts in expected.items():
        half = 0.5 * 10.0**-places + 1e-9
        np.testing.assert_allclose(frame[name].to_numpy(), [float(text) for text in texts], atol=half, rtol=0)


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_worked_table(path: Path) -> None:
    case = load(path)
    found = run(case["method"], case["table"], case["spec"], units=case["units"], header=case["header"])
    compare(found.result, case["expect"], case["places"])
    if "distribution" not in case:
        return
    spread = found.further["distribution"]
    compare(spread, case["distribution"], 4)
    assert list(spread["grade"]) == case["grades"]
    for name, text in case["line"].items():
        places = len(text.partition(".")[2])
        assert [f"{value:.{places}f}" for value in spread[name]] == [text] * len(spread)


def test_every_method_is_found_and_has_a_worked_table() -> None:
    assert set(methods()) == {load(path)["method"] for path in SPECS}
    contract = {"ahp", "attainment", "efficacy", "entropy", "rsr", "topsis"}
    assert set(methods()) == contract | {"bands", "deduction", "index", "steps", "trend", "workload"}
    assert all(method.title for method in methods().values())


def test_every_method_and_every_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "analysis.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert set(rows) == set(methods())
    for name, method in methods().items():
        assert method.title.partition(" ")[0] in rows[name]
        assert [key for key in method.params.model_fields if f"`{key}`" not in rows[name]] == []
    keys = [key for key in ColumnSpec.model_fields if f"`{key}`" not in page and f"`{key}: [" not in page]
    assert keys == []


def test_columns_written() -> None:
    table = {"甲率": ["1", "2", "3"], "乙率": ["5", "4", "9"]}
    assert list(run("topsis", table, {}).result) == [
        "单位", "z_甲率", "z_乙率", "d_plus", "d_minus", "closeness", "rank",
    ]  # fmt: skip
    found = run("rsr", table, {})
    assert list(found.result) == ["单位", "rank_甲率", "rank_乙率", "rsr", "rank", "probit", "fitted", "grade"]
    assert list(found.further) == ["distribution"]
    assert list(found.further["distribution"]) == [
        "units", "rsr", "f", "cumulative_f", "mean_rank", "p", "probit", "fitted", "grade", "a", "b", "r",
        "f_statistic",
    ]  # fmt: skip
    assert list(run("entropy", table, {}).result) == ["column", "weight", "entropy", "divergence"]
    assert list(run("entropy", table, {}).result["column"]) == ["甲率", "乙率"]
    assert list(run("efficacy", table, {}).result) == [
        "单位", "score_甲率", "score_乙率", "total", "total_geometric", "rank",
    ]  # fmt: skip


tables = st.integers(2, 7).flatmap(
    lambda m: st.lists(st.lists(st.integers(1, 999), min_size=m, max_size=m), min_size=2, max_size=9)
)


@pytest.mark.filterwarnings("ignore:Alternatives with indices:UserWarning")  # the library's, on dominant units
@settings(max_examples=40)
@given(rows=tables)
def test_entropy_and_topsis_agree_with_an_independent_library(rows: list[list[int]]) -> None:
    matrix = np.array(rows, dtype=float)
    columns = {f"c{j}": [str(row[j]) for row in rows] for j in range(len(rows[0]))}
    if (matrix == matrix[0]).all():
        for method in ("entropy", "topsis"):
            with pytest.raises(InputProblems, match="ANALYSE-CONSTANT"):
                run(method, columns, {})
        return
    weights = run("entropy", columns, {}).result["weight"].to_numpy()
    np.testing.assert_allclose(weights, pymcdm.weights.entropy_weights(matrix), atol=1e-9)
    given_weights = {name: {"weight": str(j + 1)} for j, name in enumerate(columns)}
    shares = np.arange(1, len(columns) + 1) / sum(range(1, len(columns) + 1))
    topsis = pymcdm.methods.TOPSIS(pymcdm.normalizations.vector_normalization)
    expected = topsis(matrix, shares, np.ones(len(columns)))
    found = run("topsis", columns, {"columns": given_weights}).result["closeness"]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_equal_rank_sums_are_one_value_of_the_distribution() -> None:
    # (1 + 2 + 3)·0.1 is not (3 + 1 + 2)·0.1 in binary; here all three are 6·0.1/0.3/3 = 2/3.
    table = {"甲": ["1", "2", "3"], "乙": ["2", "3", "1"], "丙": ["3", "1", "2"]}
    spread = run("rsr", table, {"columns": {name: {"weight": "0.1"} for name in table}}).further["distribution"]
    assert list(spread["f"]) == [3]
    assert list(spread["units"]) == ["U0、U1、U2"]
    assert list(spread["p"]) == [1 - 1 / 12]
    assert spread[["a", "b", "r", "f_statistic", "fitted"]].isna().to_numpy().all()


def test_two_values_have_a_line_but_no_f() -> None:
    spread = run("rsr", {"甲": ["1", "2"]}, {}).further["distribution"]
    assert list(spread["probit"]) == [5.0, probit(Fraction(7, 8), None)]
    assert spread["r"].tolist() == pytest.approx([1.0, 1.0])
    assert spread["f_statistic"].isna().all()


def test_grades_include_their_limits() -> None:
    # p = 1/2 has probit 5.00 exactly: with four grades that is the lower limit of 良.
    found = run("rsr", {"甲": ["1", "2"]}, {"rsr": {"grades": 4}}).result
    assert list(found["grade"]) == ["良", "良"]


def test_probits_are_rounded_only_if_told() -> None:
    # Φ⁻¹(1/4) = −0.67449, Φ⁻¹(9/10) = 1.28155
    assert probit(Fraction(1, 4), None) == pytest.approx(4.32551, abs=1e-5)
    assert (probit(Fraction(1, 4), 2), probit(Fraction(9, 10), 2)) == (4.33, 6.28)


def test_ranking_shares_the_better_place() -> None:
    assert list(ranking(np.array([0.3, 0.9, 0.3, 0.1]))) == [2, 1, 2, 4]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_integer_ranks_add_up(values: list[int]) -> None:
    ranks = integer_ranks(np.array([[Fraction(value)] for value in values], dtype=object))
    assert sum(ranks[:, 0]) == Fraction(len(values) * (len(values) + 1), 2)


@pytest.mark.parametrize(
    ("left", "right"),
    [("3", "0.33"), ("3", "0.333"), ("6", "0.16"), ("6", "0.17"), ("7", "0.14"), ("1/3", "3"),
     ("3", "0.333333333333333"), ("7", "0.14285714285714285"), ("1", "1.0"), ("1.5", "0.66"),
     ("1.5", "0.6666666666666666"), ("2.33", "3/7"), ("1.333", "0.75"), ("1.82", "0.55")],
)  # fmt: skip
def test_judgements_that_are_reciprocal_as_far_as_decimals_show_it(left: str, right: str) -> None:
    assert reciprocal(Fraction(left), Fraction(right))
    assert reciprocal(Fraction(right), Fraction(left))


@pytest.mark.parametrize(("left", "right"), [("3", "0.35"), ("3", "0.5"), ("2", "2"), ("0.33", "3.1")])
def test_judgements_that_are_not_reciprocal(left: str, right: str) -> None:
    assert not reciprocal(Fraction(left), Fraction(right))


def test_the_table_is_the_judgement_matrix() -> None:
    # 3, 6, 2 hold together: weights 6 : 2 : 1, λmax = 3 with the fractions; with 0.33 and 0.16 as written it is 2.9832.
    exact = {"甲": ["1", "1/3", "1/6"], "乙": ["3", "1", "1/2"], "丙": ["6", "2", "1"]}
    found = run("ahp", exact, {}, units=["甲", "乙", "丙"])
    assert found.result["weight"].tolist() == pytest.approx([6 / 9, 2 / 9, 1 / 9], abs=1e-15)
    assert (found.result[["ci", "cr"]].to_numpy() >= 0).all()
    assert found.says == "λmax = 3.0000, CI = 0.0000, CR = 0.0000 < 0.10, 通过一致性检验"
    written = {"甲": ["1", "0.33", "0.16"], "乙": ["3", "1", "0.5"], "丙": ["6", "2", "1"]}
    found = run("ahp", written, {}, units=["甲", "乙", "丙"])
    matrix = np.array([[1, 3, 6], [0.33, 1, 2], [0.16, 0.5, 1]])
    largest = max(np.linalg.eigvals(matrix).real)
    assert found.result["lambda_max"].tolist() == pytest.approx([largest] * 3, abs=1e-12)
    assert found.result["ci"].tolist() == pytest.approx([(largest - 3) / 2] * 3, abs=1e-12)
    np.testing.assert_allclose(matrix @ found.result["weight"], largest * found.result["weight"], rtol=1e-12)


def test_principal_vector_of_the_least_consistent_matrix() -> None:
    circular = np.array([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]])
    weights, largest = principal(circular)
    np.testing.assert_allclose(weights, np.full(3, 1 / 3), atol=1e-15)
    assert largest == pytest.approx(1 + 9 + 1 / 9)
    skewed = np.array([[1, 9, 1 / 9], [1 / 9, 1, 7], [9, 1 / 7, 1]])
    weights, largest = principal(skewed)
    np.testing.assert_allclose(skewed @ weights, largest * weights, rtol=1e-12)
    assert largest == pytest.approx(max(np.linalg.eigvals(skewed).real))


def test_two_criteria_are_always_consistent() -> None:
    found = run("ahp", {"甲": ["1", "0.25"], "乙": ["4", "1"]}, {}, units=["甲", "乙"]).result
    assert found["weight"].tolist() == pytest.approx([0.8, 0.2])
    assert found["cr"].tolist() == [0.0, 0.0]
    assert found["ri_table"].tolist() == ["saaty", "saaty"]


def test_geometric_total_is_empty_where_a_coefficient_is_not_positive() -> None:
    spec = {"columns": {"甲": {"target": "90", "floor": "60"}}}
    found = run("efficacy", {"甲": ["75", "15", "0"]}, spec).result
    assert found["total"].tolist() == [80.0, 0.0, -20.0]
    assert found["total_geometric"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("cr", "said", "passed"),
    [(0.0, "CR = 0.0000 < 0.10", True), (-1e-16, "CR = 0.0000 < 0.10", True), (0.09999, "CR = 0.0999 < 0.10", True),
     (0.1, "CR = 0.1000 ≥ 0.10", False), (0.7, "CR = 0.7000 ≥ 0.10", False)],
)  # fmt: skip
def test_the_consistency_check_in_words(cr: float, said: str, *, passed: bool) -> None:
    words = verdict(3.0, 0.0, cr)
    assert said in words
    assert ("未通过" not in words) is passed


def test_what_ahp_says_for_the_title() -> None:
    circular = {"甲": ["1", "1/9", "9"], "乙": ["9", "1", "1/9"], "丙": ["1/9", "9", "1"]}
    found = run("ahp", circular, {}, units=["甲", "乙", "丙"])
    # λmax = 1 + 9 + 1/9, CI = (λmax − 3)/2 = 3.5556, CR = 3.5556/0.58 = 6.1303
    assert found.headline == " (CR = 6.1303, 一致性未通过)"
    equal = run("ahp", {"甲": ["1", "1"], "乙": ["1", "1"]}, {}, units=["甲", "乙"])
    assert equal.headline == " (CR = 0.0000, 一致性通过)"


def test_what_entropy_says_names_the_heaviest_column() -> None:
    assert run("entropy", {"甲": ["1", "1"], "乙": ["1", "3"]}, {}).says == "权重最大的一列是 乙, 占 100.0%"


def test_bands_pass_through_their_standards_exactly() -> None:
    standards = [Fraction(mark) for mark in (95, 90, 80, 70, 60)]
    found = bands(np.array(standards, dtype=object), standards)
    assert list(found) == [Fraction(tenths, 10) for tenths in (10, 8, 6, 4, 2)]


LOW = {"columns": {"甲": {"direction": "low"}}}
REFUSED = [
    ("attainment", {"甲": ["1"]}, {}, "s.yaml:2: 列 甲 没有 target (目标值), 补写 (ANALYSE-TARGET)"),
    ("attainment", {"甲": ["1"]}, {"columns": {"甲": {"direction": "low", "target": "0"}}},
     "s.yaml:2: 列 甲 的 target 不大于 0, 补写 floor (零分值) (ANALYSE-TARGET)"),
    ("attainment", {"甲": ["1"]}, {"columns": {"甲": {"target": "5", "floor": "9"}}},
     ("s.yaml:2: 列 甲 的 target 与 floor 相等, 或与 direction 不符, 越大越好时 floor 小于 target, 越小越好时大于 "
     "(ANALYSE-TARGET)")),
    ("efficacy", {"甲": ["5", "5"]}, {},
     ("t.csv!B1: 列 甲 的满意值与不允许值相等, 或与 direction 不符, "
     "在 target、floor 写明; 全列相同的列不能用表内最大最小值 (ANALYSE-EFFICACY)")),
    ("entropy", {"甲": ["5"]}, {}, "t.csv: 只有 1 个单位, 此法至少要 2 个 (ANALYSE-UNITS)"),
    ("entropy", {"甲": ["5", "-1"]}, {}, "t.csv!B3: -1 为负, 熵权法不能用, 先平移或删去该列 (ANALYSE-NEGATIVE)"),
    ("entropy", {"甲": ["0", "0"]}, {}, "t.csv!B1: 全列为 0, 没有比重, 删去该列 (ANALYSE-ZERO-COLUMN)"),
    ("entropy", {"甲": ["2", "2"]}, {}, "t.csv: 各列都没有差异, 熵权无定义, 检查数据 (ANALYSE-CONSTANT)"),
    ("topsis", {"甲": ["5"]}, {}, "t.csv: 只有 1 个单位, 此法至少要 2 个 (ANALYSE-UNITS)"),
    ("topsis", {"甲": ["50", "120.5"]}, LOW,
     ("t.csv!B3: 低优指标 120.5 大于底数 100, 余数为负, "
     "改 base (百分率 100, 千分率 1000), 绝对数改用 low_to_high: reciprocal (ANALYSE-COMPLEMENT)")),
    ("topsis", {"甲": ["50", "1"]}, LOW | {"topsis": {"low_to_high": "reciprocal", "base": "0"}},
     "t.csv!B1: 倒数法的 base 是 0, 不大于 0, 写大于 0 的 base (如 100), 或改用 complement (ANALYSE-BASE)"),
    ("topsis", {"甲": ["50", "0"]}, LOW | {"topsis": {"low_to_high": "reciprocal"}},
     "t.csv!B3: 低优指标 0 不大于 0, 不能取倒数, 改用 complement (ANALYSE-RECIPROCAL)"),
    ("topsis", {"甲": ["0", "0"]}, {}, "t.csv!B1: 全列为 0, 不能归一化, 删去该列 (ANALYSE-ZERO-COLUMN)"),
    ("topsis", {"甲": ["1", "2"], "乙": ["3", "3"]}, {"columns": {"甲": {"weight": "0"}, "乙": {"weight": "1"}}},
     "t.csv: 各单位在有权重的列上完全相同, 接近度无定义, 检查数据 (ANALYSE-CONSTANT)"),
    ("rsr", {"甲": ["5"]}, {}, "t.csv: 只有 1 个单位, 此法至少要 2 个 (ANALYSE-UNITS)"),
    ("ahp", {"甲": ["1", "1"], "乙": ["1", "1"]}, {},
     "t.csv: 判断矩阵的行名与列名不一致, 首列从上到下须与表头从左到右相同 (ANALYSE-AHP-SQUARE)"),
    ("attainment", {"甲": ["1"]}, {"columns": {"甲": {"band": ["1", "2"], "target": "3"}}},
     "s.yaml:2: 列 甲 的 band (区间) 与 target、floor、cap 同写, 只留一种 (ANALYSE-TARGET)"),
    ("attainment", {"甲": ["1"]}, {"columns": {"甲": {"band": ["2", "1"]}}},
     "s.yaml:2: 列 甲 的 band 下限大于上限, 或 tolerance 为负, 核对 (ANALYSE-TARGET)"),
    ("attainment", {"甲": ["1"]}, {"columns": {"甲": {"target": "2", "tolerance": "1"}}},
     "s.yaml:2: 列 甲 有 tolerance (容差) 而没有 band (区间), 补写 band 或删去 (ANALYSE-TARGET)"),
    ("attainment", {"甲": ["1"]}, {"columns": {"甲": {"target": "2", "cap": "0"}}},
     "s.yaml:2: 列 甲 的 cap (封顶) 不大于 0, 改为大于 0 的数, 不加分时删去 (ANALYSE-TARGET)"),
    ("deduction", {"甲": ["1", "-2"], "乙": ["0", "0"]}, {"columns": {"乙": {"points": "2"}}},
     ("s.yaml:2: 列 甲 没有大于 0 的 points (每次扣分), 补写 (ANALYSE-POINTS)\n"
      "t.csv!B3: 次数 -2 为负, 核对 (ANALYSE-NEGATIVE)")),
    ("steps", {"甲": ["1"], "乙": ["1"]}, {"columns": {"乙": {"steps": [{"max": "1", "share": "1"}]}}},
     ("s.yaml:2: 列 甲 没有 steps (分档), 补写 (ANALYSE-STEPS)\n"
      "s.yaml:3: 列 乙 的各档须只写 min, 越大越好写 min (以上), 越小越好写 max (以下) (ANALYSE-STEPS)")),
    ("steps", {"甲": ["1"]},
     {"columns": {"甲": {"steps": [{"min": "1", "share": "1"}, {"min": "1.0", "share": "0.5"}]}}},
     "s.yaml:2: 列 甲 有两档的界限相同, 合并 (ANALYSE-STEPS)"),
    ("steps", {"甲": ["1"]}, {"columns": {"甲": {"steps": [{"min": "1", "share": "1.2"}]}}},
     "s.yaml:2: 列 甲 的 share 或 below 不在 0 至 1 之间, 写满分的比例, 如 0.9 (ANALYSE-STEPS)"),
    ("trend", {"甲": ["1"], "乙": ["1"]}, {"columns": {"甲": {"previous": "丙"}}},
     ("s.yaml:2: 表中没有上期的列 丙, 改为表中一列的表头 (ANALYSE-PREVIOUS)\n"
      "s.yaml:3: 列 乙 没有 previous (上期的列), 也不是别列的上期, 补写, 或从表中删去该列 (ANALYSE-PREVIOUS)")),
    ("trend", {"甲": ["1"], "乙": ["1"]}, {"columns": {"甲": {"previous": "乙", "partial": "2"},
                                                   "乙": {"previous": "甲"}}},
     ("s.yaml:2: 上期的列 乙 自己也有 previous, 核对 (ANALYSE-PREVIOUS)\n"
      "s.yaml:2: 列 甲 的 min_change 为负, 或 partial、unchanged 不在 0 至 1 之间, 改正 (ANALYSE-PREVIOUS)\n"
      "s.yaml:3: 上期的列 甲 自己也有 previous, 核对 (ANALYSE-PREVIOUS)")),
    ("bands", {"甲": ["1"]}, {"columns": {"甲": {"direction": "low", "standards": ["5", "4", "3", "2", "1"]}}},
     ("s.yaml:2: 列 甲 须有五个 standards (标准值), 由优到差, 互不相等, "
      "依次写优秀、良好、平均、较低、较差值; 次序须与 direction 相符 (ANALYSE-STANDARDS)")),
    ("index", {"甲": ["0", "0"], "乙": ["0", "2"]}, {"columns": {"乙": {"direction": "low", "group": "甲"}}},
     ("s.yaml:2: 列 甲 的标准值 M (standard 或表内均数) 不大于 0, 在 standard 写明 (ANALYSE-STANDARD)\n"
      "s.yaml:3: 列 乙 的 group 与没有 group 的列 甲 同名, 改名, 或给那一列也写上 group (ANALYSE-STANDARD)\n"
      "t.csv!C2: 0 不能作比 (高优指标不小于 0, 低优指标大于 0), 核对, 或从表中删去该列 (ANALYSE-RATIO)")),
    ("workload", {"甲": ["-1"], "乙": ["1"]}, {"columns": {"乙": {"minutes": "5", "difficulty": "1", "risk": "0"}}},
     ("s.yaml:2: 列 甲 缺少大于 0 的 minutes、difficulty、risk, 补写 (ANALYSE-WORKLOAD)\n"
      "s.yaml:3: 列 乙 缺少大于 0 的 risk, 补写 (ANALYSE-WORKLOAD)\n"
      "t.csv!B2: 数量 -1 为负, 核对 (ANALYSE-NEGATIVE)")),
    ("workload", {"甲": ["1"]},
     {"columns": {"甲": {"minutes": "5", "difficulty": "1", "risk": "0.1"}},
      "workload": {"least": "0.2", "visit_difficulty_risk": "0.1"}},
     ("s.yaml:2: 列 甲 的 难度·风险 0.1 小于 least 0.2, 核对 (ANALYSE-WORKLOAD)\n"
      "t.csv: visit_difficulty_risk 小于最小的 难度·风险 0.2, 核对参数 workload, 或写明 least (ANALYSE-WORKLOAD)")),
]  # fmt: skip


@pytest.mark.parametrize(("method", "columns", "spec", "message"), REFUSED)
def test_tables_a_method_cannot_take(
    method: str, columns: dict[str, list[str]], spec: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputProblems) as refused:
        run(method, columns, spec)
    assert str(refused.value) == message


def test_all_wrong_judgements_are_shown_together() -> None:
    matrix = {"甲": ["2", "0.5", "3"], "乙": ["3", "1", "0"], "丙": ["1/3", "5", "1"]}
    with pytest.raises(InputProblems) as refused:
        run("ahp", matrix, {}, units=["甲", "乙", "丙"])
    assert str(refused.value).splitlines() == [
        "t.csv!B2: 对角线上是 2, 改为 1 (ANALYSE-AHP-DIAGONAL)",
        "t.csv!C2: 3 与 t.csv!B3 的 0.5 不互为倒数, 核对两处判断 (ANALYSE-AHP-RECIPROCAL)",
        "t.csv!D3: 判断值须大于 0, 核对矩阵 (ANALYSE-AHP-POSITIVE)",
    ]


def test_a_matrix_larger_than_the_random_indices() -> None:
    names = [f"c{j}" for j in range(11)]
    with pytest.raises(InputProblems, match="11 个指标没有对应的 RI"):
        run("ahp", {name: ["1"] * 11 for name in names}, {}, units=names)


def test_a_heading_that_is_also_a_result() -> None:
    with pytest.raises(InputProblems, match="首列表头 rank 与结果的列重名"):
        run("topsis", {"甲": ["1", "2"]}, {}, header="rank")


def test_a_column_held_by_one_unit_has_no_entropy() -> None:
    # All of 甲 is with one unit: e = 0, without a sign; 乙 is constant: e = 1, no weight.
    found = run("entropy", {"甲": ["4", "0", "0"], "乙": ["2", "2", "2"]}, {}).result
    assert [str(number) for number in found["entropy"]] == ["0.0", "1.0"]
    assert [str(number) for number in found["weight"]] == ["1.0", "0.0"]


def test_entropy_of_columns_that_hardly_differ() -> None:
    # 1 − e of (1 + δ, 1 − δ) is δ²/(2·ln 2) for a small δ: beyond float64, and still the weights are 1 : 4.
    near = {"甲": ["1.0000000001", "0.9999999999"], "乙": ["1.0000000002", "0.9999999998"]}
    assert run("entropy", near, {}).result["weight"].tolist() == pytest.approx([0.2, 0.8], rel=1e-12)


def test_equal_units_have_no_grade() -> None:
    found = run("rsr", {"甲": ["1", "1", "1"]}, {})
    assert list(found.result["grade"]) == ["", "", ""]
    assert found.result["fitted"].isna().all()
    assert found.says == "只有一个 RSR 值, 没有回归线, 不分档"


def test_limits_of_grades_are_marked_unless_the_spec_states_them() -> None:
    table = {"甲": ["1", "2", "3", "4"]}
    assert run("rsr", table, {"rsr": {"grades": 5}}).says.endswith("分档界限 3.2、4.4、5.6、6.8 (口径待核)")
    own = run("rsr", table, {"rsr": {"limits": ["4.4", "5", "6.5"]}})
    assert own.says.endswith("分档界限 4.4、5、6.5 (参数给定)")
    # p = 1/4, 2/4, 3/4, 15/16: probits 4.33, 5, 5.67, 6.53
    assert list(own.result["grade"]) == ["差", "良", "良", "优"]
    assert methods()["index"].title == "综合指数法 (口径待核)"


def test_units_without_a_geometric_mean_are_told() -> None:
    spec = {"columns": {"甲": {"target": "90", "floor": "60"}}}
    found = run("efficacy", {"甲": ["75", "15", "0"]}, spec)
    assert found.says.endswith("; 2 个单位有不大于 0 的系数, 几何平均无定义, 空着")
    two = run(
        "efficacy", {"甲": ["60", "90"], "乙": ["0", "1"]}, {"columns": {"甲": {"weight": "1"}, "乙": {"weight": "3"}}}
    )
    assert two.result["total_geometric"].tolist() == pytest.approx([60.0, 100.0], abs=1e-12)
