"""What `liangyun run` says on the console when it is done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from api import cli

ROOT = Path(__file__).parents[2]


# the small plan pays 1700 + 170 + 100 + 0 = 1970 yuan; the plan of the pilot counties has no pool at all
@pytest.mark.parametrize(
    ("plan", "data", "period", "said"),
    [
        ("pilot-counties", "examples/pilot-counties/2019.xlsx", "2019", ": 8 个单位评分; 只评价, 不分钱\n"),
        (
            "tests/engine/small/plan.yaml",
            "tests/engine/small/data",
            "2026Q3",
            ": 10 个单位评分; 2 个医联体的 4 个资金池共 1,970.00 元, 已分配 1,970.00 元, 未分配 0.00 元\n",
        ),
    ],
)
def test_the_money_or_that_there_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, plan: str, data: str, period: str, said: str
) -> None:
    name = str(ROOT / plan) if plan.endswith(".yaml") else plan
    assert cli.main(["run", name, str(ROOT / data), "--period", period, "--out", str(tmp_path / "out")]) == 0
    assert said in capsys.readouterr().out


def test_why_money_is_left_is_told_pool_by_pool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """H1, T2 and C1 have 1.00 left of their totals each, T1 250.00: of A1's 1700.00 1447.00 is not paid."""
    home = Path(shutil.copytree(ROOT / "tests/engine/small", tmp_path / "small"))
    money = home / "data" / "money.csv"
    text = money.read_text(encoding="utf-8")
    for unit in ("H1", "T2", "C1"):
        approved = next(line for line in text.splitlines() if f",{unit},quota_approved," in line)
        paid = next(line for line in text.splitlines() if f",{unit},quota_paid," in line).split(",")[3]
        row = approved.split(",")
        row[3] = f"{float(paid) + 1:.2f}"
        text = text.replace(approved, ",".join(row))
    money.write_text(text, encoding="utf-8")
    call = ["run", str(home / "plan.yaml"), str(home / "data"), "--period", "2026Q3", "--out", str(tmp_path / "out")]
    assert cli.main(call) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith("未分配 1,447.00 元")
    assert said[1].startswith("  A1 绩效奖励 (reward): 未分配 = 资金池 − 已分配 = 1447.00 元 (")
    assert "绩效工资总量" in said[1]
    assert said[2].startswith("已写出")
    assert cli.main([*call, "--json"]) == 0
    (left,) = json.loads(capsys.readouterr().out)["left"]
    assert (left["alliance_code"], left["pool"], left["undistributed"]) == ("A1", "reward", "1447.00")
