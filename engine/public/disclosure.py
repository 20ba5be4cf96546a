"""公示: what the public may read of a run: scores, grades and totals of institutions; no persons, no personal amounts.

What an institution of one or two people scores is somebody's, so village clinics and institutions with fewer than
three heads on post are not listed. Behind every published amount stand at least three people
(`engine.public.concealing`): such institutions are published together, pay of certain people (heads, general
practitioners, signing doctors) apart from their institution's and together where they are fewer or nobody told how
many; what would still be of fewer than three is left out of every sum, for it could be had by subtraction.
Source: 定期向社会公布绩效考核情况, beijing-2021 (十五).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import xlsxwriter

from allocation.pools import Payees
from domain.institution import Tier
from domain.money import format_daxie, format_yuan
from domain.period import Period
from domain.problems import InputProblems, Problem
from domain.step import has_money
from engine.folder.execute import recompute
from engine.folder.intact import intact
from engine.folder.output import INPUTS, frame_of
from engine.policy.configs import PLAN, run_configs
from engine.policy.files import read_plan
from engine.printing.files import ends_in, write_whole
from engine.printing.page import FILL_TOTAL, OPTIONS, ROW, Book, Column, Page
from engine.public.concealing import FEWEST, Part, PublicLine, publish
from engine.report.sheets.totals import totals
from engine.report.view import View
from engine.run.result import Result
from engine.run.run import silent
from engine.run.tables import WORDED, texts
from engine.run.words import PURPOSES, say_document, tier_title

SIGNERS = ("公示单位（盖章）", "经办人", "监督电话")
CERTAIN = (Tier.PROVINCE, Tier.CITY, Tier.COUNTY, Tier.LEAD, Tier.TOWNSHIP)  # never of one or two people
WITHHELD = "不予公布"
INTERNAL = frozenset({"CHECK-UNANSWERED", "NO-CHECKS"})
"""Warnings about what institutions filled in: a matter between them and those who check it."""
COUNTED = "按人数分配的人员绩效"
HOW = (
    f"公布的每个金额至少由 {FEWEST} 人分得。村卫生室和在岗不足 {FEWEST} 人的机构合并公布；"
    "只由机构中一两个人分得或人数不明的款项"
    "（如负责人年薪、全科医生津贴、签约服务费人员部分）不计入所在机构，按医联体合计公布；"
    f"合并、合计后仍不足 {FEWEST} 人的{WITHHELD}，也不计入小计和合计，以免由公布的数推算出个人金额。"
)
Report = Callable[[str, int, int], None]


def small(tier: str, heads: Fraction | None) -> bool:
    """Whether what is said of an institution may be said of one or two people; nobody doubts one that told no heads."""
    return tier == Tier.VILLAGE or (heads is not None and heads < FEWEST)


def disclose(folder: Path, out: Path, *, held: Collection[str] = (), progress: Report = silent) -> None:
    """Write the workbook for the public from a run folder to `out`, as a whole or not at all; same run, same bytes.

    held: codes of alliances that are held back and of their members: nothing is said of them but that.
    Raises InputProblems if it is not a run folder, not as the run wrote it, or if its tables are not what its inputs
    give (RUN-CHANGED).
    """
    ends_in(out, ".xlsx")
    manifest = intact(folder)
    result = recompute(folder, progress=progress)
    changed = [name for name, frame in texts(result).items() if not _same(name, frame, frame_of(folder, name))]
    if changed:
        raise InputProblems(
            Problem(f"{folder}/{name}", "RUN-CHANGED", "与由原始数据重算的不一致, 不能公示", "用 liangyun verify 核对")
            for name in changed
        )
    inputs, day = folder / INPUTS, Period.parse(str(manifest["period"])).end
    plan = read_plan(run_configs(inputs), next((inputs / PLAN).glob("*.yaml")), day)
    with TemporaryDirectory() as made:
        path = Path(made) / "disclosure.xlsx"
        write_disclosure(result, path, plan.deadlines.days("disclosure"), held)
        write_whole(out, path.read_bytes())


def _same(name: str, one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables are the same but for their words, which another version may say otherwise."""
    worded = WORDED.get(name, frozenset())
    return list(one) == list(other) and one.drop(columns=[*worded]).equals(other.drop(columns=[*worded]))


