"""Plant the faults of faults.yaml one by one in a copy of the tree, and tell which test notices each.

    python tests/faults/plant.py          all of them (as `make soak` does)
    python tests/faults/plant.py ID …     only these

What became of them goes into docs/faults.json; there the others stay as they were.

The tests that a fault names are asked first, then all of its folder, then wider ones. A test notices a fault if it
fails with it and passes without it. It is a failure if the tests of the folders miss more than MISSED.
"""

from __future__ import annotations

import compileall
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).parent / "faults.yaml"
FIGURES = ROOT / "docs" / "faults.json"
ROOMS = ("allocation", "indicators", "engine", "domain", "api")
SERVICE = frozenset({"storage", "workflow", "schedule"})
"""Wings of the engine that are the service."""
MISSED = 2
"""How many of them the tests of the folders may miss."""
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "out", "build", "*.egg-info")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (tests/\S+?\.py(?:::\w+)*)", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """One fault: what goes wrong, the text that stands in a file and what is planted there, the tests to ask first."""

    id: str
    fault: str
    file: str
    stands: str
    planted: str
    tests: tuple[str, ...]

    @property
    def room(self) -> str:
        """The room its file is in."""
        return self.file.partition("/")[0]

    @property
    def folder(self) -> str:
        """The folder of its tests: of the engine and of the api, that of the wing."""
        parts = Path(self.file).parts
        return "/".join(("tests", *parts[: 2 if self.room in {"engine", "api"} else 1]))

    @property
    def of_service(self) -> bool:
        """Whether its file is the service's."""
        return self.room == "api" or Path(self.file).parts[1] in SERVICE

    @property
    def wider(self) -> tuple[str, ...]:
        """Tests of other folders that see its room at work."""
        if self.of_service:
            return ("tests/engine/workflow", "tests/engine/schedule", "tests/api/http")
        return ("tests/engine/run", "tests/engine/folder", "tests/examples")

    def wrong(self, root: Path) -> list[str]:
        """Why it cannot be planted; empty if it can."""
        text = (root / self.file).read_text(encoding="utf-8")
        found = [] if text.count(self.stands) == 1 else [f"{self.file} holds the text {text.count(self.stands)} times"]
        found += [f"{test} is not there" for test in self.tests if not _is_there(root, test)]
        return [*found, *(["nothing is changed"] if self.stands == self.planted else [])]


def _is_there(root: Path, test: str) -> bool:
    """Whether a file of tests is there, and the function that is named behind it."""
    name, _, function = test.partition("::")
    file = root / name
    return file.exists() and (not function or f"def {function}(" in file.read_text(encoding="utf-8"))


def faults() -> list[Fault]:
    """The faults in the order of the list."""
    return [Fault(**{**one, "tests": tuple(one["tests"])}) for one in YAML(typ="safe", pure=True).load(LIST)]


def copied(into: Path) -> Path:
    """A copy of the tree whose compiled code is told by content: what is planted and taken away in a second counts."""
    copy = into / "tree"
    shutil.copytree(ROOT, copy, ignore=_LEFT_OUT)
    compileall.compile_dir(copy, quiet=2, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    return copy


def fails(copy: Path, tests: Sequence[str]) -> str | None:
    """The first of the tests that fails in the copy; None if all pass."""
    asked = ["-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-m", "not soak", *tests]
    env = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run([sys.executable, *asked], cwd=copy, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    named = _FAILED.search(done.stdout)
    if named is None:
        raise RuntimeError(done.stdout + done.stderr)
    return named[1]


def noticed(copy: Path, fault: Fault) -> tuple[str, str]:
    """Who notices a fault, "folder" or "wider", and the test; "survived" and "" if nobody does."""
    file = copy / fault.file
    sound = file.read_text(encoding="utf-8")
    for stage, tests in (("folder", fault.tests), ("folder", (fault.folder,)), ("wider", fault.wider)):
        file.write_text(sound.replace(fault.stands, fault.planted), encoding="utf-8")
        try:
            failing = fails(copy, tests)
        finally:
            file.write_text(sound, encoding="utf-8")
        if failing is not None:
            if fails(copy, [failing]) is not None:
                raise RuntimeError(f"{failing} fails without any fault")
            return stage, failing
    return "survived", ""


def plant(chosen: Sequence[Fault]) -> list[dict[str, str]]:
    """What became of each fault, told and recorded as it goes."""
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        copy = copied(Path(scratch))
        for fault in chosen:
            if wrong := fault.wrong(copy):
                raise SystemExit(f"{fault.id}: {'; '.join(wrong)}")
            began = time.perf_counter()
            stage, test = noticed(copy, fault)
            print(f"{fault.id:36} {stage:9} {time.perf_counter() - began:6.1f} s  {test}", flush=True)
            found.append({"id": fault.id, "fault": fault.fault, "file": fault.file, "noticed": stage, "by": test})
            record(found[-1])
    return found


def record(found: dict[str, str]) -> None:
    """Put what became of one fault into the figures, in the order of the list; those no longer in it go."""
    stored = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else []
    known = {one["id"]: one for one in [*stored, found]}
    kept = [known[fault.id] for fault in faults() if fault.id in known]
    FIGURES.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main(ids: Sequence[str]) -> int:
    """Plant all or some; 1 where the tests of the folders notice too few of them."""
    found = plant([fault for fault in faults() if not ids or fault.id in ids])
    noted = sum(one["noticed"] == "folder" for one in found)
    print(f"{noted} of {len(found)} noticed by the tests of their folder")
    return int(len(found) - noted > MISSED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
