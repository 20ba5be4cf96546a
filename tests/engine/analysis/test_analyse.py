"""Analysis of any table: what is read, what is written, and what is refused."""

# fmt: skip keeps a table of cases or codes as a table here: a row a case, read downwards.
from __future__ import annotations

import csv
from pathlib import Path

import pytest

from domain.modules import names
from domain.problems import InputProblems
from engine.analysis.analyse import analyse

REGIONS = """地区,产前检查率,孕产妇死亡率,围产儿死亡率
A,99.54,60.27,16.15
B,96.52,59.67,20.10
C,99.36,43.91,15.60
D,92.83,58.99,17.04
E,91.71,35.40,15.01
F,95.35,44.71,13.93
G,96.09,49.81,17.43
H,99.27,31.69,13.89
I,94.76,22.91,19.87
J,84.80,81.49,23.63
"""
SPEC = """columns:
  产前检查率: {direction: high}
  孕产妇死亡率: {direction: low}
  围产儿死亡率: {direction: low}
rsr: {ranks: integer, weights: none, probit_decimals: null}
topsis: {low_to_high: complement, base: 100, weighting: coordinates}
"""
TABLE = "单位,签约率,下转率\n甲,0.6,12\n乙,0.8,9\n"


def files(folder: Path, table: str | bytes = TABLE, spec: str = "columns: {}\n") -> tuple[Path, Path, Path]:
    table_path, spec_path = folder / "t.csv", folder / "s.yaml"
    table_path.write_bytes(table if isinstance(table, bytes) else table.encode())
    spec_path.write_text(spec, encoding="utf-8")
    return table_path, spec_path, folder / "result.csv"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refusal(method: str, folder: Path, table: str | bytes = TABLE, spec: str = "columns: {}\n") -> list[str]:
    paths = files(folder, table, spec)
    with pytest.raises(InputProblems) as refused:
        analyse(method, *paths)
    assert not paths[2].exists()
    return str(refused.value).splitlines()


def test_rank_sum_ratio_of_the_ten_regions(tmp_path: Path) -> None:
    paths = files(tmp_path, REGIONS, SPEC)
    written = analyse("rsr", *paths)
    assert written == [tmp_path / "result.csv", tmp_path / "result.distribution.csv"]
    units = rows(written[0])
    assert [row["地区"] for row in units] == list("ABCDEFGHIJ")
    assert [f"{float(row['rsr']):.4f}" for row in units] == [
        "0.6000", "0.4000", "0.7667", "0.4000", "0.6000", "0.6667", "0.5000", "0.9000", "0.5667", "0.1000",
    ]  # fmt: skip
    spread = rows(written[1])
    line = spread[0]
    assert (f"{float(line['a']):.5f}", f"{float(line['b']):.5f}") == ("-0.60855", "0.22169")
    assert (f"{float(line['r']):.5f}", f"{float(line['f_statistic']):.2f}") == ("0.96846", "90.63")
    assert [row["units"] for row in spread] == ["J", "B、D", "G", "I", "A、E", "F", "C", "H"]


def test_same_input_same_bytes_in_either_encoding(tmp_path: Path) -> None:
    paths = files(tmp_path, REGIONS, SPEC)
    analyse("topsis", *paths)
    first = paths[2].read_bytes()
    paths[0].write_bytes(b"\xef\xbb\xbf" + REGIONS.replace("\n", "\r\n").encode() + b"\r\n,,,\r\n")
    analyse("topsis", *paths)
    assert paths[2].read_bytes() == first
    paths[0].write_bytes(REGIONS.encode("gb18030"))
    analyse("topsis", *paths)
    assert paths[2].read_bytes() == first
    assert first.startswith("地区,z_产前检查率,".encode())
    assert b"\r" not in first


def test_floats_are_unrounded(tmp_path: Path) -> None:
    paths = files(tmp_path, spec="columns: {签约率: {target: '0.9'}, 下转率: {target: 12}}\n")
    analyse("attainment", *paths)
    assert paths[2].read_text(encoding="utf-8").splitlines() == [
        "单位,share_签约率,share_下转率,score_签约率,score_下转率,total,rank",
        "甲,0.6666666666666666,1.0,0.3333333333333333,0.5,0.8333333333333334,1",
        "乙,0.8888888888888888,0.75,0.4444444444444444,0.375,0.8194444444444444,2",
    ]


def test_a_judgement_matrix_may_hold_fractions(tmp_path: Path) -> None:
    paths = files(tmp_path, "指标,甲,乙\n甲,1,3\n乙,1/3,1\n")
    analyse("ahp", *paths)
    assert [(row["column"], float(row["weight"])) for row in rows(paths[2])] == [
        ("甲", pytest.approx(0.75)),
        ("乙", pytest.approx(0.25)),
    ]


