"""Pictures of analyses: every method, the worked tables, thirty units with long names, and what is refused."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from domain.problems import InputProblems
from engine.analysis import pictures as analysis_pictures
from engine.analysis.analyse import analyse
from engine.analysis.pictures import MOST_ROWS
from engine.yaml.document import read_yaml
from indicators.relative import NOTICE, methods
from tests.engine.printing.test_pictures import texts

WORKED = sorted((Path(__file__).parents[2] / "spec" / "relative").glob("*.yaml"))


def files(folder: Path, table: str, spec: str = "columns: {}\n") -> tuple[Path, Path, Path, Path]:
    (folder / "t.csv").write_text(table, encoding="utf-8")
    (folder / "s.yaml").write_text(spec, encoding="utf-8")
    return folder / "t.csv", folder / "s.yaml", folder / "r.csv", folder / "p.svg"


def worked(path: Path, folder: Path) -> tuple[str, list[str], tuple[Path, Path, Path, Path]]:
    """A worked table as files: its method, its units, and the paths."""
    document = read_yaml(path)
    document.raise_if_any()
    case: dict[str, Any] = document.data
    lines = [",".join([case["header"], *case["table"]])]
    lines += [",".join(row) for row in zip(case["units"], *case["table"].values(), strict=True)]
    text = path.read_text(encoding="utf-8")
    start = text.index("\nspec:") + 1
    inner = text[start : text.index("\nplaces:")]
    inline = inner.partition(":")[2].strip()
    body = (
        inline.removeprefix("{").removesuffix("}").strip()
        if inline.startswith("{")
        else "\n".join(line.removeprefix("  ") for line in inner.splitlines()[1:])
    )
    return case["method"], case["units"], files(folder, "\n".join(lines) + "\n", (body or "columns: {}") + "\n")


@pytest.mark.parametrize("path", WORKED, ids=lambda path: path.stem)
def test_every_worked_table_is_drawn(path: Path, tmp_path: Path) -> None:
    method, units, paths = worked(path, tmp_path)
    told: list[str] = []
    written = analyse(method, *paths, tell=told.append)
    assert written[-1] == paths[3]
    svg = paths[3].read_bytes()
    shown = texts(svg)
    assert any(text.startswith(methods()[method].title) for text in shown)
    assert f"{NOTICE}。数据: t.csv" in shown
    joined = "\n".join(shown)
    named = list(read_yaml(path).data["table"]) if method in {"ahp", "entropy"} else units
    assert [unit for unit in named if unit not in joined] == []
    assert told[-1] == NOTICE
    assert told[-2] in shown
    analyse(method, *paths)
    assert paths[3].read_bytes() == svg


def test_the_tables_are_the_same_with_a_picture_and_without(tmp_path: Path) -> None:
    paths = files(tmp_path, "单位,甲,乙\nA,1,2\nB,3,1\nC,2,5\n")
    analyse("rsr", *paths[:3])
    before = paths[2].read_bytes()
    assert len(analyse("rsr", *paths)) == 3
    assert paths[2].read_bytes() == before
    assert NOTICE not in before.decode()


def test_the_picture_of_ahp_says_whether_the_judgements_hold(tmp_path: Path) -> None:
    paths = files(tmp_path, "指标,甲,乙,丙\n甲,1,9,1/9\n乙,1/9,1,9\n丙,9,1/9,1\n")
    analyse("ahp", *paths)
    assert "层次分析法: 各指标的权重 (CR = 6.1303, 一致性未通过)" in texts(paths[3].read_bytes())


def thirty(method: str) -> tuple[str, str]:
    names = [f"{number}号河北省直隶自治县中医院医共体总院城关镇分院" for number in range(30)]
    rows = [f"{name},{(7 * at) % 30 + 1},{(11 * at) % 30 + 1},{at + 1}" for at, name in enumerate(names)]
    keys = {
        "attainment": "target: 30",
        "deduction": "points: 1",
        "steps": 'steps: [{min: 15, share: "1"}]',
        "bands": "standards: [30, 20, 15, 10, 5]",
        "workload": 'minutes: 5, difficulty: "1", risk: "1"',
    }.get(method, "direction: high")
    spec = "columns:\n" + "".join(f"  {name}: {{{keys}}}\n" for name in ("就诊", "签约", "管理"))
    return "\n".join(["单位,就诊,签约,管理", *rows]) + "\n", spec


def outside(figure: Figure) -> set[int]:
    """The labels of ticks beyond the ends of their axis: they exist and are never drawn."""
    found = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        found |= {id(tick.label1) for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high}
    return found


def words(text: Text, renderer: RendererBase) -> Bbox:
    """The box of a text, without the line that leads from it."""
    if isinstance(text, Annotation):
        text.update_positions(renderer)
    return Text.get_window_extent(text, renderer)


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")  # measured again here, with the library's own font
@pytest.mark.parametrize("method", sorted(set(methods()) - {"ahp", "trend", "entropy"}))
def test_thirty_long_names_do_not_overlap_nor_leave_the_page(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Figure] = []
    build = analysis_pictures._build
    monkeypatch.setattr(analysis_pictures, "_build", lambda *args: built.append(build(*args)) or built[-1])
    analyse(method, *files(tmp_path, *thirty(method)))
    figure = built[0]
    canvas = FigureCanvasAgg(figure)
    width, height = figure.bbox.size
    hidden = outside(figure)
    boxes = [
        words(text, canvas.get_renderer()).padded(-1)
        for text in figure.findobj(Text)
        if isinstance(text, Text) and text.get_visible() and text.get_text().strip() and id(text) not in hidden
    ]
    assert len(boxes) > 45
    inside = [box for box in boxes if box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height]
    assert len(inside) == len(boxes)
    assert [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])] == []


@pytest.mark.parametrize(
    ("name", "code"), [("p.jpg", "PICTURE-SUFFIX"), ("none/p.svg", "PICTURE-OUT"), ("r.svg", "ANALYSE-OUT")]
)
def test_nothing_is_written_where_the_picture_cannot_be(tmp_path: Path, name: str, code: str) -> None:
    paths = files(tmp_path, "单位,甲\nA,1\nB,3\n")
    out = tmp_path / "r.svg" if name == "r.svg" else paths[2]
    with pytest.raises(InputProblems, match=code):
        analyse("topsis", paths[0], paths[1], out, tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.yaml", "t.csv"]


def test_a_bad_picture_is_said_together_with_a_bad_table(tmp_path: Path) -> None:
    paths = files(tmp_path, "单位,甲\nA,x\nB,3\n")
    with pytest.raises(InputProblems) as refused:
        analyse("topsis", *paths[:3], tmp_path / "p.jpg")
    assert [problem.code for problem in refused.value.problems] == ["PICTURE-SUFFIX", "TABLE-NUMBER"]


def test_more_units_than_a_picture_holds(tmp_path: Path) -> None:
    rows = "".join(f"U{number},{number}\n" for number in range(MOST_ROWS + 1))
    paths = files(tmp_path, "单位,甲\n" + rows)
    with pytest.raises(InputProblems, match="表有 201 行, 一张图至多 200 行"):
        analyse("efficacy", *paths)
    assert not paths[2].exists()
    assert analyse("efficacy", *paths[:3]) == [paths[2]]


def test_a_name_that_cannot_be_printed_is_refused_at_its_cell(tmp_path: Path) -> None:
    paths = files(tmp_path, "单位,甲𠮷\nA,1\n𠮷院,3\n")
    with pytest.raises(InputProblems) as told:
        analyse("topsis", *paths[:3], tmp_path / "p.png")
    assert [(problem.where, problem.code) for problem in told.value.problems] == [
        (f"{paths[0].name}!A3", "GLYPH"),
        (f"{paths[0].name}!B1", "GLYPH"),
    ]
    assert not paths[2].exists()
    analyse("topsis", *paths[:3], tmp_path / "p.svg")


@pytest.mark.parametrize(("spec", "basis"), [("{}", "口径待核"), ("{limits: ['4', '6']}", "参数给定")])
def test_the_limits_of_grades_show_where_they_come_from(tmp_path: Path, spec: str, basis: str) -> None:
    paths = files(tmp_path, "单位,甲\nA,1\nB,3\nC,2\n", f"rsr: {spec}\n")
    analyse("rsr", *paths)
    assert f"概率单位 Y (橙线: 回归; 虚线: 分档界限 4、6, {basis})" in texts(paths[3].read_bytes())


def test_equal_units_are_drawn_without_grades(tmp_path: Path) -> None:
    paths = files(tmp_path, "单位,甲\nA,1\nB,1\n")
    analyse("rsr", *paths)
    shown = texts(paths[3].read_bytes())
    assert "只有一个 RSR 值, 没有回归线, 不分档" in shown
    assert "概率单位 Y" in shown
    assert {"差", "中", "优"}.isdisjoint(shown)
