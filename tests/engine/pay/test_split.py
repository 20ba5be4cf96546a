"""The hand-worked cases of tests/spec/pay/split.yaml, and what every division says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from domain.money import format_yuan
from domain.problems import InputProblems
from engine.pay.result import Split
from engine.run.say import Speaker

from .paying import Json, adds_up, divided, of, yuan

SPEC = Path(__file__).parents[2] / "spec" / "pay" / "split.yaml"
CASES = YAML(typ="safe", pure=True).load(SPEC)


def seen(made: Split, expect: Json) -> Iterator[tuple[str, object]]:
    """What was found, as a case states it."""
    keys = ("post_no", "pool") if any("/" in key for key in expect.get("due", {})) else ("post_no",)
    yield "due", yuan(of(made, "due"), *keys)
    yield "marks", yuan(of(made, "due", item=True), "post_no", "item")
    for name in ("deferred", "released", "forfeited"):
        yield name, yuan(of(made, name), "post_no")
    held = of(made, "due")
    yield "held", {post: by for post, by in zip(held["post_no"], held["held_by"], strict=True) if by}
    yield "teams", yuan(made.teams, "team")
    teams = made.teams
    yield "team_held", {team: by for team, by in zip(teams["team"], teams["held_by"], strict=True) if by}
    yield "weights", {team: str(weight) for team, weight in zip(teams["team"], teams["weight"], strict=True)}
    rows = made.units[["unit_code", "pool", "earmarks", "shared", "kept", "in_total", "outside"]]
    yield "units", {f"{unit}/{pool}": [*map(format_yuan, fen)] for unit, pool, *fen in rows.values.tolist()}
    yield "unmet", {unit: problems[0].code for unit, problems in made.unmet.items()}
    yield "warnings", [one.code for one in made.warnings]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_case(case: Json) -> None:
    expect = {"held": {}, "team_held": {}, "unmet": {}, "warnings": [], "deferred": {}, "released": {}} | case["expect"]
    if "refused" in expect:
        with pytest.raises(InputProblems) as refused:
            divided(case)
        said = [f"{one.code} {one.where.removeprefix('人员.xlsx ')}" for one in refused.value.problems]
        assert said == expect["refused"]
        assert all(one.remedy for one in refused.value.problems)
        return
    made = divided(case)
    found = dict(seen(made, expect))
    assert {name: found[name] for name in expect} == expect
    adds_up(made)
    told(made)


def told(made: Split) -> None:
    """Every number has its story, once, and it can be said."""
    speaker, keys = Speaker(), [step.key for step in made.steps]
    assert len(set(keys)) == len(keys)
    stories = {key: step.fen for key, step in zip(keys, made.steps, strict=True) if isinstance(step.result, int)}
    assert all(speaker.told(step)["title"] for step in made.steps)
    assert all(speaker.warning(one) for one in made.warnings)
    teams = dict(zip(zip(made.teams["unit_code"], made.teams["pool"], strict=True), made.teams["team"], strict=True))
    for line in made.lines.itertuples():
        ends = {"released": f"/{line.post_no}/released-", "forfeited": f"/{line.post_no}/forfeited-"}
        last = f"/{line.post_no}/{line.item if line.item != 'points' else line.component}"
        own = [fen for key, fen in stories.items() if ends.get(line.component, last) in key and f"/{line.pool}/" in key]
        assert line.amount in own
        assert (line.unit_code, line.pool) not in teams or own


def test_departments_are_sent_their_teams_before_they_have_lists() -> None:
    case = next(case for case in CASES if case["name"] == "a list that does not add up")
    made = divided(case, upto="teams")
    assert yuan(made.teams, "team") == {"A": "100.00"}
    assert made.lines.empty
    assert made.units["shared"].tolist() == [10000]


def test_nor_are_people_assessed_then() -> None:
    case = next(case for case in CASES if case["name"].startswith("teams by coefficient"))
    posts = {number: {**one, "facts": {"score": None}} for number, one in case["posts"].items()}
    made = divided({**case, "posts": posts}, upto="teams")
    assert yuan(made.teams, "team") == case["expect"]["teams"]
    assert not any(step.place.post for step in made.steps)
    keeping = next(case for case in CASES if case["name"] == "or stays with the institution")
    made = divided(keeping, upto="teams")
    assert yuan(made.teams, "team") == {"A": "75.00", "B": "25.00"}
    assert (made.units["kept"].tolist(), made.warnings) == ([0], ())


def test_the_story_of_a_post_stands_on_its_cells() -> None:
    case = next(case for case in CASES if case["name"].startswith("half a day"))
    speaker = Speaker()
    stories = {step.key: speaker.told(step) for step in divided(case).steps}
    time = stories["pay/perf/U1/P1/time"]
    assert time["result"] == "10/11"
    assert time["numbers"]["病假扣减 (天)"] == "3"
    assert time["cells"] == [f"人员.xlsx {name}!A2" for name in ("posts", "attendance")] + [
        "人员.xlsx leave!A3",
        "人员.xlsx leave!A2",
    ]
    due = stories["pay/perf/U1/P1/due"]
    assert due["numbers"] == {"可分额": "2100.00", "积分": "10/11", "全部积分": "21/11", "精确数 (元)": "1000"}
    capped = next(case for case in CASES if case["name"] == "a cap of times the mean, by time")
    mean = next(speaker.told(step) for step in divided(capped).steps if step.place.line == "mean")
    assert (mean["result"], mean["numbers"]) == ("60", {"可分额": "90.00", "Σ 出勤折算": "1.5"})
    assert "P2" not in str([told for key, told in stories.items() if "/P1/" in key])
