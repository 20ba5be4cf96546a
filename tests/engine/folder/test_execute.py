"""A whole run of a small plan, every number worked out by hand.

A1: satisfaction 80, 40, 80 and 60 of 100 against a target of 0.8 → 100, 50, 100 and 75 points; times 10, 4, 2 and 4
heads → merits H1 1000, T1 200, T2 200, C1 300, together 1700. The reward pool of 1700.00 would give as much; but the
grassroots members are due 60 % = 1020.00, so H1 gets 680.00. T1 has 500 approved − 250 paid = 250.00 left and is held
there (1020·2/7 = 291.43); the other 770.00 go 2 : 3 to T2 (308.00) and C1 (462.00).
A2: four merits of 100, a pool of 100.00; T3 has 100 − 80 = 20.00 left; 80.00 / 3 = 26.666… each, the
fen to C2 and H2.
Surplus: 170.00 of A1 in proportion: 100.00, 20.00, 20.00, 30.00; A2 was handed 0.00.
"""

# fmt: skip keeps a table of cases or codes as a table here: a row a case, read downwards.
from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from api import cli
from domain.period import Period
from domain.problems import InputProblems, Refused
from engine.folder.execute import execute
from engine.policy.configs import load_configs
from engine.run.result import ALWAYS, Result
from engine.run.tables import TABLES
from tests.words import warned

SMALL = Path(__file__).parents[1] / "small"
QUARTER = Period.parse("2026Q3")


def run(home: Path, *, batch: bool = False, period: Period = QUARTER) -> Result:
    return execute(load_configs(), home / "plan.yaml", home / "data", period, home / "out", batch=batch)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    shutil.copytree(SMALL, tmp_path / "small")
    return tmp_path / "small"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def rows(home: Path, name: str, *columns: str) -> list[tuple[str, ...]]:
    with (home / "out" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(row[column] for column in columns) for row in csv.DictReader(file)]


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_table_by_hand(small: Path) -> None:
    run(small)
    assert rows(small, "allocations", "alliance_code", "pool", "unit_code", "tier", "merit", "amount", "held_by") == [
        ("A1", "reward", "C1", "community", "300", "462.00", ""),
        ("A1", "reward", "H1", "lead", "1000", "680.00", "grassroots_min_share"),
        ("A1", "reward", "T1", "township", "200", "250.00", "wage_cap"),
        ("A1", "reward", "T2", "township", "200", "308.00", ""),
        ("A1", "surplus", "C1", "community", "300", "30.00", ""),
        ("A1", "surplus", "H1", "lead", "1000", "100.00", ""),
        ("A1", "surplus", "T1", "township", "200", "20.00", ""),
        ("A1", "surplus", "T2", "township", "200", "20.00", ""),
        ("A2", "reward", "C2", "community", "100", "26.67", ""),
        ("A2", "reward", "H2", "lead", "100", "26.67", ""),
        ("A2", "reward", "T3", "township", "100", "20.00", "wage_cap"),
        ("A2", "reward", "T4", "township", "100", "26.66", ""),
    ]
    assert rows(small, "pools", "alliance_code", "pool", "amount", "distributed", "undistributed") == [
        ("A1", "reward", "1700.00", "1700.00", "0.00"),
        ("A1", "surplus", "170.00", "170.00", "0.00"),
        ("A2", "reward", "100.00", "100.00", "0.00"),
        ("A2", "surplus", "0.00", "0.00", "0.00"),
    ]
    scores = rows(small, "totals", "unit_code", "scorecard", "score", "grade")
    # A1 as a whole: (80 + 40 + 80 + 60) / 400 = 0.65; 0.65 / 0.8 = 81.25 points
    assert scores[:3] == [
        ("A1", "alliances", "81.25", ""),
        ("A2", "alliances", "100", ""),
        ("C1", "members", "75", "合格"),
    ]
    assert ("T1", "members", "50", "不合格") in scores
    assert rows(small, "indicators", "unit_code", "numerator", "denominator", "value", "previous", "status")[0] == (
        "A1", "260", "400", "0.65", "", "ok",
    )  # fmt: skip
    assert rows(small, "scores", "unit_code", "indicator", "value", "target", "full_marks", "score", "cite")[2] == (
        "C1", "satisfaction", "0.6", "0.8", "100", "75", "small-pack 第三条",
    )  # fmt: skip
    for name in ALWAYS:
        assert (small / "out" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0] == ",".join(TABLES[name])


