"""docs/plan.md is generated, and every example in it is read as a part of a plan."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from api.cli import main
from domain.problems import InputProblems
from engine.drafting.examples import entry_example
from engine.drafting.listed import plan_keys
from engine.drafting.reference import reference
from engine.drafting.schema import plan_schema
from engine.policy.configs import load_configs
from engine.policy.entries import CHECKS, CURVES, MERITS, POOLS, RULES
from engine.policy.load import load
from engine.policy.places import INDICATORS, titles
from indicators.registry import indicators

ROOT = Path(__file__).parents[3]
CHECKER = jsonschema_rs.Draft202012Validator(plan_schema(load_configs().catalogue))


def card(name: str, scope: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    """A scorecard of one dimension."""
    total = str(sum(int(item["points"]) for item in items))
    part = {"id": "all", "title": "全部", "points": total, "items": items, "source": "local"}
    said = {"missing": "zero", "not_applicable": "zero", "dimensions": [part], "source": "local"}
    return {"id": name, "title": name, "scope": scope, **said}


def base() -> dict[str, Any]:
    """A plan with what the examples name: cards, pools, quota and permits."""
    item = {"id": "A01", "indicator": "reported", "params": {"metric": "visits"}, "points": "100", "source": "local"}
    item["curve"] = {"use": "attainment", "params": {"target": "1"}}
    shares = {"risk_fund_rate": "0.1", "risk_fund_limit": "0.1", "welfare_share": "0.1", "development_share": "0.1"}
    permits = {**shares, "main_share": "0.6", "drugs_included": False, "scope": "公立", "ownership": ["public"]}
    return {
        "id": "example",
        "title": "例",
        "region": "129901",
        "packs": [],
        "accept_background": [code for code, one in indicators().items() if one.formula_status == "background"],
        "scorecards": [card("member", "member", [item]), card("external", "alliance", [item])],
        "pools": [],
        "quota": {"scope": "member", "source": "local"},
        "permits": {**permits, "periods": ["year"], "source": "local"},
    }


def pool(code: str = "handed_in", **more: Any) -> dict[str, Any]:
    """The example of a pool with what goes with it."""
    return entry_example(POOLS, code) | more


def plan_of(kind: str, code: str) -> dict[str, Any]:
    """A plan with the example of one entry."""
    plan, entry = base(), entry_example(kind, code)
    if kind == CURVES:
        item = {"id": "B01", "indicator": "reported", "params": {"metric": "visits"}, "points": "10", "source": "local"}
        if code == "milestone":
            item |= {"indicator": "completed_on", "params": {"metric": "task_ledger_on"}}
        if code in ("deduction", "checklist") and entry["params"].get("lines"):
            item |= {"indicator": "line_counts", "params": {"lines": [entry["params"]["lines"][0]["count"]]}}
        plan["scorecards"].append(card("tried", "alliance", [{**item, "curve": entry}]))
    elif kind == INDICATORS:
        plan["scorecards"].append(card("tried", indicators()[code].scopes[0], [entry]))
    elif kind == CHECKS:
        plan["checks"] = {"rules": [entry]}
    elif kind == RULES:
        plan["pools"] = [pool(rules=[entry])]
    elif kind == MERITS:
        plan["pools"] = [pool("allowance" if code == "due" else "handed_in", merit=entry, tiers=["lead", "township"])]
        if code == "tier_quantity":
            plan["pools"][0]["tiers"] = ["township"]
    else:
        before = [pool("subsidy", id="performance")] if code == "from_withheld" else []
        plan["pools"] = [*before, entry]
        if code == "insurance_surplus":
            entry["purpose"] = "income"
            del entry["in_total"]
    return plan


EVERY = [(kind, code) for kind in (CURVES, RULES, POOLS, MERITS, CHECKS, INDICATORS) for code in titles(kind)]


@pytest.mark.parametrize(("kind", "code"), EVERY)
def test_an_example_is_read(kind: str, code: str, tmp_path: Path) -> None:
    path, plan = tmp_path / "example.yaml", plan_of(kind, code)
    plan = json.loads(json.dumps(plan, default=str))
    text = json.dumps(plan, ensure_ascii=False).replace('"2026-12-31"', "2026-12-31")
    path.write_text(text, encoding="utf-8")
    try:
        load(load_configs(), path, date(2026, 9, 30))
    except InputProblems as error:
        pytest.fail(str(error))
    assert [error.message for error in CHECKER.iter_errors(plan)] == []


def test_the_page_is_generated(tmp_path: Path) -> None:
    written = (ROOT / "docs" / "plan.md").read_text(encoding="utf-8")
    assert written == reference(), "liangyun plan reference --out docs/plan.md --force"
    assert main(["plan", "reference", "--out", str(tmp_path / "plan.md")]) == 0
    assert (tmp_path / "plan.md").read_text(encoding="utf-8") == written


def test_the_page_has_every_code_and_key() -> None:
    page = reference()
    assert [code for kind, code in EVERY if f"### `{code}` {titles(kind)[code]}\n" not in page] == []
    assert [one.place for one in plan_keys() if f"| `{one.name}` | {one.words.title} |" not in page] == []
