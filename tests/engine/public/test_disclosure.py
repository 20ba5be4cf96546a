"""The workbook for the public: totals of institutions to the fen, nothing that could be somebody's pay."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from allocation.pools import Payees
from allocation.pools import allowance as allowances
from domain.money import exact, parse_yuan
from domain.period import Period
from domain.problems import InputProblems
from domain.step import Phrase, RunWarning
from engine.folder.excerpt import around, report
from engine.folder.execute import execute, recompute
from engine.folder.output import digest, hashes
from engine.policy.configs import load_configs
from engine.public.disclosure import disclose, write_disclosure
from engine.run.labels import CardLabel, Labels, PoolLabel
from engine.run.result import ALWAYS, Result, frame
from tests.words import warning

EXAMPLE = Path(__file__).parents[3] / "examples" / "beijing-2021" / "2022.xlsx"
UNITS = {
    "A1": ("示例医共体", "alliance"),
    "H1": ("示例县医院", "lead"),
    "T1": ("=示例卫生院", "township"),
    "V1": ("示例一村卫生室", "village"),
    "V2": ("示例二村卫生室", "village"),
}
HEADS = {"H1": Fraction(300), "T1": Fraction(20), "V1": Fraction(1), "V2": Fraction(2)}
HEAD = Payees("机构负责人年薪", heads=1)
AMOUNTS = {"H1": "900000.01", "T1": "60000.10", "V1": "4321.09", "V2": "5678.92"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    execute(load_configs(), "demo-beijing", EXAMPLE, Period.parse("2022"), out)
    return out


def cells(path: Path) -> list[Any]:
    book = openpyxl.load_workbook(path)
    return [value for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value is not None]


def made(amounts: dict[str, str] = AMOUNTS) -> Result:
    """One alliance with a hospital, a township hospital and two village clinics that shared two pools alike."""
    totals = [
        {"scope": "member", "unit_code": unit, "scorecard": "card", "score": exact("88.5"), "grade": "良好", "rank": 1}
        for unit in amounts
    ]
    frames = {name: frame(name, totals if name == "totals" else []) for name in ALWAYS}
    frames["allocations"] = got({(pool, unit): amount for pool in ("p1", "p2") for unit, amount in amounts.items()})
    labels = Labels(
        names={code: name for code, (name, _) in UNITS.items()},
        tiers={code: tier for code, (_, tier) in UNITS.items()},
        heads=HEADS,
        cards={"card": CardLabel("成员考核", "member", {"d": "服务"}, {})},
        pools={"p1": PoolLabel("奖励", purpose="staff_reward"), "p2": PoolLabel("补助", purpose="subsidy")},
    )
    return Result(
        "plan", "示例方案", Period.parse("2026"), "", labels, frames, warnings=(warning("征求意见稿", "DRAFT"),)
    )


def got(amounts: dict[tuple[str, str], str]) -> pd.DataFrame:
    """The allocations of alliance A1: amounts (yuan) by (pool, unit)."""
    rows = [
        {
            "alliance_code": "A1",
            "pool": pool,
            "unit_code": unit,
            "tier": UNITS[unit][1],
            "merit": Fraction(1),
            "amount": parse_yuan(amount),
            "held_by": (),
        }
        for (pool, unit), amount in amounts.items()
    ]
    return frame("allocations", rows)


def rows(path: Path) -> dict[str, tuple[Any, ...]]:
    """The rows of 资金分配 by name: income, reward, subsidy, sum."""
    sheet = openpyxl.load_workbook(path)["资金分配"]
    found = sheet.iter_rows(values_only=True)
    return {str(row[1]): row[3:7] for row in found if row[1] and isinstance(row[6], int | float)}


def test_amounts_of_few_people_are_published_together(tmp_path: Path) -> None:
    write_disclosure(made(), tmp_path / "公示.xlsx", 5)
    # each member has its amount twice, as reward and as subsidy; 4321.09 + 5678.92 = 10000.01
    assert rows(tmp_path / "公示.xlsx") == {
        "示例县医院": (0, 900000.01, 900000.01, 1800000.02),
        "=示例卫生院": (0, 60000.1, 60000.1, 120000.2),
        "合并公布的 2 家机构": (0, 10000.01, 10000.01, 20000.02),
        "小计": (0, 970000.12, 970000.12, 1940000.24),
        "合计": (0, 970000.12, 970000.12, 1940000.24),
    }
    text = "\n".join(map(str, cells(tmp_path / "公示.xlsx")))
    for personal in ("4321.09", "8642.18", "5678.92", "11357.84"):
        assert personal not in text
    assert "提示：征求意见稿" in text
    assert "DRAFT" not in text
    assert "起 5 个工作日" in text


def test_what_is_one_persons_stands_in_no_line_and_no_sum(tmp_path: Path) -> None:
    result = made({"H1": "900000.01", "T1": "60000.10", "V1": "4321.09"})
    labels = result.labels
    salary = PoolLabel("负责人年薪", purpose="staff_reward", payees=HEAD)
    given = replace(labels, pools={"p1": salary, "p2": labels.pools["p2"]}, heads=HEADS | {"T1": Fraction(2)})
    write_disclosure(replace(result, labels=given), tmp_path / "公示.xlsx", 5)
    # p1 pays three heads: 900000.01 + 60000.10 + 4321.09 = 964321.20; of p2, T1 (2 people) and V1 (1) make three
    assert rows(tmp_path / "公示.xlsx") == {
        "示例县医院": (0, 0, 900000.01, 900000.01),
        "合并公布的 2 家机构": (0, 0, 64321.19, 64321.19),
        "机构负责人年薪（3 家机构，不少于 3 人）": (0, 964321.2, 0, 964321.2),
        "小计": (0, 964321.2, 964321.2, 1928642.4),
        "合计": (0, 964321.2, 964321.2, 1928642.4),
    }
    names = {row[2] for row in openpyxl.load_workbook(tmp_path / "公示.xlsx")["总分与等次"].values}
    assert names & {name for name, _ in UNITS.values()} == {"示例县医院"}
    assert "另有村卫生室和在岗不足 3 人的机构 2 家，不逐一公布。" in cells(tmp_path / "公示.xlsx")


def test_two_heads_and_a_lone_clinic_are_not_published_at_all(tmp_path: Path) -> None:
    result = made({"V1": "4321.09", "V2": "0.00"})
    labels = result.labels
    given = replace(labels, pools=labels.pools | {"p1": PoolLabel("年薪", purpose="staff_reward", payees=HEAD)})
    given = replace(given, heads={"V1": Fraction(1), "V2": Fraction(1)})
    write_disclosure(replace(result, labels=given), tmp_path / "公示.xlsx", 5)
    assert rows(tmp_path / "公示.xlsx") == {"小计": (0, 0, 0, 0), "合计": (0, 0, 0, 0)}
    assert cells(tmp_path / "公示.xlsx").count("不予公布") == 8
    assert "4321.09" not in str(cells(tmp_path / "公示.xlsx"))


def test_no_salary_of_a_head_is_published(tmp_path: Path) -> None:
    county = EXAMPLE.parents[1] / "county" / "2025.xlsx"
    execute(load_configs(), "demo-county", county, Period.parse("2025"), tmp_path / "run")
    disclose(tmp_path / "run", tmp_path / "公示.xlsx")
    paid = pd.read_csv(tmp_path / "run" / "allocations.csv", dtype=str)
    salaries = {float(one) for one in paid.loc[paid["pool"] == "head-salary", "amount"]} - {0.0}
    assert len(salaries) > 3
    assert not salaries & {one for one in cells(tmp_path / "公示.xlsx") if isinstance(one, int | float)}


STANDARD = 800_00  # of an allowance a month


def paid(pools: dict[str, PoolLabel], amounts: dict[tuple[str, str], str], **given: Any) -> Result:
    """The small alliance with other pools: amounts by (pool, unit)."""
    result = made()
    labels = replace(result.labels, pools=pools, **given)
    return replace(result, frames={**result.frames, "allocations": got(amounts)}, labels=labels)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("28800.00", True),  # 36 months in a year: three general practitioners
        ("19200.80", True),  # a fen more than 24 full months: somebody else must be behind it
        ("19200.00", False),  # 24 months: two
        ("800.00", False),
    ],
)
def test_an_allowance_of_one_or_two_stands_in_no_line(tmp_path: Path, amount: str, shown: bool) -> None:
    allowance = PoolLabel("津贴", purpose="staff_reward", payees=Payees("定额津贴", most=STANDARD * 12))
    write_disclosure(paid({"gp": allowance}, {("gp", "T1"): amount}), tmp_path / "公示.xlsx", 5)
    said = rows(tmp_path / "公示.xlsx")
    assert ("=示例卫生院" in said) == shown
    assert said["合计"] == ((0, float(amount), 0, float(amount)) if shown else (0, 0, 0, 0))
    assert ("定额津贴（1 家机构）" in cells(tmp_path / "公示.xlsx")) != shown
    assert (float(amount) in cells(tmp_path / "公示.xlsx")) == shown


def test_allowances_of_few_are_published_together_apart_from_their_institutions(tmp_path: Path) -> None:
    allowance = PoolLabel("津贴", purpose="staff_reward", payees=Payees("定额津贴", most=STANDARD * 12))
    reward = PoolLabel("奖励", purpose="staff_reward")
    amounts = {("gp", "H1"): "9600.00", ("gp", "T1"): "12000.00", ("p", "H1"): "900.00", ("p", "T1"): "500.00"}
    write_disclosure(paid({"gp": allowance, "p": reward}, amounts), tmp_path / "公示.xlsx", 5)
    # H1: 12 months, one; T1: 15 months, two
    assert rows(tmp_path / "公示.xlsx") == {
        "示例县医院": (0, 900, 0, 900),
        "=示例卫生院": (0, 500, 0, 500),
        "定额津贴（2 家机构，不少于 3 人）": (0, 21600, 0, 21600),
        "小计": (0, 23000, 0, 23000),
        "合计": (0, 23000, 0, 23000),
    }


@pytest.mark.parametrize(("signers", "shown"), [(None, False), (1, False), (2, False), (3, True)])
def test_a_fee_for_staff_needs_to_know_how_many_sign(tmp_path: Path, signers: int | None, shown: bool) -> None:
    fee = PoolLabel("签约服务费", purpose="staff_reward", payees=Payees("签约服务费人员部分", metric="signing_staff"))
    told = {} if signers is None else {("T1", "signing_staff"): Fraction(signers)}
    write_disclosure(paid({"fee": fee}, {("fee", "T1"): "7000.00"}, counted=told), tmp_path / "公示.xlsx", 5)
    assert (7000 in cells(tmp_path / "公示.xlsx")) == shown


@pytest.mark.parametrize(("persons", "shown"), [(1, False), (2, False), (3, True), (5000, True)])
def test_a_reward_shared_by_a_number_of_people_is_theirs(tmp_path: Path, persons: int, shown: bool) -> None:
    pool = PoolLabel("全科医生奖励", purpose="staff_reward", counts=("general_practitioners",))
    told = {("T1", "general_practitioners"): Fraction(persons)}
    write_disclosure(paid({"p": pool}, {("p", "T1"): "7000.00"}, counted=told), tmp_path / "公示.xlsx", 5)
    assert (7000 in cells(tmp_path / "公示.xlsx")) == shown


def test_what_pools_say_of_their_people(folder: Path) -> None:
    labels = recompute(folder).labels
    said = {pool: label.payees.metric for pool, label in labels.pools.items() if label.payees}
    assert said == dict.fromkeys(
        ("fee-insurance-staff", "fee-public-health-staff", "fee-residents-staff"), "signing_staff"
    )
    assert labels.pools["growth"].counts == ("heads_on_post",)
    assert labels.pools["graded-subsidy"].counts == ()  # for the institution
    # 45% of the 118 on post of the first centre, 51 in the smallest of the public ones
    assert labels.counted["S11", "signing_staff"] == 118 * 45 // 100
    params = {"metric": "gp_allowance_months", "standard": "800.00"}
    allowance = allowances.payees(allowances.Params.model_validate(params), "staff_reward", 3)
    assert allowance.most == 3 * STANDARD


def test_a_warning_that_names_an_amount_is_not_for_the_public(tmp_path: Path) -> None:
    result = made()
    said = {"alliance": "A1", "pool": "p1", "unit": "V1", "reasons": ("试点",), "fen": 432109}
    cap_free = Phrase("engine.run.pool_warnings:cap_free", said)
    told = (
        RunWarning("CAP-FREE-MEMBER", cap_free),
        warning("征求意见稿", "DRAFT"),
    )
    write_disclosure(replace(result, warnings=told), tmp_path / "公示.xlsx", 5)
    text = "\n".join(map(str, cells(tmp_path / "公示.xlsx")))
    assert "4321.09" not in text
    assert "提示：征求意见稿" in text
    assert "提示：另有 1 条提示写有金额，不在此公布" in text


def test_of_an_alliance_that_is_held_back_nothing_is_said_but_that(folder: Path, tmp_path: Path) -> None:
    paid = pd.read_csv(folder / "allocations.csv", dtype=str)
    members = paid[paid["alliance_code"] == "A01"]
    held = {"A01", *members["unit_code"]}
    disclose(folder, tmp_path / "公示.xlsx", held=held)
    totals = pd.read_csv(folder / "totals.csv", dtype=str)
    gone = totals[totals["unit_code"].isin(held)]
    shown = set(map(str, cells(tmp_path / "公示.xlsx")))
    assert len(gone) == 6
    assert shown.isdisjoint(gone["unit_name"])
    assert set(totals["unit_name"]) - set(gone["unit_name"]) <= shown
    (alliance,) = gone[gone["unit_code"] == "A01"]["unit_name"]
    assert f"提示：{alliance}暂缓，考核结果和资金另行公示" in shown
    others = paid[paid["alliance_code"] != "A01"]["amount"].map(parse_yuan).sum()
    assert rows(tmp_path / "公示.xlsx")["合计"][3] == pytest.approx(others / 100, abs=1e-6)


def test_the_public_sees_scores_and_totals_but_not_the_data(folder: Path, tmp_path: Path) -> None:
    disclose(folder, tmp_path / "公示.xlsx")
    book = openpyxl.load_workbook(tmp_path / "公示.xlsx")
    assert book.sheetnames[0] == "公示"
    assert book.sheetnames[-1] == "资金分配"
    assert len([name for name in book.sheetnames if name.startswith("总分与等次")]) == 5
    totals = pd.read_csv(folder / "totals.csv", dtype=str)
    shown = cells(tmp_path / "公示.xlsx")
    assert set(totals["unit_name"]) <= set(shown)
    paid = pd.read_csv(folder / "allocations.csv", dtype=str)
    for unit, part in paid.groupby("unit_name"):
        assert rows(tmp_path / "公示.xlsx")[str(unit)][3] == pytest.approx(part["amount"].astype(float).sum(), abs=1e-6)
    text = "\n".join(map(str, shown))
    for private in ("只计 7 月加入以后", "2022.xlsx", "!D", "人月", "签约居民数"):
        assert private not in text
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape"
        assert str(sheet.page_setup.paperSize) == "9"
        assert sheet.print_title_rows or sheet.title == "公示"


@pytest.mark.parametrize("unit", ["A04", "K04", "S22"])
def test_a_report_of_one_alliance_whose_money_hangs_on_its_districts_score(
    folder: Path, tmp_path: Path, unit: str
) -> None:
    report(folder, unit, tmp_path / "one.xlsx")
    assert "district-linked" in set(around(folder, unit).frames["pools"]["pool"])


def test_a_workbook_is_not_written_under_another_ending(folder: Path, tmp_path: Path) -> None:
    for write in (lambda out: disclose(folder, out), lambda out: report(folder, "D1", out)):
        with pytest.raises(InputProblems) as refused:
            write(tmp_path / "z.txt")
        assert [problem.code for problem in refused.value.problems] == ["FILE-TYPE"]
    assert list(tmp_path.iterdir()) == []


def test_the_same_run_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    disclose(folder, tmp_path / "1.xlsx")
    disclose(folder, tmp_path / "2.xlsx")
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()
    assert "＿＿＿＿年＿＿月＿＿日起 5 个工作日" in cells(tmp_path / "1.xlsx")  # the plan's deadlines.disclosure


def test_a_table_that_was_changed_with_its_hash_is_not_published(folder: Path, tmp_path: Path) -> None:
    path, listed = folder / "totals.csv", folder / "manifest.json"
    before, manifest = path.read_bytes(), listed.read_text(encoding="utf-8")
    path.write_bytes(before.replace(b"99.859485", b"99.959485"))
    forged = json.loads(manifest)
    forged["files"] = hashes(folder)
    listed.write_text(json.dumps(forged | {"digest": digest(forged)}), encoding="utf-8")
    try:
        with pytest.raises(InputProblems) as refused:
            disclose(folder, tmp_path / "公示.xlsx")
    finally:
        path.write_bytes(before)
        listed.write_text(manifest, encoding="utf-8")
    assert [problem.code for problem in refused.value.problems] == ["RUN-CHANGED"]
    assert refused.value.problems[0].where.endswith("totals")
    assert not (tmp_path / "公示.xlsx").exists()


def test_an_alliance_without_a_solution_is_told(tmp_path: Path) -> None:
    result = made({"H1": "1.00"})
    write_disclosure(result, tmp_path / "公示.xlsx", None)
    assert "＿＿＿＿年＿＿月＿＿日起 ＿＿ 个工作日" in cells(tmp_path / "公示.xlsx")
    write_disclosure(replace(result, contradictions={"A1": ()}), tmp_path / "公示.xlsx", 5)
    assert "提示：示例医共体的分配规则互相矛盾，资金未分配" in cells(tmp_path / "公示.xlsx")
