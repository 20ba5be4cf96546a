"""公示: what the public may read of a run: scores, grades and totals of institutions; no persons, no personal amounts.

What an institution of one or two people gets or scores is somebody's, so village clinics and institutions with fewer
than three heads on post are published together, as one line per alliance; if those are still fewer than three people,
the smallest of the others joins them. A pool that pays one person per institution (年薪) is published as one sum per
alliance. What would still be of fewer than three people is left out of every sum, for it could be had by subtraction.
Source: 定期向社会公布绩效考核情况, beijing-2021 (十五).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import xlsxwriter

from domain.institution import Tier
from domain.money import format_daxie, format_yuan, parse_yuan
from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.files import ends_in, write_whole
from engine.output import INPUTS, frame_of, read_manifest
from engine.policy import load
from engine.report import OPTIONS, scores
from engine.report.layout import FILL_TOTAL, ROW, Book, Column, Page
from engine.report.view import View, plain, tier_title
from engine.result import RunResult
from engine.run import PLAN, recompute, silent

FEWEST = 3  # people behind any published amount
PURPOSES = {"income": "作为收入", "staff_reward": "人员绩效奖励总额", "subsidy": "补助"}
SIGNERS = ("公示单位（盖章）", "经办人", "监督电话")
TOGETHER = (
    f"村卫生室和在岗不足 {FEWEST} 人的机构合并公布，机构负责人年薪按医联体合计公布；合并后仍不足"
    f" {FEWEST} 人的不予公布，也不计入小计和合计，以免公开个人金额。"
)
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Line:
    """What one institution got: heads (None: not told) and fen by purpose."""

    unit: str
    name: str
    tier: str
    heads: Fraction | None
    sums: tuple[int, ...]

    @property
    def personal(self) -> bool:
        """Whether its amounts may be somebody's pay."""
        return small(self.tier, self.heads)

    @property
    def people(self) -> Fraction:
        """Heads on post; one where nobody told."""
        return self.heads if self.heads is not None else Fraction(1)


def small(tier: str, heads: Fraction | None) -> bool:
    """Whether what is said of an institution is said of one or two people."""
    return tier == Tier.VILLAGE or (heads is not None and heads < FEWEST)


def disclose(folder: Path, out: Path, *, progress: Report = silent) -> None:
    """Write the workbook for the public from a run folder to `out`, as a whole or not at all; same run, same bytes.

    Raises InputProblems if it is not a run folder, or if its tables are not what its inputs give (RUN-CHANGED).
    """
    ends_in(out, ".xlsx")
    manifest = read_manifest(folder)
    result = recompute(folder, progress=progress)
    changed = [name for name, frame in result.tables.items() if not frame.equals(frame_of(folder, name))]
    if changed:
        raise InputProblems(
            Problem(f"{folder}/{name}", "RUN-CHANGED", "与由原始数据重算的不一致, 不能公示", "用 liangyun verify 核对")
            for name in changed
        )
    plan = load(next((folder / INPUTS / PLAN).glob("*.yaml")), Period.parse(str(manifest["period"])).end).plan
    with TemporaryDirectory() as made:
        path = Path(made) / "disclosure.xlsx"
        write_disclosure(result, path, plan.checks.working_days_for_objection)
        write_whole(out, path.read_bytes())


def write_disclosure(result: RunResult, path: Path, days: int | None) -> None:
    """The workbook: notice, one sheet of totals per scorecard, amounts by institution.

    days: for objections; None leaves a blank to fill in.
    """
    view = View.of(result)
    with xlsxwriter.Workbook(path, deepcopy(OPTIONS)) as workbook:
        title = f"{view.meta('plan_title')} {view.meta('period_title')}公示"
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        book = Book(workbook, view.meta("plan_title"), view.meta("period_title"), SIGNERS, view.caution)
        notice = book.page(
            "公示", "", f"{view.meta('period_title')}绩效考核结果公示", [Column("", 160), Column("", 760)]
        )
        book.sheets.pop()
        few = [unit for unit, tier in view.tiers.items() if small(tier, view.labels.heads.get(unit))]
        scores.totals(book, view, few, _grades)
        if len(view.table("allocations")):
            _amounts(book, view)
        _notice(notice, book, view, days)


def _grades(rows: pd.DataFrame) -> str:
    """How many of the institutions that are not listed reached each grade, where there are enough of them."""
    said = f"另有村卫生室和在岗不足 {FEWEST} 人的机构 {len(rows)} 家，不逐一公布"
    if len(rows) < FEWEST:
        return f"{said}。"
    counts = rows["grade"].replace("", "未定等次").value_counts(sort=False)
    return f"{said}：" + "、".join(f"{grade} {count} 家" for grade, count in counts.items()) + "。"


