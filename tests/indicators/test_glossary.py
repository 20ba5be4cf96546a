"""docs/glossary.md names every indicator, curve, metric and money item, with the titles the program prints."""

from __future__ import annotations

import re

from indicators.curves import curves
from indicators.registry import indicators

from .cases import ROOT, catalogue


def test_glossary_names_everything_with_its_title():
    rows = re.findall(r"^\| (\S+) \| ([^|]+?) \|", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE)
    written = dict(rows)
    wanted = {code: described.title for code, described in indicators().items()}
    wanted |= {use: curve.title for use, curve in curves().items()}
    wanted |= {code: f"{metric.title} ({metric.unit})" for code, metric in catalogue().metrics.items()}
    wanted |= {code: item.title for code, item in catalogue().items.items()}
    assert {code: written.get(code) for code in wanted} == wanted
