"""`liangyun pack` and `liangyun plan`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import main
from engine.policy.configs import load_configs
from engine.policy.files import read_pack

SPEC = Path(__file__).parents[1] / "spec" / "packs"
PACK, PLAN = str(SPEC / "sixth-2026.yaml"), str(SPEC / "sixth-plan.yaml")


@pytest.mark.parametrize(
    ("what", "first"),
    [("pack", ["tianjin-2024", "征求意见稿", "120000", "无文号"]), ("plan", ["demo-county", "129901"])],
)
def test_list_needs_no_pandas(what: str, first: list[str]) -> None:
    code = f"import sys; from api.cli import main; main(['{what}', 'list']); sys.exit('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, encoding="utf-8", check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert first in [row[: len(first)] for row in rows]


def test_show_prints_every_rule_with_its_clause(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "show", PACK]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines() if line.startswith("SX-")]
    assert {row[0]: row[2:4] for row in rows} == {
        "SX-I01": ["二(一)", "2026-01-01 起 ≥ 80%; 2027-01-01 起 ≥ 100% 2027-12-31 前"],
        "SX-I02": ["二(二)", "35% 至 45%"],
        "SX-T01": ["二(三)", "上升"],
        "SX-N01": ["二(四)", ""],
        "SX-D01": ["三", "凭据: 章程文本"],
        "SX-M01": ["四", "两个允许"],
        "SX-P01": ["五", "50.00 元/次"],
        "SX-S01": ["附件", "2027-12-31 前"],
    }


def test_show_names_who_answers_for_an_entry_and_days_the_text_does_not_print(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["pack", "show", "liaoning-2017"]) == 0
    rows = {line.split("\t")[0]: line.split("\t") for line in capsys.readouterr().out.splitlines()}
    assert rows["LN-I02"][2:6] == ["二(三)", "≥ 60% 2017-12-31 前", "市", "体改处、基层卫生处"]
    assert rows["LN-I11"][3] == "≥ 1000 人 2017-12-31 前 (文件没有写期限, 按年度任务)"
    assert rows["LN-D32"][5] == ""  # 三(三) says what to do and not who


def test_show_marks_what_no_document_says_how_to_compute(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "show", "monitor-2024"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines() if line.startswith("MN24-")]
    assert [row[0] for row in rows if not row[6].startswith("[口径待核]")] == ["MN24-04", "MN24-07"]


def test_show_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "show", PACK, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["indicators"][0]["target"] == [
        {"from": "2026-01-01", "value": "0.8"},
        {"from": "2027-01-01", "value": "1"},
    ]
    assert (said["indicators"][1]["target"], said["prices"][0]["amount"]) == ("0.35", "50.00")


def test_check_says_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "check", PACK]) == 0
    assert main(["plan", "check", PLAN, "--on", "2026-09-30"]) == 0
    unused = (("指标", "SX-I02"), ("趋势", "SX-T01"), ("点名未定目标", "SX-N01"))
    assert capsys.readouterr().out == (
        "政策包 sixth-2026 无误: 指标 2, 趋势 1, 点名考核 1, 任务清单 1, 资金规则 1, 价格 1, 时间表 1\n"
        "方案 sixth-plan 无误: 评分表 1, 资金池 2\n"
    ) + "".join(
        f"注意: {PLAN}:6: sixth-2026 的{section}没有评分项用到: {entry}, "
        "任务台账逐条列出; 要考核的写进评分表 (PACK-UNUSED)\n"
        for section, entry in unused
    )


def test_check_prints_every_problem_and_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(PACK).read_text("utf-8")
    path = tmp_path / "bad.yaml"
    path.write_text(text.replace("status: in_force", "status: 有效").replace('target: "0.35"', "target: 0.35"), "utf-8")
    assert main(["pack", "check", str(path)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert [line.removeprefix(str(path)).split(":")[1] for line in told.err.splitlines()] == ["8", "28"]
    assert main(["pack", "check", str(path), "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert (said["status"], [problem["code"] for problem in said["problems"]]) == (
        "invalid",
        ["FIELD-VALUE", "YAML-NUMBER"],
    )


def test_plan_check_tells_what_would_not_be_paid(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sixth-2026.yaml").write_text(
        Path(PACK).read_text("utf-8").replace("status: in_force", "status: draft"), "utf-8"
    )
    (tmp_path / "plan.yaml").write_text(Path(PLAN).read_text("utf-8"), "utf-8")
    assert main(["plan", "check", str(tmp_path / "plan.yaml"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (len(said["warnings"]), len(said["payment_refused"])) == (1, 1)


def test_plan_show_is_of_the_day(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for day in ("2026-03-31", "2026-04-01"):
        assert main(["plan", "show", PLAN, "--on", day]) == 0
        shown[day] = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    item = next(row for row in shown["2026-04-01"] if row[0] == "M1")
    assert item == [
        "M1",
        "派驻覆盖率",
        "posting_coverage",
        "60",
        "达标得分 attainment (目标 ≥ 80%)",
        "sixth-2026:SX-I01 二(一)",
        "sixth-2026 二(一)",
    ]
    rules = {day: [row[1] for row in rows if row[0] == "规则" and len(row) == 7] for day, rows in shown.items()}
    assert rules == {
        "2026-03-31": ["绩效工资总量余额 wage_cap", "较上期保底 floor_previous"],
        "2026-04-01": [
            "绩效工资总量余额 wage_cap",
            "基层占比下限 grassroots_min_share",
            "较上期保底 floor_previous",
        ],
    }


def test_a_day_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "show", PLAN, "--on", "2026-02-30"]) == 2
    assert capsys.readouterr().err == "--on: 2026-02-30 不是日期, 写成 2026-09-30 (USAGE)\n"


def test_on_a_terminal_tables_are_drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "160")
    assert main(["pack", "list"]) == 0
    out = capsys.readouterr().out
    assert "tianjin-2024" in out
    assert "\t" not in out
    assert "┃" in out


def test_plans_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "list", "--json"]) == 0
    assert all(plan["id"] and plan["title"] for plan in json.loads(capsys.readouterr().out))


def test_check_says_that_a_run_would_be_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (SPEC.parents[2] / "configs" / "plans" / "demo-county.yaml").read_text("utf-8")
    plan = tmp_path / "draft.yaml"
    plan.write_text(text.replace("    allow_status: [draft]\n", "").replace("id: demo-county", "id: draft"), "utf-8")
    assert main(["plan", "check", str(plan), "--on", "2026-09-30"]) == 0
    first, *notes = capsys.readouterr().out.splitlines()
    assert first.endswith("但有资金池而依据的文件不能据以分配, run 会拒绝 (退出码 4)")
    assert any("allow_status: [draft]" in note for note in notes)


@pytest.mark.parametrize("pack", ["beijing-2021", "jilin-city-2017"])
def test_how_often_is_said_in_the_words_of_the_document(pack: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", "show", pack]) == 0
    lines = {line.split("\t")[0]: line for line in capsys.readouterr().out.splitlines()}
    repeated = [duty for duty in read_pack(load_configs(), pack).duties if duty.every]
    assert repeated
    for duty in repeated:
        assert f" {duty.every}" in lines[duty.id]
        assert "每每" not in lines[duty.id]
        assert "每定期" not in lines[duty.id]