def conceal(lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """The lines that are published, by code, and those that are published together."""
    ordered = sorted(lines, key=lambda line: line.unit)
    together = [line for line in ordered if line.personal]
    alone = [line for line in ordered if not line.personal]
    while together and alone and sum(line.people for line in together) < FEWEST:
        smallest = min(alone, key=lambda line: (line.people, line.unit))
        alone.remove(smallest)
        together.append(smallest)
    return alone, together


def _lines(view: View, alliance: str, *, personal: bool = False) -> list[Line]:
    """Every institution that shares in a pool of the alliance; personal: in one that pays one person of each."""
    frame = view.table("allocations")
    found: dict[str, list[int]] = {}
    purposes = list(PURPOSES)
    for row in frame[frame["alliance_code"] == alliance].itertuples():
        pool = view.pool(str(row.pool))
        if pool.personal != personal:
            continue
        sums = found.setdefault(str(row.unit_code), [0] * len(purposes))
        sums[purposes.index(pool.purpose)] += parse_yuan(str(row.amount))
    return [
        Line(unit, view.name(unit), view.tiers.get(unit, ""), view.labels.heads.get(unit), tuple(sums))
        for unit, sums in found.items()
        if any(sums) or not personal
    ]


def _amounts(book: Book, view: View) -> None:
    """资金分配: a line per institution, grouped by alliance, with sums."""
    columns = [
        Column("序号", 40, "count"), Column("机构名称", 330), Column("机构级别", 140, "center"),
        *(Column(f"{title}（元）", 140, "money") for title in PURPOSES.values()), Column("合计（元）", 150, "money"),
    ]  # fmt: skip
    info = [f"期间：{view.meta('period_title')}　　金额为机构总额，不是个人所得"]
    page = book.page("资金分配", "各机构分得的资金总额", "机构资金分配公示表", columns, info)
    page.headings()
    whole = [0] * len(PURPOSES)
    alliances = sorted(view.table("allocations")["alliance_code"].unique())
    for alliance in alliances:
        lines = _lines(view, str(alliance))
        if alliance == alliances[-1]:  # the sum of all does not stand alone on a page
            page.keep(ROW * (min(len(lines), 12) + 4) + page.tail([TOGETHER]))
        page.group(view.name(str(alliance)))
        sums = _rows(page, *conceal(lines), _lines(view, str(alliance), personal=True))
        _sums(page, "小计", sums)
        whole = [one + more for one, more in zip(whole, sums, strict=True)]
    _sums(page, "合计", whole)
    page.labelled("合计（大写）", f"{format_daxie(sum(whole))}　（¥{format_yuan(sum(whole), thousands=True)}）")
    page.gap(4)
    page.line(TOGETHER)
    page.signatures()
    page.close()


def _rows(page: Page, alone: Sequence[Line], together: Sequence[Line], heads: Sequence[Line]) -> list[int]:
    """The rows of one alliance, and the sums of what they publish. heads: what each head of an institution is paid."""
    ordered = sorted(alone, key=lambda line: (list(Tier).index(Tier(line.tier)), line.unit))
    for at, line in enumerate(ordered, start=1):
        page.row([at, line.name, tier_title(line.tier), *line.sums, sum(line.sums)])
    published, at = _added(ordered), len(ordered)
    groups = (
        (f"合并公布的 {len(together)} 家机构", together, sum(line.people for line in together)),
        (f"机构负责人年薪（{len(heads)} 人合计）", heads, len(heads)),
    )
    for title, lines, people in groups:
        if not lines:
            continue
        at += 1
        tiers = {line.tier for line in lines}
        tier = tier_title(tiers.pop()) if len(tiers) == 1 else "多级"
        if people < FEWEST:
            kinds = ["count", "text", "center", *["center"] * (len(PURPOSES) + 1)]
            page.row([at, title, tier, *["不予公布"] * (len(PURPOSES) + 1)], kinds=kinds)
            continue
        sums = _added(lines)
        page.row([at, title, tier, *sums, sum(sums)])
        published = [one + more for one, more in zip(published, sums, strict=True)]
    return published


def _added(lines: Sequence[Line]) -> list[int]:
    return [sum(line.sums[at] for line in lines) for at in range(len(PURPOSES))]


def _sums(page: Page, title: str, sums: Sequence[int]) -> None:
    kinds = ["blank", "text", "blank", *["money"] * (len(sums) + 1)]
    page.row(["", title, "", *sums, sum(sums)], kinds=kinds, bold=True, bg_color=FILL_TOTAL)


def _notice(page: Page, book: Book, view: View, days: int | None) -> None:
    """The first sheet: what is published, on what grounds, and where to object."""
    for warning in view.listed("warnings"):
        page.boxed(f"提示：{plain(warning)}")
    for alliance in sorted(view.result.contradictions):
        page.boxed(f"提示：{view.name(alliance)}的分配规则互相矛盾，资金未分配")
    page.gap(6)
    region = view.labels.regions.get(view.meta("region")) or view.meta("region")
    page.labelled("公示范围", f"{region}　{view.meta('plan_title')}", columns=1)
    page.labelled("期间", view.meta("period_title"), columns=1)
    for one in view.labels.documents:
        page.labelled("依据", f"《{one.title}》　{one.issuer}　{one.number or '无文号'}　{one.status}", columns=1)
    page.labelled("公示内容", "；".join(f"{name}：{about}" for name, about in book.sheets), columns=1)
    page.labelled("不予公示", "人员姓名、个人得分和个人金额；原始数据和来源单元格", columns=1)
    page.labelled("公示期", f"＿＿＿＿年＿＿月＿＿日起 {days or '＿＿'} 个工作日", columns=1)
    page.labelled("异议受理", "单位：＿＿＿＿＿＿＿＿＿＿　电话：＿＿＿＿＿＿＿＿　邮箱：＿＿＿＿＿＿＿＿", columns=1)
    page.labelled("数据校验码", f"{view.digest}（与结果文件夹报表封面相同）", columns=1)
    page.gap(8)
    page.line("对公示内容有异议的，请在公示期内实名书面提出，受理单位登记、复核并答复。", height=24)
    page.signatures()
    page.close()