def test_an_empty_spec_empty_rows_and_empty_columns_at_the_end(tmp_path: Path) -> None:
    table = "单位,签约率,,\n\n甲,0.5,,\n,,,\n乙,0.8,,\n,,,\n"
    for spec in ("", "# 全部默认\n\n"):
        paths = files(tmp_path, table, spec)
        analyse("index", *paths)
        assert [row["单位"] for row in rows(paths[2])] == ["甲", "乙"]
    with pytest.raises(InputProblems) as caught:  # the row is that of the file
        analyse("index", *files(tmp_path, table.replace("0.8", "八成")))
    assert [problem.where for problem in caught.value.problems] == ["t.csv!B5"]


def test_an_empty_corner_and_full_width_digits_are_read(tmp_path: Path) -> None:
    paths = files(tmp_path, ",甲,乙\n甲,１,３\n乙,1/3,1.0\n")
    analyse("ahp", *paths)
    assert [float(row["weight"]) for row in rows(paths[2])] == pytest.approx([0.75, 0.25])
    paths = files(tmp_path, ",签约率\n甲,0.5\n乙,０．８\n")
    analyse("index", *paths)
    assert paths[2].read_text(encoding="utf-8").startswith("单位,")


def test_the_mark_of_a_note_is_no_digit(tmp_path: Path) -> None:
    with pytest.raises(InputProblems) as caught:
        analyse("index", *files(tmp_path, ",签约率\n甲,0.5①\n乙,10²\n"))
    assert [problem.where for problem in caught.value.problems] == ["t.csv!B2", "t.csv!B3"]


def test_entropy_writes_one_row_per_column(tmp_path: Path) -> None:
    paths = files(tmp_path)
    assert analyse("entropy", *paths) == [paths[2]]
    assert [row["column"] for row in rows(paths[2])] == ["签约率", "下转率"]


def test_a_column_setting_goes_before_the_method_setting(tmp_path: Path) -> None:
    spec = "columns:\n  签约率: {}\n  下转率: {direction: low, low_to_high: reciprocal, base: 36}\ntopsis: {base: 20}\n"
    paths = files(tmp_path, spec=spec)
    analyse("topsis", *paths)
    # 36/12 = 3, 36/9 = 4 → z = 0.6, 0.8
    assert [float(row["z_下转率"]) for row in rows(paths[2])] == pytest.approx([0.6, 0.8])


BAD_SPECS = [
    ("columns: [签约率]\n", ["s.yaml:1: columns: 须为 键: 值 (FIELD-VALUE)"]),
    ("colums: {}\n", [("s.yaml:1: colums: 没有这个字段, 是否为 columns; 可用: ahp, attainment, bands, columns, "
                        "deduction, efficacy, entropy, index, rsr, steps, topsis, trend, workload (FIELD-UNKNOWN)")]),
    ("columns:\n  签约率: {}\n  下转率: {directon: low}\n",
     ["s.yaml:3: columns.下转率.directon: 没有这个字段, 是否为 direction; 全部 23 个 (FIELD-UNKNOWN)"]),
    ("columns:\n  签约率: {direction: up}\n  下转率: {}\n",
     ["s.yaml:2: columns.签约率.direction: 'up' 不在可选值之内, 可选: high, low (FIELD-VALUE)"]),
    ("columns:\n  签约率: {weight: 0.5}\n  下转率: {weight: '0.5'}\n",
     ['s.yaml:2: columns.签约率.weight: 小数须加引号, 写成 "0.5" (YAML-NUMBER)']),
    ("columns:\n  签约率: {direction: up}\n  上转率: {wieght: '1'}\n",
     ["t.csv!C1: 列 下转率 没有写在 s.yaml 的 columns 里, 补写, 或从表中删去 (ANALYSE-COLUMN)",
      "s.yaml:2: columns.签约率.direction: 'up' 不在可选值之内, 可选: high, low (FIELD-VALUE)",
      "s.yaml:3: columns.上转率.wieght: 没有这个字段, 是否为 weight; 全部 23 个 (FIELD-UNKNOWN)",
      "s.yaml:3: columns.上转率: 表中没有这一列, 是否为 下转率; 可用: 下转率, 签约率 (ANALYSE-COLUMN)"]),
    ("columns: {}\ncolumns: {}\n", ["s.yaml:2: columns: 与第 1 行重复, 删去其中一个 (YAML-DUPLICATE-KEY)"]),
    ("columns:\n  签约率: {}\n  下转率: {}\n  上转率: {}\n",
     ["s.yaml:4: columns.上转率: 表中没有这一列, 是否为 下转率; 可用: 下转率, 签约率 (ANALYSE-COLUMN)"]),
    ("columns:\n  签约率: {}\n",
     ["t.csv!C1: 列 下转率 没有写在 s.yaml 的 columns 里, 补写, 或从表中删去 (ANALYSE-COLUMN)"]),
    ("columns:\n  签约率: {weight: 1}\n  下转率: {}\n",
     ["s.yaml:3: columns.下转率: 没有 weight, 而别的列有, 都写, 或都不写 (ANALYSE-WEIGHT)"]),
    ("columns:\n  签约率: {weight: 1}\n  下转率: {weight: '-0.1'}\n",
     ["s.yaml:3: columns.下转率.weight: 权重为负, 改为 0 或正数 (ANALYSE-WEIGHT)"]),
    ("columns:\n  签约率: {weight: 0}\n  下转率: {weight: 0}\n",
     ["s.yaml:1: columns: 权重全为 0, 至少一列大于 0 (ANALYSE-WEIGHT)"]),
    ("rsr: {probit_decimals: 3}\n", ["s.yaml:1: rsr.probit_decimals: 3 不在可选值之内, 可选: 2 (FIELD-VALUE)"]),
    ("topsis: {weighting: both}\n",
     ["s.yaml:1: topsis.weighting: 'both' 不在可选值之内, 可选: coordinates, distances (FIELD-VALUE)"]),
    ("rsr: {limits: ['6', '4']}\n", ["s.yaml:1: rsr: limits (分档界限) 须由小到大, 互不相等 (FIELD-VALUE)"]),
    ("rsr: {grades: 4, limits: ['4', '6']}\n",
     ["s.yaml:1: rsr: limits 有 2 个界限, 而 grades 写 4 档, 界限须比档数少 1 (FIELD-VALUE)"]),
    ("- columns\n", ["s.yaml:1: 内容为空或不是“键: 值”, 最外层写成 键: 值 (YAML-SYNTAX)"]),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "messages"), BAD_SPECS)
