"""The example county's quarter paid to people: who is held at what, who waits for data, and what comes after."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from api import cli

from . import goldens

pytestmark = pytest.mark.xdist_group("examples")

COUNTY = goldens.EXAMPLES / "county"
PAID = ["--period", "2026Q3", "--month", "2026-10"]


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quarter's run, and the payment of its two hospitals, as docs/pay.md makes them."""
    home = tmp_path_factory.mktemp("pay")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIANGYUN_PAY_KEY", str(home / "key"))
        run, people = str(home / "run"), str(COUNTY / "2026Q3-people.xlsx")
        assert cli.main(["run", "demo-county", str(COUNTY / "2026Q3.xlsx"), "--period", "2026Q3", "--out", run]) == 0
        units = ["--unit", "T13", "--unit", "T14"]
        asked = ["demo-county", people, *PAID, "--run", run, *units]
        assert cli.main(["pay", "run", *asked, "--first", "--out", str(home / "pay")]) == 0
        late, appeal = (str(COUNTY / f"2026Q3-{name}.xlsx") for name in ("late", "appeal"))
        assert cli.main(["pay", "complete", str(home / "pay"), late, "--out", str(home / "late")]) == 0
        before = ["demo-county", appeal, "--period", "2026Q3", "--month", "2026-11", "--before", str(home / "pay")]
        assert cli.main(["pay", "run", *before, "--out", str(home / "appeal")]) == 0
        for name in ("pay", "late", "appeal"):
            assert cli.main(["pay", "verify", str(home / name)]) == 0
    return home


def test_the_hospitals_have_what_the_run_gave_them(out: Path) -> None:
    """T13 53,394.74 and T14 51,742.62; earmarks first, the rest whole, nothing kept."""
    given = {
        row["unit_code"]: row["amount"] for row in rows(out / "run", "allocations") if row["pool"] == "performance"
    }
    paid = rows(out / "pay", "units")
    assert [(row["unit_code"], row["amount"], row["kept"]) for row in paid] == [
        ("T13", given["T13"], "0.00"),
        ("T14", given["T14"], "0.00"),
    ]
    assert {row["difference"] for row in rows(out / "pay", "reconciliation")} == {"0.00"}


def test_who_is_held_at_what(out: Path) -> None:
    lines = rows(out / "pay", "lines")
    held = {row["post_no"]: row["held_by"] for row in lines if row["item"] == "points" and row["held_by"]}
    assert {one: held[one] for one in ("T13-014", "T13-019", "T14-019")} == {
        "T13-014": "cap",
        "T13-019": "floor",
        "T14-019": "hold",
    }
    assert next(row["amount"] for row in lines if row["post_no"] == "T13-019") == "1100.00"
    assert not {"T13-001", "T14-001", "T13-036", "T14-028"} & {row["post_no"] for row in lines}
    left = [row["component"] for row in lines if row["post_no"] == "T13-021"]
    assert left == ["due"]  # nothing deferred of who left


def test_one_waits_for_figures_and_is_paid_the_same_later(out: Path) -> None:
    open_ = [row for row in rows(out / "pay", "payslips") if row["status"] not in ("ok", "no_payment")]
    assert [(row["payer"], row["person_code"], row["status"], row["net"]) for row in open_] == [
        ("H01", "RY0067", "TAX-OTHER-PAYER", "")
    ]
    later = rows(out / "late", "payslips")
    assert [(row["person_code"], row["payable"], row["status"]) for row in later] == [
        ("RY0067", open_[0]["payable"], "ok")
    ]


def test_the_appeal_is_paid_out_of_the_reserve(out: Path) -> None:
    """Its figures by November have what October paid; only the one who appealed has a line."""
    october = next(row["payable"] for row in rows(out / "pay", "payslips") if row["person_code"] == "RY0013")
    assert october == "1135.48"  # PAID_IN_OCTOBER of examples/people_after.py
    assert {row["post_no"] for row in rows(out / "appeal", "lines")} == {"T13-013"}
    (slip,) = rows(out / "appeal", "payslips")
    (reserve,) = rows(out / "appeal", "reserves")
    assert (slip["up"], slip["down"], slip["status"]) == ("119.85", "0.00", "ok")
    assert (reserve["opening"], reserve["drawn"], reserve["closing"]) == ("12000.00", "133.16", "11866.84")
