"""The calls of docs/api.md, run as they stand, take the demo county from empty to approved."""

from __future__ import annotations

import os
import re
import subprocess
import threading

import pytest

from engine.schedule.worker import do_due
from tests.api.http.serving import serving
from tests.engine.workflow.flow import ROOT, SECRET, County, quick

PAGE = ROOT / "docs" / "api.md"


def script() -> str:
    blocks = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    assert len(blocks) >= 9
    return "set -euo pipefail\n" + "\n".join(blocks)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_the_calls_take_a_county_from_empty_to_approved(store, clock, monkeypatch, tmp_path):
    quick(monkeypatch)
    county, over = County(store, clock), threading.Event()

    def work() -> None:
        while not over.wait(0.2):
            do_due(store)

    (tmp_path / "examples").symlink_to(ROOT / "examples")
    worker = threading.Thread(target=work)
    with serving(store) as served:
        worker.start()
        try:
            told = subprocess.run(
                ["bash", "-c", script()],
                env={
                    "PATH": os.environ["PATH"],
                    "API": f"{served.url}/api/v1",
                    "PASSWORD": SECRET,
                    "LC_ALL": "C.UTF-8",
                },
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
            )
        finally:
            over.set()
            worker.join(60)
    assert told.returncode == 0, told.stdout[-2000:] + told.stderr[-2000:]
    assert county.batch(1).state == "approved"
    assert told.stdout.rstrip().splitlines()[-1] == "approved"
    assert (tmp_path / "allocations.csv").read_bytes() == (
        store.files.folder("runs", county.batch(1).seen) / "allocations.csv"
    ).read_bytes()