def test_bad_spec(tmp_path: Path, spec: str, messages: list[str]) -> None:
    assert refusal("topsis", tmp_path, spec=spec) == messages


BAD_TABLES = [
    (b"", ["t.csv: 没有内容, 首行写表头, 每个单位一行 (TABLE-EMPTY)"]),
    ("单位,签约率\n", ["t.csv: 只有表头, 没有单位, 每个单位一行 (TABLE-EMPTY)"]),
    ("单位\n甲\n", ["t.csv!A1: 除单位名称外没有别的列, 列与列之间用逗号分隔 (TABLE-COLUMNS)"]),
    ("单位,签约率\n甲,1\n乙,1,2\n", ["t.csv!A3: 有 3 格, 表头有 2 格, 补齐或删去多余的逗号 (TABLE-WIDTH)"]),
    ("单位,签约率,签约率\n甲,1,2\n",
     ["t.csv!B1: 表头 签约率 出现 2 次, 改名 (TABLE-DUPLICATE)",
      "t.csv!C1: 表头 签约率 出现 2 次, 改名 (TABLE-DUPLICATE)"]),
    ("单位,签约率\n甲,1\n甲,2\n",
     ["t.csv!A2: 单位 甲 出现 2 次, 合并或改名 (TABLE-DUPLICATE)",
      "t.csv!A3: 单位 甲 出现 2 次, 合并或改名 (TABLE-DUPLICATE)"]),
    ("单位,签约率\n=1+1,1\n,2\n",
     ["t.csv!A2: =1+1 以 = 开头, 表格软件会当作公式, 改写, 不以 = + - @ 开头 (TABLE-NAME)",
      "t.csv!A3: 单位名称为空, 补填 (TABLE-NAME)"]),
    ("单位,=签约率\n甲,1\n", ["t.csv!B1: =签约率 以 = 开头, 表格软件会当作公式, 改写, 不以 = + - @ 开头 (TABLE-NAME)"]),
    ("单位,签约率,下转率\n甲,\"1,200\",\n乙,85%,nan\n",
     ["t.csv!B2: '1,200' 不是数, 只写数字, 不带千分位、百分号和单位 (TABLE-NUMBER)",
      "t.csv!C2: 空格, 补填, 或从表中删去该单位或该列 (TABLE-BLANK)",
      "t.csv!B3: '85%' 不是数, 只写数字, 不带千分位、百分号和单位 (TABLE-NUMBER)",
      "t.csv!C3: 'nan' 不是数, 只写数字, 不带千分位、百分号和单位 (TABLE-NUMBER)"]),
    ("单位,签约率\n甲,1/3\n", ["t.csv!B2: '1/3' 不是数, 只写数字, 不带千分位、百分号和单位 (TABLE-NUMBER)"]),
    ("单位,签约率\n甲,1e999\n", ["t.csv!B2: '1e999' 不是数, 只写数字, 不带千分位、百分号和单位 (TABLE-NUMBER)"]),
    ('单位,签约率\n"甲,1\n',
     ["t.csv: 不是完整的 CSV (unexpected end of data), 核对引号是否成对, 重新导出 (FILE-UNREADABLE)"]),
    ("单位;a\n甲;1\n", ["t.csv: 列之间是分号, 不是逗号, 从原系统导出用逗号分隔的 CSV, 或 .xlsx (FILE-SEPARATOR)"]),
    (b"a,b\nc\0,1\n",
     [("t.csv: 含有 0 字节: 不是文本, 或是没有标记的 UTF-16, 从原系统重新导出为 UTF-8 的 CSV 或 .xlsx, "
       "不要打开乱码的文件再保存 (FILE-ENCODING)")]),
    ("单位,a\n甲\ue5e5,1\n乙,2\n",
     ["t.csv!A2: 甲\ue5e5 是乱码 (有 '\\ue5e5'), 对照原件重填, 或从原系统重新导出 (TEXT-GARBLED)"]),
]  # fmt: skip


