"""What `liangyun run` says on the console when it is done."""

from __future__ import annotations

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