def test_the_statement_of_the_two_permits(small: Path) -> None:
    """T1: a = 20, I = 1020, e = 102, b = 318, R = 318 − 2·63.60 = 190.80, but the reward pool took its whole headroom.

    C1: I = 130, the risk fund is full (26.00 = 0.2·130), b = 80, R = 48, r = 0.6·48 = 28.80. H1: b < 0, nothing.
    """
    run(small)
    lines = {(unit, line): amount for unit, line, amount in rows(small, "permits", "unit_code", "line", "amount")}
    assert [lines["T1", line] for line in ("a", "income", "risk_fund", "balance", "reward_base")] == [
        "20.00", "1020.00", "102.00", "318.00", "190.80",
    ]  # fmt: skip
    assert [lines["T1", line] for line in ("quota_headroom", "r", "kept")] == ["0.00", "0.00", "20.00"]
    assert [lines["C1", line] for line in ("risk_fund", "balance", "r", "kept")] == ["0.00", "80.00", "28.80", "1.20"]
    assert [lines["T2", line] for line in ("r", "kept")] == ["20.00", "0.00"]
    assert [lines["H1", line] for line in ("r", "kept")] == ["0.00", "100.00"]


def test_a_member_that_changes_alliance_has_one_headroom_and_one_statement(small: Path) -> None:
    """T1 takes its 250.00 in A1; of A2's pool nothing fits any more, and its a = 20.00 of A1 is stated once."""
    edit(small / "data" / "memberships.csv", "T1,A1,2026-01-01,", "T1,A1,2026-01-01,2026-08-15\nT1,A2,2026-08-16,")
    run(small)
    paid = [row[:1] + row[2:] for row in rows(small, "allocations", "alliance_code", "unit_code", "pool", "amount")
            if row[1] == "T1"]  # fmt: skip
    assert paid == [("A1", "reward", "250.00"), ("A1", "surplus", "20.00"), ("A2", "reward", "0.00")]
    stated = [row for row in rows(small, "permits", "unit_code", "line", "amount") if row[:2] == ("T1", "a")]
    assert stated == [("T1", "a", "20.00")]


def test_every_amount_and_score_is_explained(small: Path) -> None:
    run(small)
    told = json.loads((small / "out" / "explain.json").read_text(encoding="utf-8"))["traces"]
    for alliance, pool, unit, amount in rows(small, "allocations", "alliance_code", "pool", "unit_code", "amount"):
        trace = told[f"allocation/{alliance}/{pool}/{unit}"]
        assert trace["result"] == amount
        assert trace["cells"]
    capped = told["allocation/A1/reward/T1"]
    assert capped["numbers"]["绩效工资总量余额"] == "250.00"
    assert {"money.csv!D11", "money.csv!D12"} <= set(capped["cells"])  # approved 500.00, paid 250.00
    for unit, item, score in rows(small, "scores", "unit_code", "indicator", "score"):
        card = "alliances" if unit.startswith("A") else "members"
        assert told[f"score/{unit}/{card}/{item}"]["result"] == score
    for unit, line, amount in rows(small, "permits", "unit_code", "line", "amount"):
        assert told[f"permits/{unit}/{line}"]["result"] == amount


def test_same_input_same_bytes_wherever_it_lies(small: Path, tmp_path: Path) -> None:
    run(small)
    shutil.copytree(SMALL, tmp_path / "elsewhere" / "deep")
    run(tmp_path / "elsewhere" / "deep")
    assert content(small / "out") == content(tmp_path / "elsewhere" / "deep" / "out")
    run(small)
    assert content(small / "out") == content(tmp_path / "elsewhere" / "deep" / "out")


