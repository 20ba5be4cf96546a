"""Rules of the house that a linter does not know."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from allocation.rules import rules
from scripts import figures
from scripts.commands import page

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("domain", "indicators", "allocation", "engine", "api", "configs")


def tracked():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_modules_stay_readable():
    written_once = "engine/storage/migrations/versions/"  # a record of what was, table by table
    named = {str(path.relative_to(ROOT)): path for path in tracked() if path.suffix == ".py"}
    long = {name: lines(path) for name, path in named.items() if not name.startswith(written_once)}
    assert {name: n for name, n in long.items() if n > 400} == {}


def lines(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_registry_host_and_no_machine_path_is_committed():
    registry = re.compile(r"--(extra-)?index-url|--find-links|https?://[^ )\"]*/simple\b")
    machine = re.compile(r"(?<![\w.])/(work|root|home)/")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix in {".py", ".md", ".txt", ".toml", ".yaml", ".in", ""} and path.name != Path(__file__).name
        for match in re.finditer(f"{registry.pattern}|{machine.pattern}", path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_requirements_are_pinned_by_hash():
    for name in ("uv", "run", "dev", "bundle"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins = re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", text, re.MULTILINE | re.IGNORECASE)
        assert pins
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) >= len(pins)


def test_what_runs_is_among_what_is_pinned():
    asked = {
        line.partition("[")[0].lower()
        for line in (ROOT / "requirements/run.in").read_text().splitlines()
        if line[:1] not in "#"
    }
    pins = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==", (ROOT / "requirements/dev.txt").read_text(), re.MULTILINE)
    assert {name.replace(".", "-") for name in asked} - {""} <= set(pins)


def test_ci_runs_the_readme_s_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first_two = re.findall(r"^    (make \w+)", readme, re.MULTILINE)[:2]
    assert first_two == ["make demo", "make test"]
    assert "\nmake test\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.parametrize("use", sorted(rules()))
def test_every_allocation_rule_is_documented(use):
    assert f"| `{use}` |" in (ROOT / "docs/allocation-format.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("use", sorted(rules()))
def test_every_allocation_rule_is_whole(use):
    file = rules()[use]
    assert file.module.__doc__
    assert all((file.words.title, file.words.held, file.words.aim))
    needed = {"group": {"rows", "loosened"}, "cap": {"bounds"}, "floor": {"bounds", "owed", "loosened"}}
    assert {"check", *needed[file.kind], *(["concerns"] if file.kind == "group" and file.fields else [])} <= set(
        vars(file.module)
    )


def test_no_postponed_work():
    words = re.compile(r"\b(TODO|FIXME|XXX|raise NotImplementedError|pytest\.skip|skipif|xfail|assert True)\b")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix in {".py", ".yaml", ".md"} and path.name not in {Path(__file__).name}
        for match in [words.search(path.read_text(encoding="utf-8"))]
        if match
    ]
    assert found == []


def test_the_wheel_ships_every_room():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.rstrip("*") for name in included} == set(ROOMS)


def test_the_commands_page_is_what_the_command_line_says():
    assert (ROOT / "docs/commands.md").read_text(encoding="utf-8") == page()


def test_the_figures_page_is_what_was_measured():
    assert figures.PAGE.read_text(encoding="utf-8") == figures.page()


def test_contributing_names_what_there_is():
    """Every path and test file; NAME, THEME and ID stand for what is added."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"(?:tests|indicators|allocation|engine|api|configs|domain|docs)/[\w./-]*\w", text)
    assert len(named) > 30
    missing = [
        path
        for path in named
        if not any(ROOT.glob(re.sub(r"\b(NAME|THEME|ID)\b", "*", path.replace("hand-NAME", "hand-*"))))
    ]
    assert missing == []
    for folder in (
        "allocation/rules",
        "allocation/pools",
        "allocation/merit",
        "indicators/curves",
        "engine/report/sheets",
    ):
        assert f"`{folder}/__init__.py`" in text