def write_disclosure(result: Result, path: Path, days: int | None, held: Collection[str] = ()) -> None:
    """The workbook: notice, one sheet of totals per scorecard, amounts by institution.

    days: for objections; None leaves a blank to fill in; held: as of `disclose`.
    """
    told = tuple(warning for warning in result.warnings if warning.code not in INTERNAL)
    view = View.of(_without(replace(result, warnings=told), held))
    with xlsxwriter.Workbook(path, deepcopy(OPTIONS)) as workbook:
        title = f"{view.plan_title} {view.period_title}公示"
        workbook.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
        book = Book(workbook, view.plan_title, view.period_title, SIGNERS, view.caution)
        notice = book.page("公示", "", f"{view.period_title}绩效考核结果公示", [Column("", 160), Column("", 760)])
        book.sheets.pop()
        few = [unit for unit, tier in view.tiers.items() if small(tier, view.labels.heads.get(unit))]
        totals(book, view, few, _grades)
        if len(view.table("allocations")):
            _amounts(book, view)
        _notice(notice, book, view, days, [view.name(one) for one in sorted(held) if one in _alliances(result)])


def _without(result: Result, held: Collection[str]) -> Result:
    """The result as if those that are held back were not in it."""
    frames = {name: _rows_without(frame, held) for name, frame in result.frames.items()}
    told = tuple(one for one in result.warnings if not {one.place.alliance, one.place.unit} & {*held})
    conflicts = {alliance: those for alliance, those in result.contradictions.items() if alliance not in held}
    return replace(result, frames=frames, warnings=told, contradictions=conflicts)


def _rows_without(frame: pd.DataFrame, held: Collection[str]) -> pd.DataFrame:
    columns = [name for name in ("alliance_code", "unit_code") if name in frame]
    return frame[~frame[columns].isin(list(held)).any(axis=1)] if columns and held else frame


def _alliances(result: Result) -> frozenset[str]:
    """The alliances that a result says anything of."""
    tiers = result.labels.tiers.items()
    paid = (frame["alliance_code"] for frame in result.frames.values() if "alliance_code" in frame)
    told = frozenset(str(one) for codes in paid for one in codes)
    return told | {unit for unit, tier in tiers if tier == Tier.ALLIANCE}


def _grades(rows: pd.DataFrame) -> str:
    """How many of the institutions that are not listed reached each grade, where there are enough of them."""
    said = f"另有村卫生室和在岗不足 {FEWEST} 人的机构 {len(rows)} 家，不逐一公布"
    if len(rows) < FEWEST:
        return f"{said}。"
    counts = rows["grade"].replace("", "未定等次").value_counts(sort=False)
    return f"{said}：" + "、".join(f"{grade} {count} 家" for grade, count in counts.items()) + "。"


def _people(view: View, unit: str) -> Fraction:
    """The people of an institution, at least: its heads on post; where nobody told, as many as its tier makes sure."""
    told = view.labels.heads.get(unit)
    if told is not None:
        return told
    return Fraction(FEWEST if view.tiers.get(unit) in CERTAIN else 1)


def _part(view: View, unit: str, pool: str, fen: int) -> Part:
    """What an institution got out of a pool, with the people behind it."""
    label, whole = view.pool(pool), _people(view, unit)
    people, title = whole, ""
    if label.payees is not None:
        people, title = _paid(view, unit, label.payees, fen), label.payees.title
    elif told := [number for code in label.counts if (number := view.labels.counted.get((unit, code))) is not None]:
        people = min(whole, max(told))
        title = COUNTED if people < whole else ""
    return Part(unit, list(PURPOSES).index(label.purpose), fen, people, title if people < FEWEST else "")


