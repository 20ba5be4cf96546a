"""The JSON Schema of a plan: it stands beside the plans, takes what the reader takes and refuses what it refuses."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from domain.problems import InputProblems
from engine.drafting.schema import FIRST_LINE, plan_schema, schema_text
from engine.policy.configs import load_configs
from engine.policy.load import load
from engine.yaml.document import read_text, read_yaml

ROOT = Path(__file__).parents[3]
PLANS = ROOT / "configs" / "plans"
CONFIGS = load_configs()
SCHEMA = plan_schema(CONFIGS.catalogue)
CHECKER = jsonschema_rs.Draft202012Validator(SCHEMA)
MALFORMED = read_yaml(ROOT / "tests/spec/plans/malformed.yaml").data
BASE = (PLANS / f"{MALFORMED['base']}.yaml").read_text(encoding="utf-8")
OTHERS = (
    "tests/engine/small/plan.yaml",
    "tests/spec/packs/sixth-plan.yaml",
    "tests/spec/packs/readings-plan.yaml",
    "tests/spec/packs/tasks-2025-plan.yaml",
)


def as_json(data: Any) -> Any:
    """YAML data as an editor sees them: days are texts."""
    if isinstance(data, dict):
        return {key: as_json(value) for key, value in data.items()}
    if isinstance(data, list):
        return [as_json(value) for value in data]
    return data.isoformat() if isinstance(data, date) else data


def refused(text: str) -> list[str]:
    """What the schema says of a plan's text."""
    return [error.message for error in CHECKER.iter_errors(as_json(read_text(text, name="plan.yaml").data))]


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(SCHEMA)


def test_the_file_beside_the_plans_is_the_schema() -> None:
    written = (PLANS / "plan.schema.json").read_text(encoding="utf-8")
    assert written == schema_text(CONFIGS.catalogue), (
        "liangyun plan schema --out configs/plans/plan.schema.json --force"
    )


@pytest.mark.parametrize("path", sorted(PLANS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_plan_names_the_schema_and_is_taken(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(FIRST_LINE)
    assert refused(text) == []


@pytest.mark.parametrize("path", OTHERS)
def test_other_plans_are_taken(path: str) -> None:
    assert refused((ROOT / path).read_text(encoding="utf-8")) == []


def test_there_are_enough_malformed_plans() -> None:
    assert len({(case["from"], case["to"]) for case in MALFORMED["cases"]}) >= 60


@pytest.mark.parametrize("case", MALFORMED["cases"], ids=lambda case: str(case["to"]).strip()[:40] or case["from"][:40])
def test_a_malformed_plan_is_refused_by_schema_and_reader(case: dict[str, str], tmp_path: Path) -> None:
    assert case["from"] in BASE
    path = tmp_path / "plan.yaml"
    path.write_text(BASE.replace(case["from"], case["to"], 1), encoding="utf-8")
    with pytest.raises(InputProblems):
        load(CONFIGS, path, date(2026, 9, 30))
    assert refused(path.read_text(encoding="utf-8"))
