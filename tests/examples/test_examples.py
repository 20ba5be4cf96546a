"""The committed examples: what they give, some of it worked out by hand, and that the generator still writes them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest

from domain.period import Period
from engine.ledger.make import make_ledger
from engine.policy.configs import load_configs
from engine.policy.load import load, load_pack
from engine.read import read
from tests.configs.ids import NUMERIC

from . import goldens

pytestmark = pytest.mark.xdist_group("examples")  # one worker: each example is computed once

FEN = Decimal("0.01")


def cells(name: str, table: str) -> pd.DataFrame:
    return goldens.tables(name)[table]


def amounts(name: str, pool: str) -> dict[str, Decimal]:
    frame = cells(name, "allocations").query("pool == @pool")
    return {unit: Decimal(amount) for unit, amount in zip(frame["unit_code"], frame["amount"], strict=True)}


def held(name: str, pool: str) -> dict[str, str]:
    frame = cells(name, "allocations").query("pool == @pool")
    return dict(zip(frame["unit_code"], frame["held_by"], strict=True))


@pytest.mark.parametrize("name", goldens.RUNS)
def test_results_are_the_ones_kept(name: str) -> None:
    tables = goldens.golden_tables(name)
    kept = sorted(path.name for path in goldens.GOLDEN.glob(f"{name}.*.csv"))
    assert kept == sorted(goldens.golden_path(name, table).name for table in tables)
    for table, frame in tables.items():
        text = goldens.golden_path(name, table).read_text(encoding="utf-8")
        assert frame.to_csv(index=False, lineterminator="\n") == text, table


@pytest.mark.parametrize("pack", NUMERIC)
def test_every_rule_with_a_number_has_a_value_in_some_example(pack: str) -> None:
    scores = [goldens.tables(name)["scores"] for name in goldens.RUNS]
    valued = {rule for frame in scores for rule in frame.loc[frame["value"] != "", "rule"]}
    rules = {f"{pack}:{rule.id}" for rule in load_pack(load_configs(), pack).indicators}
    assert rules >= {f"{pack}:{number}" for number in NUMERIC[pack]}
    assert rules - valued == set()


def test_a_pilot_county_by_hand() -> None:
    # 安徽A1县, figures as published, points by the plan:
    #   P01 (86.56 − 60) ÷ (90 − 60) × 20 = 17.706667      P02 99.76 ≥ 90: 15
    #   P03 (55.95 − 30) ÷ (65 − 30) × 15 = 11.121429      P04 (73.71 − 40) ÷ (85 − 40) × 15 = 11.236667
    #   P05 13.73 ÷ 25 × 15 = 8.238                        P06 2198.10 ≥ 2000: 10
    #   P07 794.11 ≥ 500: 5                                P08 32.57 ÷ 29.62 = 1.0996, within 1 … 1.15: 5
    frame = cells("pilot-counties", "scores").query("unit_code == 'A1'").set_index("indicator")["score"]
    by_hand = {
        "P01": "17.706667",
        "P02": "15",
        "P03": "11.121429",
        "P04": "11.236667",
        "P05": "8.238",
        "P06": "10",
        "P07": "5",
        "P08": "5",
    }
    assert frame.to_dict() == by_hand
    total = cells("pilot-counties", "totals").query("unit_code == 'A1'").iloc[0]
    assert (total["score"], total["grade"], total["rank"]) == ("83.302762", "良好", "4")


def test_the_prepayment_by_hand() -> None:
    # 2026Q3: budget 483,000 人 × 1,065 元 × 25% = 128,598,750.00, spend 123,609,641.58
    surplus = Decimal("128598750.00") - Decimal("123609641.58")
    assert surplus == Decimal("4989108.42")
    # 3% of the budget at 80%, the rest (below 6%) at 60%; score ≥ 90: coefficient 1
    band = Decimal("128598750.00") * Decimal("0.03")
    kept = (band * Decimal("0.8") + (surplus - band) * Decimal("0.6")).quantize(FEN, ROUND_HALF_UP)
    assert kept == Decimal("3765057.55")
    # 10% reserve 376,505.755 → 376,505.76; 70% of the rest prepaid: 2,371,986.253, down to the fen
    assert (kept - Decimal("376505.76")) * Decimal("0.7") == Decimal("2371986.253")
    pool = cells("county-2026Q3", "pools").set_index("pool").loc["surplus-prepay"]
    assert (pool["amount"], pool["undistributed"]) == ("2371986.25", "0.00")
    # The tilt of 59% to those that sign binds; 41%, 972,514.3625, is left for the hospitals and T11, which does not
    # sign, by merit (score × heads, × 1.2 for T11): H01 972,514.3625 × 78,005.803768 ÷ 111,926.898526 = 677,779.56
    got = amounts("county-2026Q3", "surplus-prepay")
    left = Decimal("2371986.25") * Decimal("0.41")
    assert abs(got["H01"] + got["H02"] + got["T11"] - left) < 2 * FEN  # three shares in whole fen
    by_merit = left * Decimal("78005.803768") / Decimal("111926.898526")
    assert got["H01"] == by_merit.quantize(FEN, ROUND_HALF_UP) == Decimal("677779.56")
    binds = held("county-2026Q3", "surplus-prepay")
    assert {unit for unit, rule in binds.items() if rule == "signing_min_share"} == {"H01", "H02", "T11"}
    assert set(binds.values()) == {"", "signing_min_share"}
    # so the grassroots, T11 among them, have 60.30%, more than the 60% that is asked for
    assert sum(got.values()) - got["H01"] - got["H02"] > Decimal("2371986.25") * Decimal("0.60")


def test_the_signing_tilt_by_hand() -> None:
    # 2025 settlement: at least 64% of the year's surplus to the grassroots members that sign, so 3,922,430.33 of
    # 10,895,639.80 is left for the two hospitals and T11, which does not sign; they share it by merit:
    #   T11 3,922,430.328 × 3,573.239257 ÷ 104,340.135348 = 134,327.81 before whole fen
    got = amounts("county-2025", "surplus-settled")
    others = {unit for unit, rules in held("county-2025", "surplus-settled").items() if rules}
    assert others == {"H01", "H02", "T11"}
    assert sum(got.values()) == Decimal("10895639.80")
    assert abs(sum(got[unit] for unit in others) - Decimal("10895639.80") * Decimal("0.36")) < FEN
    assert abs(got["T11"] - Decimal("3922430.328") * Decimal("3573.239257") / Decimal("104340.135348")) < FEN


def test_the_clearing_by_hand() -> None:
    # T11 was prepaid 148,852.85 in the year's quarters (the first two had no tilt): 134,327.81 − 148,852.85 =
    # −14,525.04 comes off its next payment. T12 350,643.87 − 187,685.88 = 162,957.99 is still paid.
    frame = cells("county-2025", "settlements")
    rows = frame.set_index(["unit_code", "line"])["amount"].map(Decimal)
    prepaid = "prepaid/surplus-prepay"
    assert rows["T11", prepaid] == Decimal("-148852.85")
    assert [rows["T11", line] for line in ("due", "top_up", "claw_back")] == [
        Decimal("134327.81"),
        Decimal(0),
        Decimal("-14525.04"),
    ]
    assert [rows["T12", line] for line in ("due", prepaid, "top_up", "claw_back")] == [
        Decimal("350643.87"),
        Decimal("-187685.88"),
        Decimal("162957.99"),
        Decimal(0),
    ]
    assert rows.xs("due", level="line").sum() == Decimal("10895639.80")


def test_the_two_permits_by_hand() -> None:
    # T12 in 2025: 医疗服务收入 3,571,988.33, 成本 3,376,515.90, a = 350,643.87 of the year's surplus, prepaid or not
    #   I = 3,922,632.20; e = min(0.2% · I = 7,845.26, 0.3% · I 11,767.89 − 7,150.34 = 4,617.55) = 4,617.55
    #   b = 3,922,632.20 − 3,376,515.90 − 4,617.55 = 541,498.75
    #   R = b − 20% (108,299.75) − 30% (162,449.63) = 270,749.37; ρ·R = 60% = 162,449.62
    #   152,795.19 of it were paid in the quarters (performance), so 9,654.43 are left:
    #   r = min(350,643.87, 9,654.43, headroom 414,488.91) = 9,654.43; kept 340,989.44
    lines = cells("county-2025", "permits").query("unit_code == 'T12'").set_index("line")["amount"]
    by_hand = {
        "a": "350643.87",
        "income": "3922632.20",
        "risk_fund": "4617.55",
        "balance": "541498.75",
        "welfare": "108299.75",
        "development": "162449.63",
        "reward_base": "270749.37",
        "main_floor": "162449.62",
        "reward_paid": "152795.19",
        "main_left": "9654.43",
        "r": "9654.43",
        "kept": "340989.44",
    }
    assert {line: lines[line] for line in by_hand} == by_hand


def test_what_hangs_on_the_external_score_by_hand() -> None:
    # S, the alliance's score in 2025, is 86.790868: the lead hospital's head 350,000 × (1 + (S − 70)/100) = 408,768.04;
    # the grant of T14 (28 × 490 + 1300 × 2) people × 18.60 = 303,552.00 × S/100 = 263,455.42
    score = Decimal(cells("county-2025", "totals").query("scorecard == 'external'").iloc[0]["score"])
    assert amounts("county-2025", "head-salary-lead") == {"H01": Decimal("408768.04")}
    assert abs(350_000 * (1 + (score - 70) / 100) - Decimal("408768.04")) < FEN
    assert abs(Decimal("303552.00") * score / 100 - amounts("county-2025", "public-health")["T14"]) < FEN


def test_annual_salaries_of_heads_by_hand() -> None:
    # 160,000 a year. T06 is 合格 (77.54: 85%), 7 months; T10 合格 (75.92); T02 良好 (87.77: 95%); T09, 优秀, loses
    # 8,000.00 and 1,500.50 of 160,000 to two decisions; T14 is 合格 (66.43) and has six months.
    got, scores = amounts("county-2025", "head-salary"), cells("county-2025", "totals").query("scorecard == 'member'")
    total = {unit: Decimal(score) for unit, score in zip(scores["unit_code"], scores["score"], strict=True)}
    assert 60 <= total["T10"] < 80 <= total["T02"] < 90 <= min(total["T09"], total["H02"])
    assert (got["H02"], got["T02"], got["T10"]) == (Decimal("250000.00"), Decimal("152000.00"), Decimal("136000.00"))
    assert got["T09"] == Decimal("160000.00") - Decimal("8000.00") - Decimal("1500.50") == Decimal("150499.50")
    assert 60 <= total["T14"] < total["T06"] < 80
    assert got["T06"] == (Decimal(160_000) * Decimal("0.85") * 7 / 12).quantize(FEN, ROUND_HALF_UP)
    assert got["T14"] == Decimal(160_000) * Decimal("0.85") * 6 / 12 == Decimal("68000.00")
    assert not set(got) & {"H01", "P01", "C02"}


def test_every_mechanism_shows_once() -> None:
    quarter = held("county-2026Q3", "performance")
    got = amounts("county-2026Q3", "performance")
    assert {quarter["T02"], quarter["T05"], quarter["C01"]} == {"wage_cap"}
    assert quarter["T09"] == quarter["T12"] == "income_cap"
    assert got["T09"] == 0 < got["T12"]
    assert quarter["H01"] == "pay_gap"
    assert "P01" not in got  # a private clinic has no approved total
    last = cells("county-2025Q4", "pools").set_index("pool").loc["performance"]
    assert Decimal(last["undistributed"]) > 0
    assert "未分配" in last["formula"]

    year = cells("county-2025", "permits").pivot_table(
        index="unit_code", columns="line", values="amount", aggfunc="first"
    )
    year = year.map(Decimal)
    assert year.loc["T09", "balance"] < 0 == year.loc["T09", "r"]  # the loss-maker keeps a, pays nothing out of it
    assert year.loc["T09", "kept"] == year.loc["T09", "a"] > 0
    assert year.loc["T02", "quota_headroom"] == year.loc["T02", "r"] == 0
    assert year.loc["H01", "r"] == year.loc["H01", "quota_headroom"] < year.loc["H01", "a"]
    assert year.loc["T14", "r"] == year.loc["T14", "a"]
    assert year.loc["T12", "r"] == year.loc["T12", "main_left"] < year.loc["T12", "a"]
    assert not set(year.index) & {"P01", "V001"}
    shared = amounts("county-2025", "surplus-settled")
    assert held("county-2025", "surplus-settled")["T11"] == "signing_min_share"
    rows = cells("county-2025", "allocations").query("pool == 'surplus-settled'")
    half = rows.set_index("unit_code").loc["T14", "merit"]
    score = cells("county-2025", "totals").query("unit_code == 'T14'").iloc[0]["score"]
    assert abs(Decimal(half) - Decimal(score) * 28 * Decimal("1.2") / 2) < Decimal("0.001")  # joined in July
    assert shared["T14"] < shared["T13"]


def test_the_generator_writes_what_is_committed(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, str(goldens.EXAMPLES / "make_examples.py"), str(tmp_path)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, "PYTHONUTF8": "1"},
    )
    assert made.returncode == 0, made.stderr
    files = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    folders = sorted(path.name for path in tmp_path.iterdir())
    assert {data.partition("/")[0] for _, data, _ in goldens.RUNS.values()} == set(folders)
    committed = [path for folder in folders for path in (goldens.EXAMPLES / folder).rglob("*") if path.is_file()]
    assert files == sorted(path.relative_to(goldens.EXAMPLES) for path in committed)
    for file in files:
        assert contents(tmp_path / file) == contents(goldens.EXAMPLES / file), file


def contents(path: Path) -> dict[str, bytes]:
    """A file's bytes; of a workbook its parts, so that the packing does not matter."""
    if path.suffix != ".xlsx":
        return {path.name: path.read_bytes()}
    with zipfile.ZipFile(path) as book:
        return {part: book.read(part) for part in book.namelist()}


@pytest.mark.parametrize(
    "name", ["county-2026Q3", "hz-xiacheng-2018", "beijing-2021", "jilin-city-2017", "liaoning-2017"]
)
def test_duties_are_reported_and_some_are_late_open_or_silent(name: str) -> None:
    plan, book, period = goldens.RUNS[name]
    when = Period.parse(period)
    loaded = load(load_configs(), plan, when.end)
    filled = read(goldens.EXAMPLES / book, load_configs().catalogue, loaded.plan, when, loaded.packs)
    made = make_ledger(loaded.plan, loaded.packs, filled, load_configs().catalogue, when.end, when)
    duties = [line for line in made.lines if line.kind == "duty"]
    assert sum(line.state == "done" and line.done_on is not None for line in duties) >= 4
    assert any(line.state != "done" and line.reported for line in duties)
    assert any(not line.reported for line in duties)
    assert all(line.documents for line in duties if line.state == "done")
