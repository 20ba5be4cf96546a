"""Who is asked how pools are split: the manifest tells, and whoever it was the folder is the same."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from allocation.exact.tableau import Propose
from allocation.solvers import proposer
from api import cli
from domain.period import Period
from engine.folder.execute import execute
from engine.folder.verify import verify
from engine.policy.configs import load_configs

SMALL = Path(__file__).parents[1] / "small"
QUARTER = Period.parse("2026Q3")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    shutil.copytree(SMALL, tmp_path / "small")
    return tmp_path / "small"


def test_every_solver_writes_the_same(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HiGHS is asked unless another is named, of batches the exact method; only the manifest tells which it was."""
    asked: list[str] = []

    def spy(name: str, scale: int) -> Propose:
        asked.append(name)
        return proposer(name, scale)

    monkeypatch.setattr("allocation.exact.solution.proposer", spy)
    written: dict[str, dict[str, bytes]] = {}
    for solver, batch in ((None, False), ("highs", False), ("cbc", False), ("auto", False), (None, True)):
        out, named = tmp_path / f"{solver}{batch}", solver or ("auto" if batch else "highs")
        asked.clear()
        execute(load_configs(), small / "plan.yaml", small / "data", QUARTER, out, batch=batch, solver=solver)
        assert set(asked) == ({named} - {"auto"})
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["solver"] == {"name": named, "method": "exact" if named == "auto" else "pulp"}
        if not batch:
            files = [path for path in out.iterdir() if path.is_file() and path.name != "manifest.json"]
            written[out.name] = {path.name: path.read_bytes() for path in files}
        for by in ("auto", "highs"):  # whoever split it, either splits it again
            assert verify(out, solver=by).problems == ()
    assert all(one == written["NoneFalse"] for one in written.values())


def test_a_solver_that_there_is_not(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = [str(small / name) for name in ("plan.yaml", "data", "out")]
    assert cli.main(["run", *home[:2], "--period", "2026Q3", "--out", home[2], "--solver", "glpk"]) == 2
    assert "UNKNOWN-SOLVER" in capsys.readouterr().err
    assert not (small / "out").exists()
