"""docs/glossary.md names everything that packs and plans may write, with the titles the program prints."""

from __future__ import annotations

import re

import pytest

from allocation.rules import rules
from domain.modules import modules, names
from domain.workflow import GATE_TITLES
from engine.policy.configs import load_configs
from engine.policy.files import read_pack
from engine.policy.words import SECTIONS
from indicators.curves import curves
from indicators.registry import indicators

from .cases import ROOT, catalogue


def glossary() -> dict[str, str]:
    """The terms that are one code, with their Chinese names."""
    text = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    return dict(re.findall(r"^\| (\S+) \| ([^|]+?) \|", text, re.MULTILINE))


def test_glossary_names_everything_with_its_title():
    written = glossary()
    wanted = {code: described.title for code, described in indicators().items()}
    wanted |= {use: curve.title for use, curve in curves().items()}
    wanted |= {code: f"{metric.title} ({metric.unit})" for code, metric in catalogue().metrics.items()}
    wanted |= {code: item.title for code, item in catalogue().items.items()}
    assert {code: written.get(code) for code in wanted} == wanted


@pytest.mark.parametrize(
    "titles",
    [
        {
            use: code.TITLE
            for folder in ("allocation.pools", "allocation.merit")
            for use, code in modules(folder).items()
        },
        {use: rule.words.title for use, rule in rules().items()},
    ],
)
def test_glossary_names_every_use_of_a_pool(titles):
    wanted = titles
    written = glossary()
    assert {use: written.get(use) for use in wanted} == wanted


def test_glossary_names_every_method_and_part_of_a_pack():
    written = glossary()
    assert [method for method in names("indicators.relative") if method not in written] == []
    wanted = {section: title.partition(" ")[0] for section, title in SECTIONS.items()}
    assert {section: written.get(section) for section in wanted} == wanted


def test_every_hook_has_a_chinese_name_and_every_name_a_hook():
    used = {rule.hook for name in load_configs().packs for rule in read_pack(load_configs(), name).money}
    assert set(load_configs().hooks) == used


def test_glossary_names_the_gates_with_their_titles():
    written = glossary()
    assert {kind: written.get(kind) for kind in GATE_TITLES} == GATE_TITLES
