"""A hospital's own HR: a plan of `pay` alone, amounts told in the table of amounts, and nothing else.

The scheme is the example of the format as it is written there (tests/spec/pay/scheme.yaml).
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from api import cli

SPEC = Path(__file__).parents[2] / "spec" / "pay"
HEAD = 'id: hospital\ntitle: 示例院绩效分配办法\nregion: "990101"\n'
ASKED = ["--period", "2026Q3", "--month", "2026-10", "--first"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIANGYUN_PAY_KEY", str(tmp_path / "key"))
    shutil.copytree(SPEC / "hospital", tmp_path / "people")
    (tmp_path / "hospital.yaml").write_text(HEAD + (SPEC / "scheme.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def pay(home: Path) -> int:
    command = ["pay", "run", str(home / "hospital.yaml"), str(home / "people"), *ASKED, "--out", str(home / "out")]
    return cli.main(command)


def amounts(home: Path) -> dict[tuple[str, str, str], str]:
    with (home / "out" / "lines.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["post_no"], row["pool"], row["component"]): row["amount"] for row in csv.DictReader(stream)}


def test_the_example_of_the_format_pays(home: Path) -> None:
    """performance 30,000.00: teams 内科 w = 1.1·0.95·1.2 = 1.254, 外科 w = 1·0.92·1 = 0.92.

    内科 30,000·1.254/2.174 = 17,304.5078…, 外科 12,695.4921…: whole fen 17,304.51 and 12,695.49, one post in each;
    floors 7,000.00 and cap 20,000.00 hold nobody. Deferred a tenth: 1,730.451 and 1,269.549 → 1,730.45 and 1,269.55.
    signing-staff 5,000.00: 300·0.9 = 270 and 200·0.95 = 190: 5,000·270/460 = 2,934.7826…, 2,065.2173….
    """
    assert pay(home) == 0
    assert amounts(home) == {
        ("A2", "performance", "due"): "17304.51",
        ("A2", "performance", "deferred"): "-1730.45",
        ("A3", "performance", "due"): "12695.49",
        ("A3", "performance", "deferred"): "-1269.55",
        ("A3", "signing-staff", "due"): "2934.78",
        ("A4", "signing-staff", "due"): "2065.22",
    }
    assert cli.main(["pay", "verify", str(home / "out")]) == 0


def test_without_the_document_of_who_passed_it_nobody_is_paid(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = home / "hospital.yaml"
    plan.write_text(plan.read_text(encoding="utf-8").replace(", document: 示例院职〔2026〕3号", ""), encoding="utf-8")
    assert pay(home) == 4
    assert "(PAY-NO-APPROVAL)" in capsys.readouterr().err
    assert not (home / "out").exists()


def test_what_counts_in_the_total_needs_an_approval(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The signing fee's staff share does not; performance pay does."""
    (home / "people" / "money.csv").unlink()
    assert pay(home) == 4
    assert "(PAY-NO-QUOTA)" in capsys.readouterr().err
    assert not (home / "out").exists()