@pytest.mark.parametrize(("table", "messages"), BAD_TABLES)
def test_bad_table(tmp_path: Path, table: str | bytes, messages: list[str]) -> None:
    assert refusal("topsis", tmp_path, table=table) == messages


def test_table_and_spec_are_refused_together(tmp_path: Path) -> None:
    said = refusal("topsis", tmp_path, table="单位,签约率\n甲,x\n乙,1\n", spec="columns:\n  签约率: {weight: -1}\n")
    assert [line.rpartition(" ")[2] for line in said] == ["(TABLE-NUMBER)", "(ANALYSE-WEIGHT)"]


def test_unknown_method(tmp_path: Path) -> None:
    (said,) = refusal("topsys", tmp_path)
    assert said.startswith("topsys: 没有这个方法, 是否为 topsis TOPSIS")
    assert all(method in said for method in names("indicators.relative"))


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputProblems) as refused:
        analyse("topsis", tmp_path / "none.csv", tmp_path / "none.yaml", tmp_path / "result.csv")
    assert [problem.where for problem in refused.value.problems] == ["none.csv", "none.yaml"]
    assert {problem.code for problem in refused.value.problems} == {"NO-FILE"}


def test_the_inputs_are_never_written_over(tmp_path: Path) -> None:
    table, spec, _ = files(tmp_path)
    with pytest.raises(InputProblems, match="OUT-IS-INPUT"):
        analyse("topsis", table, spec, table)
    assert table.read_text(encoding="utf-8") == TABLE
    with pytest.raises(InputProblems, match="OUT-NO-FOLDER"):
        analyse("topsis", table, spec, tmp_path / "nowhere" / "result.csv")


def test_numbers_beyond_what_can_be_written(tmp_path: Path) -> None:
    table = "单位,甲,乙,丙,丁\nA,1e99,1e99,1e99,1e99\nB,1,1,1,1\n"
    spec = "columns:\n" + "".join(f"  {name}: {{standard: '0.1', group: 类}}\n" for name in "甲乙丙丁")
    assert refusal("index", tmp_path, table=table, spec=spec) == [
        "t.csv: 有的数太大或太小, 结果超出可写的范围, 换计量单位 (如 元 改为 万元), 或核对数字 (ANALYSE-RANGE)"
    ]


def test_a_negative_judgement_is_a_number_and_refused(tmp_path: Path) -> None:
    table = "指标,甲,乙\n甲,1,-3\n乙,-1/3,1\n"
    assert refusal("ahp", tmp_path, table=table) == ["t.csv!C2: 判断值须大于 0, 核对矩阵 (ANALYSE-AHP-POSITIVE)"]


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (("0.5", "0.6"), ["权重合计 1.1, 不是整数: 核对有没有写错的权重"]),
        (("60", "39.5"), ["权重合计 99.5, 不是整数: 核对有没有写错的权重"]),
        (("0.4", "0.6"), []),
        (("60", "50"), []),  # full marks may add up to any number
        ((), []),
    ],
)
def test_weights_that_add_up_to_no_whole_are_told(tmp_path: Path, weights: tuple[str, ...], said: list[str]) -> None:
    spec = "columns:\n" + "".join(
        f"  {name}: {{weight: '{one}'}}\n" for name, one in zip("甲乙", weights, strict=False)
    )
    paths = files(tmp_path, "单位,甲,乙\nA,1,2\nB,3,1\n", spec if weights else "")
    told: list[str] = []
    analyse("topsis", *paths, tell=told.append)
    assert [line for line in told if "权重合计" in line] == said
