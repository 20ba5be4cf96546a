"""The example of the Liaoning notice, some of it worked out by hand: a ledger that scores and pays nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from domain.period import Period
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.read import read
from engine.report.workbook import write_report
from engine.run.run import run
from engine.run.tables import texts
from tests.words import stories, warned

from . import goldens

pytestmark = pytest.mark.xdist_group("examples")  # one worker: each example is computed once

NAME = "liaoning-2017"


def score(unit: str, item: str) -> tuple[str, str]:
    frame = goldens.tables(NAME)["scores"].query("unit_code == @unit and indicator == @item").iloc[0]
    return frame["value"], frame["score"]


def total(unit: str) -> str:
    return str(goldens.tables(NAME)["totals"].query("unit_code == @unit").iloc[0]["score"])


def test_a_city_by_hand() -> None:
    # 示例二市: all met but 5 of 6 三级医院 lead (4 × 5/6 = 3.333333) and 170 of 180 trained (4 × 17/18 = 3.777778)
    assert score("C2", "C02") == ("0.833333", "3.333333")
    assert score("C2", "C13") == ("0.944444", "3.777778")
    assert total("C2") == "99.111111"  # 100 − 0.666667 − 0.222222
    # 示例三市 is no pilot: the 7 points of C14 go to C15 (12 of 16 hospitals: 15 × 0.75 = 11.25)
    assert score("C3", "C15") == ("0.75", "11.25")


def test_the_province_by_hand() -> None:
    # 977 of 1000 trained: 19.54 of 20; five of the six: 8.333333 of 10; P03 is due on the last day and was not done
    assert score("LN", "P06") == ("977", "19.54")
    assert score("LN", "P05") == ("0.833333", "8.333333")
    assert score("LN", "P03") == ("0", "0")
    assert total("LN") == "92.873333"  # 30 + 20 + 8.333333 + 19.54 + 5 + 10


def test_what_is_done_after_the_year_is_not_done_in_it() -> None:
    # 示例五市 has its ledger on 5 January 2018, 示例三市 no accountability at all: 2 points and 1 point are lost
    assert score("C5", "C18") == ("20180105", "0")
    assert score("C3", "C19") == ("0", "0")
    # 5 + 4 × 2/3 + 4 + 4 × 45/48 + 4 + 4 = 23.416667; 25/30 × 10 + 54/60 × 15 = 21.833333; 33/35 × 5 + 56.25/60 × 6
    # + 19/46 ÷ 0.5 × 5 + 210/640 ÷ 0.5 × 5 + 148/160 × 4 = 21.450971; 81/90 × 7 + 13/14 × 8 = 13.728571; 1.2/1.5 × 3
    # + (630/4000 − 610/3900) ÷ 0.03 × 4 = 2.545299; and the 1 point of C19
    assert total("C5") == "83.974841"


def test_nothing_is_paid_and_the_notice_is_over() -> None:
    result = goldens.result(NAME)
    assert result.frames["pools"].empty
    assert result.frames["allocations"].empty
    assert warned(result) == [
        "依据《关于做好2017年全省分级诊疗重点工作任务的通知》已失效, 只可计分, 不得据以分配资金 (PACK-NOT-IN-FORCE)",
    ]


@pytest.mark.parametrize(
    ("reading", "value", "points"), [("points", "0.00625", "0.833333"), ("relative", "0.03125", "4")]
)
def test_the_reading_decides(reading: str, value: str, points: str, tmp_path: Path) -> None:
    # 示例一市: 2310 ÷ 11200 = 20.625 % after 2000 ÷ 10000 = 20 %: 0.625 points (÷ 3 × 4 = 0.833333), or 3.125 % more
    text = (Path(__file__).parents[2] / "configs" / "plans" / "demo-liaoning.yaml").read_text(encoding="utf-8")
    path = tmp_path / "demo-liaoning.yaml"
    path.write_text(text.replace('LN-I15": points', f'LN-I15": {reading}'), encoding="utf-8")
    loaded, period = load(load_configs(), path, date(2017, 12, 31)), Period.parse("2017")
    facts = read(goldens.EXAMPLES / "liaoning-2017" / "2017.xlsx", load_configs().catalogue, loaded.plan, period)
    result = run(loaded.plan, loaded.packs, facts, load_configs().catalogue, period)
    row = texts(result)["scores"].query("unit_code == 'C1' and indicator == 'C17'").iloc[0]
    assert (row["value"], row["score"]) == (value, points)
    assert row["cite"] == f"liaoning-2017 二(九) [读法 {reading}]"
    assert stories(result)["score/C1/city/C17"].cites == [row["cite"]]


def test_the_report_prints_days_points_and_shares_as_such(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_report(goldens.result(NAME), path)
    book = openpyxl.load_workbook(path)
    rows = [[cell.value for cell in row] for row in book["得分明细"].iter_rows()]
    found = {row[1]: row[2:4] for row in reversed(rows) if row[1] and row[2] is not None}  # of the first city
    assert found["任务台账, 有时间表和路线图"] == ["2017-06-20", "2017-12-31 前"]
    assert found["社会办医院床位占比较上年提高的百分点"] == ["0.625 个百分点", "3 个百分点"]
    share = next(row for row in book["得分明细"].iter_rows() if row[1].value == "牵头医联体的三级公立医院占比")
    assert (share[2].value, "%" in share[2].number_format) == (1, True)
    values = [[cell.value for cell in row] for row in book["指标值"].iter_rows()]
    assert any("未完成" in row for row in values)
    assert book["封面"]["A2"].value == "2017年考核结果"  # nothing is paid under this plan