def _paid(view: View, unit: str, payees: Payees, fen: int) -> Fraction:
    """How many of an institution's people share an amount, at least; one where nobody told."""
    if payees.most is not None:
        return Fraction(-(-fen // payees.most))
    if payees.heads is not None:
        return Fraction(payees.heads)
    return view.labels.counted.get((unit, payees.metric), Fraction(1))


def _lines(view: View, alliance: str) -> list[PublicLine]:
    """What is published of the pools of an alliance."""
    frame = view.table("allocations")
    rows = frame[frame["alliance_code"] == alliance]
    paid = rows[["unit_code", "pool", "amount"]].itertuples(index=False)
    parts = [_part(view, unit, pool, fen) for unit, pool, fen in paid]
    people = {part.unit: _people(view, part.unit) for part in parts}
    few = {unit for unit in people if small(view.tiers.get(unit, ""), view.labels.heads.get(unit))}
    return publish(parts, people, few, len(PURPOSES))


def _amounts(book: Book, view: View) -> None:
    """资金分配: a line per institution, grouped by alliance, with sums."""
    columns = [
        Column("序号", 40, "count"),
        Column("机构名称", 330),
        Column("机构级别", 140, "center"),
        *(Column(f"{title}（元）", 140, "money") for title in PURPOSES.values()),
        Column("合计（元）", 150, "money"),
    ]
    info = [f"期间：{view.period_title}　　金额为机构总额，不是个人所得"]
    page = book.page("资金分配", "各机构分得的资金总额", "机构资金分配公示表", columns, info)
    page.headings()
    whole = [0] * len(PURPOSES)
    alliances = sorted(view.table("allocations")["alliance_code"].unique())
    for alliance in alliances:
        lines = _lines(view, str(alliance))
        if alliance == alliances[-1]:  # the sum of all does not stand alone on a page
            page.keep(ROW * (min(len(lines), 12) + 4) + page.tail([HOW]))
        page.group(view.name(str(alliance)))
        for at, line in enumerate(_ordered(view, lines), start=1):
            _row(page, view, at, line)
        sums = [sum(line.sums[at] for line in lines) for at in range(len(PURPOSES))]
        _sums(page, "小计", sums)
        whole = [one + more for one, more in zip(whole, sums, strict=True)]
    _sums(page, "合计", whole)
    page.labelled("合计（大写）", f"{format_daxie(sum(whole))}　（¥{format_yuan(sum(whole), thousands=True)}）")
    page.gap(4)
    page.line(HOW)
    page.signatures()
    page.close()


def _ordered(view: View, lines: Sequence[PublicLine]) -> list[PublicLine]:
    """Institutions by tier and code, then what is published together and apart."""
    tiers = list(Tier)
    alone = [line for line in lines if line.kind == "alone"]
    alone.sort(key=lambda line: (tiers.index(Tier(view.tiers[line.units[0]])), line.units))
    return [*alone, *(line for line in lines if line.kind != "alone")]


def _row(page: Page, view: View, at: int, line: PublicLine) -> None:
    """One line; the sum at its end is that of its published cells."""
    tiers = {view.tiers.get(unit, "") for unit in line.units}
    tier = tier_title(tiers.pop()) if len(tiers) == 1 else "多级"
    people = "" if line.withheld else f"，不少于 {int(line.people)} 人"
    title = {
        "alone": view.name(line.units[0]),
        "together": f"合并公布的 {len(line.units)} 家机构",
        "apart": f"{'、'.join(line.titles)}（{len(line.units)} 家机构{people}）",
    }[line.kind]
    cells = [None] * len(line.cells) if line.withheld else list(line.cells)
    values = [*cells, None if line.withheld else sum(line.sums)]
    kinds = ["count", "text", "center", *("center" if fen is None else "money" for fen in values)]
    page.row([at, title, tier, *(WITHHELD if fen is None else fen for fen in values)], kinds=kinds)


def _sums(page: Page, title: str, sums: Sequence[int]) -> None:
    kinds = ["blank", "text", "blank", *["money"] * (len(sums) + 1)]
    page.row(["", title, "", *sums, sum(sums)], kinds=kinds, bold=True, bg_color=FILL_TOTAL)


def _notice(page: Page, book: Book, view: View, days: int | None, held: Sequence[str]) -> None:
    """The first sheet: what is published, on what grounds, and where to object. held: names of alliances."""
    warnings = view.result.warnings
    public = [view.speaker.phrase(warning.said) for warning in warnings if not has_money(warning.said)]
    for warning in public:
        page.boxed(f"提示：{warning}")
    if len(public) < len(warnings):
        page.boxed(f"提示：另有 {len(warnings) - len(public)} 条提示写有金额，不在此公布")
    for alliance in sorted(view.result.contradictions):
        page.boxed(f"提示：{view.name(alliance)}的分配规则互相矛盾，资金未分配")
    for name in held:
        page.boxed(f"提示：{name}暂缓，考核结果和资金另行公示")
    page.gap(6)
    region = view.labels.regions.get(view.region) or view.region
    page.labelled("公示范围", f"{region}　{view.plan_title}", columns=1)
    page.labelled("期间", view.period_title, columns=1)
    for one in view.labels.documents:
        page.labelled("依据", say_document(one), columns=1)
    page.labelled("公示内容", "；".join(f"{name}：{about}" for name, about in book.sheets), columns=1)
    page.labelled("不予公示", "人员姓名、个人得分和个人金额，以及能据以推算的金额；原始数据和来源单元格", columns=1)
    page.labelled("公示期", f"＿＿＿＿年＿＿月＿＿日起 {days or '＿＿'} 个工作日", columns=1)
    page.labelled("异议受理", "单位：＿＿＿＿＿＿＿＿＿＿　电话：＿＿＿＿＿＿＿＿　邮箱：＿＿＿＿＿＿＿＿", columns=1)
    page.labelled("数据校验码", f"{view.digest}（与结果文件夹报表封面相同）", columns=1)
    page.gap(8)
    page.line("对公示内容有异议的，请在公示期内实名书面提出，受理单位登记、复核并答复。", height=24)
    page.signatures()
    page.close()
