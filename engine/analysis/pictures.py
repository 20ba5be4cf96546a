"""The picture of an analysis: ranked or stacked bars, bars of weights, or the line of a rank-sum ratio.

What is drawn is what a method's `PICTURE` says. Every picture says that it is no basis for pay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from engine.printing.pictures import (
    FAINT,
    FOOT,
    HEAD,
    INK,
    LEGEND_ROW,
    PALETTE,
    SMALL_SIZE,
    TEXT_SIZE,
    draw,
    legend,
    legend_rows,
    looks_of,
    page,
    panel,
    shortened,
    text_width,
)
from indicators.relative import NOTICE, Analysis, Bars, Method, RankLine, WeightBars

MOST_ROWS = 200
"""Units that a picture holds; more could not be read, nor drawn as one image."""
_WIDTH = 7.2  # inches: what the margins of an A4 page leave
_ROW = 0.24  # inches from one bar to the next
_AXIS = 0.5  # inches under the bars for the numbers and the name of the axis
_NAMES = 2.3  # the most inches that names take
_SIGNS = ("o", "s", "^", "D")


def draw_analysis(method: Method, found: Analysis, file: str, suffix: str) -> bytes:
    """The picture of what a method found in the table `file`; suffix: `.svg` or `.png`."""
    foot = shortened(f"{NOTICE}。数据: {file}", _WIDTH - 0.4, SMALL_SIZE)
    return draw(suffix, lambda: _build(method, found, foot))


def _build(method: Method, found: Analysis, foot: str) -> Figure:
    if isinstance(method.picture, WeightBars):
        return _weights(f"{method.title}: 各指标的权重{found.headline}", method.picture, found, foot)
    if isinstance(method.picture, RankLine):
        return _rank_line(method.title, found, foot)
    return _bars(method.title, method.picture, found, foot)


def _bars(title: str, picture: Bars, found: Analysis, foot: str) -> Figure:
    frame = found.result.sort_values("rank", kind="stable")
    names = [f"{rank}  {name}" for rank, name in zip(frame["rank"], frame.iloc[:, 0], strict=True)]
    parts = [name for name in frame.columns if picture.parts and name.startswith(picture.parts)]
    looks = looks_of([part.removeprefix(picture.parts) for part in parts])
    figure, axes, right = _page_of_bars(title, found.says, foot, names, looks, beside=bool(picture.beside))
    total = frame[picture.total].to_numpy(dtype=float)
    if looks:
        start = np.zeros(len(total))
        for part, look in zip(parts, looks.values(), strict=True):
            length = frame[part].to_numpy(dtype=float)
            axes.barh(range(len(names)), length, left=start, height=0.7, **look)
            start += length
    else:
        axes.barh(range(len(names)), total, height=0.7, color=PALETTE[0])
    label, shown = picture.axis, total
    if picture.written is not None:
        shown, label = frame[picture.written[0]].to_numpy(dtype=float), f"{label} (条端数字为{picture.written[1]})"
    _name_axis(axes, label, 3 if picture.beside else 5)
    ends = total
    if picture.marked:
        ends = np.fmax(ends, _signs(axes, frame, picture.marked))
    _written(axes, ends, [_number(number, picture.places) for number in shown])
    if picture.beside:
        second = panel(figure, _WIDTH - right + 0.75, FOOT + _AXIS, 0.25, _top_of(looks))
        _signs(second, frame, picture.beside, joined=True)
        _rows_axis(second, [""] * len(names))
        second.margins(x=0.08)
        _name_axis(second, "距离", 3)
    return figure


def _weights(title: str, picture: WeightBars, found: Analysis, foot: str) -> Figure:
    frame = found.result.sort_values("weight", ascending=False, kind="stable")
    weights = frame["weight"].to_numpy(dtype=float)
    figure, axes, _ = _page_of_bars(title, found.says, foot, list(frame["column"]), {})
    axes.barh(range(len(weights)), weights, height=0.7, color=PALETTE[0])
    said = [f"{weight:.2%}" for weight in weights]
    label = "权重"
    if picture.written is not None:
        column, name = picture.written
        said = [f"{text} ({number:.4f})" for text, number in zip(said, frame[column], strict=True)]
        label = f"权重 (括号内为{name})"
    _name_axis(axes, label)
    axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    _written(axes, weights, said)
    return figure


def _rank_line(title: str, found: Analysis, foot: str) -> Figure:
    spread = found.further["distribution"]
    probits, rsr = spread["probit"].to_numpy(dtype=float), spread["rsr"].to_numpy(dtype=float)
    limits, grades = found.cuts
    names = [
        f"{shortened(units, _NAMES - 0.6)}  {_number(value, 4)}"
        for units, value in zip(spread["units"], rsr, strict=True)
    ]
    aside = max(map(text_width, names)) + 0.1
    body = max(3.6, 0.19 * len(names))
    figure = page(f"{title}: 分布、回归与分档", found.says, foot, _WIDTH, HEAD + 0.25 + body + _AXIS + FOOT)
    axes = panel(figure, 0.75, FOOT + _AXIS, aside + 0.6, HEAD + 0.25, grid="none")
    left = min([*probits, *limits]) - 0.35
    right = max([*probits, *limits]) + 0.35
    edges = (left, *limits, right)
    for at, grade in enumerate(grades):
        axes.axvspan(edges[at], edges[at + 1], color=PALETTE[4], alpha=0.06 + 0.06 * at, linewidth=0)
        axes.annotate(
            grade,
            ((edges[at] + edges[at + 1]) / 2, 1),
            (0, 4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            fontsize=TEXT_SIZE,
            color=INK,
        )
    for limit in limits:
        axes.axvline(limit, color=FAINT, linewidth=0.8, linestyle="--")
    if np.isfinite(spread["a"].iloc[0]):
        ends = np.array([left, right])
        line = float(spread["a"].iloc[0]) + float(spread["b"].iloc[0]) * ends
        axes.plot(ends, line, color=PALETTE[5], linewidth=1.4)
    axes.plot(probits, rsr, "o", color=PALETTE[0], markersize=5, markeredgecolor="white", markeredgewidth=0.6)
    axes.set_xlim(left, right)
    low, high = float(rsr.min()), float(rsr.max())
    room = 0.08 * (high - low) or 0.1
    axes.set_ylim(low - room, high + room)
    places = (np.arange(len(names)) + 0.5) / len(names) * 0.98 + 0.01
    for name, x, y, place in zip(names, probits, rsr, places, strict=True):
        axes.annotate(
            name,
            (x, y),
            (1.09, place),
            textcoords="axes fraction",
            va="center",
            fontsize=TEXT_SIZE - 0.5,
            color=INK,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": FAINT, "linewidth": 0.4, "relpos": (0, 0.5), "shrinkB": 3},
        )
    axes.set_ylabel("秩和比 RSR", fontsize=SMALL_SIZE)
    axes.tick_params(labelsize=SMALL_SIZE)
    named = "、".join(f"{limit:g}" for limit in limits)
    _name_axis(axes, f"概率单位 Y (橙线: 回归; 虚线: 分档界限 {named}, {found.basis})" if limits else "概率单位 Y")
    return figure


def _page_of_bars(
    title: str, line: str, foot: str, names: Sequence[str], looks: Mapping[str, Any], *, beside: bool = False
) -> tuple[Figure, Axes, float]:
    """A page for a bar per name: the figure, the axes, and the inches left free on their right."""
    top = _top_of(looks)
    left = 0.25 + min(_NAMES, max(map(text_width, names)))
    right = 3.1 if beside else 0.9
    figure = page(title, shortened(line, _WIDTH - 0.4), foot, _WIDTH, top + _ROW * len(names) + _AXIS + FOOT)
    legend(figure, legend_rows(list(looks), _WIDTH - 0.4), looks, 0.2)
    axes = panel(figure, left, FOOT + _AXIS, right, top)
    _rows_axis(axes, [shortened(name, _NAMES) for name in names])
    return figure, axes, right


def _top_of(looks: Mapping[str, Any]) -> float:
    """Inches above the bars: the head and the legend."""
    return HEAD + (LEGEND_ROW * len(legend_rows(list(looks), _WIDTH - 0.4)) + 0.08 if looks else 0)


def _rows_axis(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=TEXT_SIZE)
    axes.set_ylim(len(names) - 0.5, -0.5)


def _name_axis(axes: Axes, label: str, intervals: int = 5) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(intervals, steps=[1, 2, 2.5, 5, 10]))
    axes.tick_params(axis="x", labelsize=SMALL_SIZE)
    axes.set_xlabel(label, fontsize=SMALL_SIZE)


def _signs(
    axes: Axes, frame: pd.DataFrame, signs: Mapping[str, str], *, joined: bool = False
) -> npt.NDArray[np.float64]:
    """A sign per row and column of `signs`, with a legend above; returns the largest of each row, NaN for none."""
    rows = np.arange(len(frame))
    values = frame[list(signs)].to_numpy(dtype=float)
    if joined:
        axes.hlines(rows, values.min(axis=1), values.max(axis=1), color=FAINT, linewidth=0.8)
    for at, name in enumerate(signs.values()):
        axes.plot(
            values[:, at],
            rows,
            _SIGNS[at],
            color=PALETTE[(5, 2, 3, 1)[at]],
            markersize=4.5,
            markeredgecolor="white",
            markeredgewidth=0.5,
            label=name,
            linestyle="none",
        )
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=len(signs),
        fontsize=SMALL_SIZE,
        frameon=False,
        borderaxespad=0,
        handletextpad=0.1,
        columnspacing=0.8,
    )
    return np.asarray(np.fmax.reduce(values, axis=1))


def _written(axes: Axes, ends: npt.NDArray[np.float64], texts: Sequence[str]) -> None:
    for row, (end, text) in enumerate(zip(ends, texts, strict=True)):
        axes.annotate(
            text,
            (max(end, 0), row),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL_SIZE,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )


def _number(number: float, places: int) -> str:
    return f"{number:,.{places}f}".replace("-", "−")
