"""A worker beside a server ends in order: told to stop while the server holds its input, and by the end of that."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.storage.install import Place, bring_up

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("by", ["signal", "input"])
def test_a_worker_beside_a_server_ends_in_order(tmp_path, by):
    bring_up(Place(tmp_path / "home"))
    known = {**os.environ, "LIANGYUN_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "api.cli", "work", "--beside"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=known) as worker,
    ):
        _wait_for_work(tmp_path / "home", worker)
        if by == "signal":
            worker.send_signal(signal.SIGTERM)
        elif worker.stdin is not None:
            worker.stdin.close()
        assert worker.wait(60) == 0, (tmp_path / "log").read_text()
    assert "Fatal" not in (tmp_path / "log").read_text()


def _wait_for_work(home: Path, worker: subprocess.Popen[bytes]) -> None:
    """Until it anchors, which a new installation wants at once."""
    until = time.monotonic() + 60
    while not (home / "anchors").is_dir():
        assert worker.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)