@pytest.mark.parametrize("seed", ["1", "2"])
def test_same_bytes_in_every_process(small: Path, seed: str) -> None:
    run(small)
    args = ["run", str(small / "plan.yaml"), str(small / "data"), "--period", "2026Q3", "--out", str(small / "other")]
    env = os.environ | {"PYTHONHASHSEED": seed, "TZ": "Asia/Shanghai", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-m", "api.cli", *args], check=True, env=env, capture_output=True)
    assert content(small / "out") == content(small / "other")


def test_the_order_of_rows_changes_no_number(small: Path) -> None:
    def told() -> dict[str, list[str]]:  # of the findings all but the cells, which moved
        tables = {name: (small / "out" / f"{name}.csv").read_text(encoding="utf-8").splitlines() for name in ALWAYS}
        return tables | {"checks": sorted(line.split(",", 2)[2] for line in tables["checks"])}

    before = run(small) and told()
    for path in (small / "data").iterdir():
        head, *body = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join([head, *sorted(body, key=lambda line: line[::-1])]) + "\n", encoding="utf-8")
    run(small)
    assert told() == before


def test_no_path_and_no_clock_in_any_output(small: Path) -> None:
    run(small)
    for name, data in content(small / "out").items():
        assert str(small).encode() not in data, name


def contradict(small: Path) -> None:
    """A1's members must get at least what they got before, 2000.00 together, out of 1700.00; A2's 4.00 of 100.00.

    C1, H1 and T1 alone are already due 200.00 + 1400.00 + 200.00 = 1800.00.
    """
    edit(
        small / "plan.yaml",
        "      - {use: wage_cap, source: local}",
        '      - {use: wage_cap, source: local}\n      - {use: floor_previous, params: {ratio: "1"}, source: local}',
    )
    with (small / "data" / "money.csv").open("a", encoding="utf-8") as file:
        for unit in ("H1", "T2", "C1", "T1", "H2", "T3", "T4", "C2"):
            amount = {"H1": "1400.00", "T1": "200.00", "T2": "200.00", "C1": "200.00"}.get(unit, "1.00")
            file.write(f"2026Q3,{unit},previous_amount,{amount},reward\n")


