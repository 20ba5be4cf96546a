"""The catalogue of figures holds what something reads, and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from engine.policy.configs import load_configs
from indicators.registry import ANY, indicators

ROOT = Path(__file__).parent.parent.parent
SPEC = ROOT / "tests" / "spec" / "money"


def said(path: Path) -> set[str]:
    """The texts that a Python file contains as values, not as documentation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def texts(value: Any) -> Iterator[str]:
    """Every text of a YAML file's data, its keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(key)
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def readers() -> dict[str, set[str]]:
    """What reads catalogue codes: indicators, money rules, what corrections are paid from, packs and plans.

    A way to form money that no shipped plan uses names its figures in the spec cases that show it.
    """
    policies = [path for folder in ("packs", "plans") for path in (ROOT / "configs" / folder).glob("*.yaml")]
    return {
        "indicators": {code for one in indicators().values() if one.facts != ANY for code in one.facts},
        "allocation": {text for path in (ROOT / "allocation").rglob("*.py") for text in said(path)},
        "cases": {text for path in SPEC.glob("*.yaml") for text in texts(YAML(typ="safe", pure=True).load(path))},
        "corrections": said(ROOT / "domain" / "corrections.py"),
        "configs": {text for path in policies for text in texts(YAML(typ="safe").load(path))},
    }


def test_every_figure_of_the_catalogue_is_read():
    """An indicator, a pool or a plan asks for it; a figure nobody reads would only be filled in for nothing.

    A published table (theme `published`) is kept as it was printed, also the columns that no plan scores.
    """
    catalogue, read = load_configs().catalogue, set().union(*readers().values())
    kept = {code for code, metric in catalogue.metrics.items() if metric.theme == "published"}
    assert sorted({*catalogue.metrics, *catalogue.items} - read - kept) == []
    assert kept & read, "a plan scores some of what is published"
