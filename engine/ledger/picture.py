"""The task ledger as a timeline: a bar per line from the day of the document to its deadline, by state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from domain.problems import InputProblems, Problem
from engine.ledger.lines import SHOWN, Ledger, Line, Shown
from engine.printing.pictures import (
    FAINT,
    FOOT,
    HEAD,
    INK,
    LEGEND_ROW,
    PALETTE,
    SMALL_SIZE,
    draw,
    legend,
    legend_rows,
    page,
    panel,
    shortened,
    wrapped,
)

MOST_ROWS = 150
"""Lines that a picture holds; more could not be read, nor drawn as one image."""
_WIDTH = 10.6  # inches: what the margins of an A4 page leave across
_ROW = 0.25
_TITLE, _OWNER, _SAID = 3.1, 1.7, 2.4  # inches of the columns beside the bars
_AXIS = 0.42
_NOTE = 0.16  # a line at the foot
_LOOKS: dict[Shown, dict[str, Any]] = {  # told apart by hatching too, on a grey printer
    "done": {"facecolor": PALETTE[2]},
    "due": {"facecolor": PALETTE[1], "hatch": "...", "edgecolor": "white"},
    "overdue": {"facecolor": PALETTE[5], "hatch": "///", "edgecolor": "white"},
    "past": {"facecolor": "white", "hatch": "xxx", "edgecolor": PALETTE[5]},
    "not_due": {"facecolor": PALETTE[4]},
    "open": {"facecolor": "white"},
    "unreported": {"facecolor": "white"},
    "unread": {"facecolor": "white", "hatch": "...", "edgecolor": PALETTE[7]},
    "encouraged": {"facecolor": "#E4E4E4"},
    "named": {"facecolor": "white", "hatch": "...", "edgecolor": "#C9C9C9"},
    "not_applicable": {"facecolor": "#C9C9C9"},
}


def draw_ledger(ledger: Ledger, suffix: str) -> bytes:
    """The timeline; suffix: `.svg` or `.png`. Raises InputProblems without a deadline, or with too many to be read."""
    lines = [line for line in ledger.lines if line.deadline]
    if not lines or len(lines) > MOST_ROWS:
        said = f"有期限的事项 {len(lines)} 项" + (f", 一张图最多画 {MOST_ROWS} 项" if lines else ", 没有可画的")
        raise InputProblems([Problem(ledger.plan_id, "LEDGER-ROWS", said, "用 --out 文件.xlsx 写成表")])
    return draw(suffix, lambda: _build(ledger, lines))


def _build(ledger: Ledger, lines: Sequence[Line]) -> Figure:
    states = [shown for shown in SHOWN if any(line.shown == shown for line in lines)]
    rows = legend_rows([SHOWN[state] for state in states], _WIDTH - 0.4)
    top = HEAD + len(rows) * LEGEND_ROW + 0.1
    rest = len(ledger.lines) - len(lines)
    notes = [*(f"另有 {rest} 项没有期限, 见台账表" for _ in range(rest > 0)), *ledger.warnings]
    foot = [line for note in notes for line in wrapped(note, _WIDTH - 0.4, SMALL_SIZE)]  # a warning is never cut
    bottom = FOOT + max(0, len(foot) - 1) * _NOTE + _AXIS
    height = top + len(lines) * _ROW + bottom
    about = f"截至 {ledger.as_of}: {ledger.summary}"
    figure = page(f"{ledger.plan_title} 任务台账", about, "\n".join(foot), _WIDTH, height)
    legend(figure, rows, {SHOWN[state]: _LOOKS[state] for state in states}, 0.2)
    axes = panel(figure, 0.2 + _TITLE + _OWNER, bottom, _SAID, top)
    first, last = _span(ledger, lines)
    axes.set_xlim(first.toordinal(), last.toordinal())
    axes.set_ylim(len(lines) - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    _ticks(axes, first, last)
    for at, line in enumerate(lines):
        _draw(axes, at, line, ledger.as_of, first)
    today = ledger.as_of.toordinal()
    axes.axvline(today, color=INK, linewidth=1.0, linestyle=(0, (4, 2)))
    axes.text(today, -0.62, ledger.as_of.isoformat(), fontsize=SMALL_SIZE, ha="center", va="bottom", color=INK)
    for at, line in enumerate(lines):
        share = (height - top - (at + 0.5) * _ROW) / height
        figure.text(
            0.2 / _WIDTH,
            share,
            shortened(f"{line.id} {line.title}", _TITLE - 0.1, SMALL_SIZE),
            fontsize=SMALL_SIZE,
            va="center",
        )
        figure.text(
            (0.2 + _TITLE) / _WIDTH,
            share,
            shortened(line.owner, _OWNER - 0.1, SMALL_SIZE),
            fontsize=SMALL_SIZE,
            va="center",
            color=FAINT,
        )
        said = f"{line.state_text}  {line.share_text}".rstrip()
        figure.text(
            (_WIDTH - _SAID + 0.1) / _WIDTH,
            share,
            shortened(said, _SAID - 0.2, SMALL_SIZE),
            fontsize=SMALL_SIZE,
            va="center",
        )
    return figure


def _span(ledger: Ledger, lines: Sequence[Line]) -> tuple[date, date]:
    """The first and last day of the axis, a little room around."""
    days = [ledger.as_of, *(day for line in lines for day in (line.begins, line.deadline, line.done_on) if day)]
    room = timedelta(days=max(7, (max(days) - min(days)).days // 40))
    return min(days) - room, max(days) + room


def _ticks(axes: Axes, first: date, last: date) -> None:
    """Firsts of months, as many as fit."""
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((one for one in (1, 2, 3, 6, 12, 24) if months / one <= 7), 60)
    days = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if (year * 12 + month - 1) % step == 0 and first <= date(year, month, 1) <= last
    ]
    axes.set_xticks([day.toordinal() for day in days], [f"{day:%Y-%m}" for day in days], fontsize=SMALL_SIZE)


def _draw(axes: Axes, at: int, line: Line, as_of: date, first: date) -> None:
    if line.deadline is None:
        return
    begins, ends = (line.begins or first).toordinal(), line.deadline.toordinal()
    look = {"edgecolor": "none"} | _LOOKS[line.shown]
    axes.barh(at, ends - begins, left=begins, height=0.5, **look)
    if line.state == "overdue":
        axes.barh(at, as_of.toordinal() - ends, left=ends, height=0.5, fill=False, edgecolor=PALETTE[5], linewidth=0.8)
    axes.plot([ends], [at], marker="|", markersize=9, color=INK, markeredgewidth=1.2)
    if line.done_on:
        axes.plot([line.done_on.toordinal()], [at], marker="o", markersize=4.5, color=INK)