def test_a_contradiction_pays_nobody_there_and_everybody_else(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contradict(small)
    args = ["run", str(small / "plan.yaml"), str(small / "data"), "--period", "2026Q3", "--out", str(small / "out")]
    assert cli.main(args) == 3
    err = capsys.readouterr().err
    assert "A1: 规则互相矛盾" in err
    assert "合计至少差 100.00 元" in err  # 1800.00 − 1700.00
    assert {row[0] for row in rows(small, "allocations", "alliance_code")} == {"A2"}
    pools = rows(small, "pools", "alliance_code", "pool", "amount", "distributed", "undistributed")
    assert pools[:2] == [("A1", "reward", "1700.00", "0.00", "1700.00"), ("A1", "surplus", "170.00", "0.00", "170.00")]
    assert {row[0] for row in rows(small, "totals", "unit_code")} >= {"A1", "H1", "T1"}
    assert {row[0] for row in rows(small, "permits", "unit_code")} == {"H2", "T3", "T4", "C2"}
    manifest = json.loads((small / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["contradictions"] == ["A1"]
    told = [one for one in manifest["warnings"] if "CHECK-UNANSWERED" not in one]
    assert told == ["A1 资金池 reward 的规则互相矛盾, 该医联体各资金池都未分配 (POOL-CONTRADICTION)"]
    assert cli.main([*args, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["status"] == "infeasible"
    assert cli.main(["verify", str(small / "out")]) == 0


def test_rules_that_hold_only_if_nobody_is_paid_are_warned_of(small: Path) -> None:
    # 9/10 for the lead hospital and 6/10 for the grassroots: only 0 has both
    edit(
        small / "plan.yaml",
        "      - {use: wage_cap, source: local}",
        '      - {use: tier_shares, params: {shares: {lead: "0.9"}}, source: local}',
    )
    nothing = warned(run(small), "POOL-NOTHING-PAID")
    assert [one.split(" 元")[0] for one in nothing] == ["A1 资金池 reward 的 1700.00", "A2 资金池 reward 的 100.00"]
    assert "因基层占比下限受限、因各级占比受限" in nothing[0]


def test_a_draft_pays_nothing(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit(small / "packs" / "small-pack.yaml", "status: in_force", "status: draft")
    args = ["run", str(small / "plan.yaml"), str(small / "data"), "--period", "2026Q3", "--out", str(small / "out")]
    assert cli.main(args) == 4
    assert "征求意见稿" in capsys.readouterr().err
    assert not (small / "out").exists()
    with pytest.raises(Refused):
        run(small)


def test_an_expired_pack_pays_nothing(small: Path) -> None:
    edit(small / "packs" / "small-pack.yaml", "status: in_force", "status: in_force\neffective_to: 2026-06-30")
    with pytest.raises(Refused, match="PACK-NOT-IN-FORCE"):
        run(small)


def test_a_draft_that_the_plan_allows_is_warned_of_everywhere(small: Path) -> None:
    edit(small / "packs" / "small-pack.yaml", "status: in_force", "status: draft")
    edit(small / "plan.yaml", "[{id: small-pack}]", "[{id: small-pack, allow_status: [draft], reason: 试行}]")
    result = run(small)
    (told,) = warned(result)
    assert "征求意见稿" in told
    for name in ("manifest.json", "explain.json"):
        assert json.loads((small / "out" / name).read_text(encoding="utf-8"))["warnings"] == [told]
    cover = pd.read_excel(small / "out" / "report.xlsx", sheet_name=0, header=None, dtype=str, engine="openpyxl")
    assert any("征求意见稿" in str(cell) and "试行" in str(cell) for cell in cover.to_numpy().ravel())


def test_a_pack_that_has_expired_is_called_so_on_every_page(small: Path) -> None:
    edit(small / "packs" / "small-pack.yaml", "status: in_force", "status: in_force\neffective_to: 2026-06-30")
    edit(small / "plan.yaml", "[{id: small-pack}]", "[{id: small-pack, allow_status: [expired], reason: 试行}]")
    run(small)
    for sheet in load_workbook(small / "out" / "report.xlsx").worksheets:
        assert sheet.oddFooter.left.text == "警示：依据文件已失效，见首页", sheet.title


def test_bad_input_writes_nothing_and_keeps_the_earlier_run(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(small)
    before = content(small / "out")
    edit(small / "data" / "money.csv", "2026Q3,A1,pool_amount,1700.00,reward", "2026Q3,A1,pool_amount,1700.005,reward")
    edit(small / "data" / "facts.csv", "2026Q3,H1,heads_on_post,10,", "2026Q3,H1,heads_on_post,十,")
    args = ["run", str(small / "plan.yaml"), str(small / "data"), "--period", "2026Q3", "--out", str(small / "out")]
    assert cli.main(args) == 2
    said = capsys.readouterr().err
    assert "money.csv!D2" in said
    assert "facts.csv!D4" in said
    assert content(small / "out") == before
    assert [path.name for path in small.glob(".*")] == []


def test_gaps_of_scores_pools_merits_quota_and_permits_are_told_in_one_round(small: Path) -> None:
    facts, money = small / "data" / "facts.csv", small / "data" / "money.csv"
    edit(facts, "2026Q3,C1,resident_satisfaction_score,60,\n", "")
    edit(facts, "2026Q3,T3,heads_on_post,", "2025Q3,T3,heads_on_post,")
    edit(money, "2026Q3,A1,pool_amount,170.00,surplus\n", "")
    edit(money, "2026Q3,T1,quota_paid,", "2025Q3,T1,quota_paid,")
    edit(money, "2026Q3,T4,medical_cost,600.00,\n", "")
    with pytest.raises(InputProblems) as raised:
        run(small)
    said = {
        (one.code, next(unit for unit in ("C1", "T3", "A1", "T1", "T4") if unit in str(one)))
        for one in raised.value.problems
    }
    assert {unit for _, unit in said} == {"C1", "T3", "A1", "T1", "T4"}
    assert [one.where for one in raised.value.problems if one.code == "SCORE-MISSING"] == ["C1"]  # by the scoring
    assert len(set(raised.value.problems)) == len(raised.value.problems)


def test_a_missing_fact_of_the_money_is_refused_for_all_alliances_at_once(small: Path) -> None:
    for unit in ("T1", "T4"):
        edit(small / "data" / "money.csv", f"2026Q3,{unit},quota_paid,", f"2025Q3,{unit},quota_paid,")
    with pytest.raises(InputProblems) as raised:
        run(small)
    wheres = {problem.where.split()[0] for problem in raised.value.problems if problem.code == "MONEY-MISSING"}
    assert wheres == {"T1", "T4"}


def test_an_empty_cell_is_named_where_it_should_have_been_filled_in(small: Path) -> None:
    edit(small / "data" / "money.csv", "2026Q3,A1,pool_amount,170.00,surplus", "2026Q3,A1,pool_amount,,surplus")
    edit(small / "data" / "money.csv", "2026Q3,T1,quota_paid,250.00,", "2026Q3,T1,quota_paid,,")
    edit(small / "data" / "money.csv", "2026Q3,T4,quota_paid,", "2025Q3,T4,quota_paid,")
    with pytest.raises(InputProblems) as raised:
        run(small)
    said = {(one.where, one.message.split(" 缺少")[0]) for one in raised.value.problems if one.code == "MONEY-MISSING"}
    assert said >= {("money.csv!D3", "A1"), ("money.csv!D12", "T1 东乡卫生院")}
    assert {where.split()[0] for where, _ in said} == {"money.csv!D3", "money.csv!D12", "T4"}


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["--period", "2026Q5"], "PERIOD"),
        (["--period", "2026Q3"], "NO-FILE"),
    ],
)
def test_a_wrong_call(small: Path, args: list[str], code: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(small / "out")]
    assert cli.main(["run", str(small / "plan.yaml"), str(small / "nix"), *args, *out]) == 2
    assert f"({code})" in capsys.readouterr().err
    assert not (small / "out").exists()


def test_a_period_without_pools_only_scores(small: Path) -> None:
    for name in ("facts.csv", "money.csv"):
        path = small / "data" / name
        path.write_text(path.read_text(encoding="utf-8").replace("2026Q3", "2026"), encoding="utf-8")
    edit(small / "packs" / "small-pack.yaml", "status: in_force", "status: draft")  # nothing is paid: not refused
    run(small, period=Period.parse("2026"))
    assert rows(small, "pools", "pool") == []
    assert len(rows(small, "totals", "unit_code")) == 10


def test_batch_gives_the_same_numbers(small: Path) -> None:
    result = run(small, batch=True)
    names = {path.name for path in (small / "out").iterdir()}
    assert names == {f"{name}.parquet" for name in ALWAYS} | {"manifest.json", "inputs"}
    full = run(small)
    for name in ALWAYS:
        pd.testing.assert_frame_equal(result.frames[name], full.frames[name])


def test_parquet_input_gives_the_same_numbers(small: Path) -> None:
    full = run(small)
    for path in list((small / "data").glob("*.csv")):
        pd.read_csv(path, dtype=str).to_parquet(path.with_suffix(".parquet"))
        path.unlink()
    again = run(small)
    for name in ALWAYS:
        one, other = (result.frames[name].drop(columns=["cell"], errors="ignore") for result in (again, full))
        pd.testing.assert_frame_equal(one, other)


KILLED = """
import sys, time
import api.cli, engine.report.workbook
def hang(result, path):
    print("writing", flush=True)
    time.sleep(60)
engine.report.workbook.write_report = hang
api.cli.main(sys.argv[1:])
"""


def test_kill_in_the_middle_of_writing_keeps_the_earlier_run(small: Path) -> None:
    run(small)
    before = content(small / "out")
    edit(small / "data" / "money.csv", "A1,pool_amount,1700.00", "A1,pool_amount,1800.00")
    args = ["run", str(small / "plan.yaml"), str(small / "data"), "--period", "2026Q3", "--out", str(small / "out")]
    with subprocess.Popen([sys.executable, "-c", KILLED, *args], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
    assert content(small / "out") == before
    run(small)
    assert content(small / "out") != before
    assert list(small.glob(".*")) == []
