"""`plan new`: a draft lists what is to be filled in, and filled in it is a plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from api.cli import main
from domain.problems import InputProblems, Problem
from engine.drafting.draft import draft, like
from engine.drafting.lint import lint
from engine.policy.coded import TO_FILL
from engine.policy.configs import load_configs
from engine.policy.load import load

CONFIGS = load_configs()
DAYS = {
    "hz-xiacheng-2018": date(2018, 12, 31),
    "beijing-2021": date(2022, 12, 31),
    "jilin-city-2017": date(2018, 12, 31),
}
DAYS |= {"liaoning-2017": date(2018, 12, 31), "tianjin-2024": date(2026, 9, 30), "monitor-2024": date(2026, 9, 30)}
VALUES = {  # by the key in front of what is to be filled in
    "title": "名称", "reason": "试行", "missing": "refuse", "document": "某财社〔2026〕1号", "paid_by": "县财政局",
    "unpaid_to": "fund", "report": "10", "confirm": "5", "objection": "5", "disclosure": "7", "value": "true",
    "target": '"0.9"', "min_change": '"0.01"',
}  # fmt: skip


def problems(path: Path, day: date) -> tuple[Problem, ...]:
    """What `plan check` lists."""
    try:
        load(load_configs(), path, day)
    except InputProblems as error:
        return error.problems
    return ()


def filled(text: str) -> Iterator[str]:
    """A draft with every gap filled: 1 point for an item, as many for a dimension as it has items."""
    text = text.replace("# accept_background:", "accept_background:").replace('#   - "', '  - "')
    text = text.replace(f"band: [{TO_FILL}, {TO_FILL}]", 'band: ["0.1", "0.9"]')
    lines = text.splitlines()
    for at, line in enumerate(lines):
        made = line
        if TO_FILL in line and line.startswith('  "'):  # a reading: the first of those that stand beside it
            made = line.replace(TO_FILL, re.search(r": (\S+) 或", line.partition("#")[2])[1])  # type: ignore[index]
        elif made == f"            points: {TO_FILL}":
            made = '            points: "1"'
        elif line.startswith(f"        points: {TO_FILL}"):
            rest = lines[at + 1 :]
            end = next((n for n, one in enumerate(rest) if re.match(r" {0,6}- |\S|$", one)), len(rest))
            made = f'        points: "{sum(one.startswith("          - id:") for one in rest[:end])}"'
        elif f"indicator: {TO_FILL}" in line:
            made = line.replace(TO_FILL, re.search(r"随读法: \S+ 为 ([a-z_]+)", line)[1])  # type: ignore[index]
        elif f"floor: {TO_FILL}" in line:  # worse than what is demanded in the comment above
            demand = re.search(r"≤ ([0-9.]+) ", next(one for one in reversed(lines[:at]) if one.strip()[0] == "#"))
            made = line.replace(f"floor: {TO_FILL}", f'floor: "{int(float(demand[1])) + 1 if demand else 1}"')
        for key, value in VALUES.items():
            made = made.replace(f"{key}: {TO_FILL}", f"{key}: {value}")
        yield made


@pytest.mark.parametrize("pack", DAYS)
def test_filled_in_a_draft_is_a_plan(pack: str, tmp_path: Path) -> None:
    text, path = draft(CONFIGS, [pack], "129901", "mine", DAYS[pack]), tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    found = [one for one in problems(path, DAYS[pack]) if one.code == "TO-FILL"]
    gaps = sum(line.partition("#")[0].count(TO_FILL) for line in text.splitlines())
    assert len(found) == gaps > 5
    assert all(one.remedy and re.search(r":\d+$", one.where) for one in found)
    path.write_text("\n".join(filled(text)) + "\n", encoding="utf-8")
    assert problems(path, DAYS[pack]) == ()
    notes = lint(configs := load_configs(), load(configs, path, DAYS[pack]), [])
    assert [str(one) for one in notes if one.code in ("POINTS-NOBODY", "OWNER-OTHER")] == []


def test_a_draft_has_every_indicator_of_its_packs_with_its_clause() -> None:
    text = draft(CONFIGS, ["tianjin-2024"], "129901", "mine", DAYS["tianjin-2024"])
    packs = load(CONFIGS, "demo-county", DAYS["tianjin-2024"]).packs
    for entry in packs["tianjin-2024"].indicators:
        assert f"# {entry.title} ({entry.cite.clause}" in text
        assert f'rule: "tianjin-2024:{entry.id}"' in text


def test_a_plan_like_another_is_that_plan_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(like(CONFIGS, "demo-county", "mine", "330100"), encoding="utf-8")
    day = DAYS["tianjin-2024"]
    plan, other = load(CONFIGS, path, day).plan, load(CONFIGS, "demo-county", day).plan
    assert (plan.id, plan.region) == ("mine", "330100")
    assert plan.scorecards[0].title == other.scorecards[0].title


def test_a_name_of_digits_is_an_id_all_the_same(tmp_path: Path) -> None:
    day = DAYS["tianjin-2024"]
    for text in (like(CONFIGS, "demo-county", "2026"), draft(CONFIGS, ["tianjin-2024"], "129901", "2026", day)):
        path = tmp_path / "2026.yaml"
        path.write_text(text, encoding="utf-8")
        assert not [one for one in problems(path, day) if one.code == "FIELD-VALUE"]


def test_a_reading_to_be_chosen_is_told_once(tmp_path: Path) -> None:
    path, day = tmp_path / "mine.yaml", DAYS["tianjin-2024"]
    text = draft(CONFIGS, ["tianjin-2024"], "129901", "mine", day)
    path.write_text(text, encoding="utf-8")
    told = [one for one in problems(path, day) if "TJ-T02" in str(one)]
    assert [one.code for one in told] == ["TO-FILL"]
    path.write_text(text.replace(f'  "tianjin-2024:TJ-T02": {TO_FILL}', "  {}"), encoding="utf-8")
    assert "READING-MISSING" in {one.code for one in problems(path, day)}


def test_the_command_writes_plan_and_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine.yaml"
    assert main(["plan", "new", str(out), "--packs", "tianjin-2024,monitor-2024", "--region", "129901"]) == 0
    assert "处待填" in capsys.readouterr().out
    assert (tmp_path / "plan.schema.json").is_file()
    assert main(["plan", "check", str(out)]) == 2
    assert "TO-FILL" in capsys.readouterr().err
    assert main(["plan", "new", str(out), "--like", "demo-county"]) == 2  # there is one already
    assert main(["plan", "new", str(tmp_path / "b.yaml"), "--packs", "tianjin-2024"]) == 2
    assert "--region" in capsys.readouterr().err
