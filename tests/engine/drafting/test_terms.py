"""`terms`: every code is found, by itself and by any part of its Chinese name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.cli import main
from engine.drafting.listed import params_keys, plan_keys
from engine.drafting.terms import KINDS, find, terms
from engine.policy.configs import load_configs
from engine.policy.entries import CHECKS, CURVES, MERITS, POOLS, RULES
from engine.policy.places import INDICATORS, params_of, titles
from engine.workflow.roles import ROLES

ALL = terms(load_configs(), {code: role.title for code, role in ROLES.items()})


def test_every_kind_is_there_and_every_term_has_a_chinese_name() -> None:
    assert {one.kind for one in ALL} == set(KINDS)
    assert [one.code for one in ALL if not one.title] == []
    assert [one.code for one in ALL if one.kind not in ("key", "role", "metric", "item") and not one.definition] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_code_and_its_name_find_it(kind: str) -> None:
    for one in (each for each in ALL if each.kind == kind):
        for word in (one.code, one.title):
            found, held = find(ALL, word)
            assert held
            same = [each for each in found if word in (each.code, each.title)]
            assert one in same
            assert found[: len(same)] == same


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("履约", "fulfilment_rate"),
        ("保底", "floor_previous"),
        ("结余留用", "insurance_surplus"),
        ("功效", "efficacy"),
        ("预付比例", "pools.prepay_ratio"),
        ("九成五", ""),
    ],
)
def test_a_part_of_the_name_is_enough(word: str, code: str) -> None:
    found, held = find(ALL, word)
    assert held == bool(code)
    assert code in ("", *(one.code for one in found))


def test_where_a_word_is_in_none_the_nearest_are_told() -> None:
    found, held = find([one for one in ALL if one.kind == "indicator"], "重点人群签月率")
    assert (held, found[0].code) == (False, "key_group_signing_rate")
    assert len(found) == 5


def test_a_term_tells_its_unit_params_and_uses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["terms", "fulfilment_rate", "--kind", "指标"]) == 0
    said = capsys.readouterr().out
    for line in ("代码: fulfilment_rate", "名称: 履约率", "单位: %", "用于: 方案 demo-county: M09"):
        assert line in said
    assert "previous\t对比期" in said


def test_an_unknown_kind_tells_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["terms", "--kind", "指表"]) == 2
    said = capsys.readouterr().err
    assert all(code in said for code in KINDS)


# ── the glossary ──────────────────────────────────────────────────────────────────────────────────────────


GLOSSARY = (Path(__file__).parents[3] / "docs" / "glossary.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", GLOSSARY, re.MULTILINE))


@pytest.mark.parametrize("kind", ["item", "rule", "pool", "merit", "curve"])
def test_the_glossary_names_every_code_of_a_kind(kind: str) -> None:
    wanted = {one.code: one.title for one in ALL if one.kind == kind}
    assert {code: ROWS.get(code) for code in wanted} == wanted


def test_the_glossary_names_every_kind_of_check() -> None:
    wanted = titles(CHECKS)
    assert {code: ROWS.get(f"{code} (check)", ROWS.get(code)) for code in wanted} == wanted


def test_the_glossary_names_every_key_of_a_plan() -> None:
    named = {word for cell in ROWS for word in re.findall(r"[A-Za-z_]+", cell)}
    params = [
        params_of(kind, code) for kind in (CURVES, RULES, POOLS, MERITS, CHECKS, INDICATORS) for code in titles(kind)
    ]
    keys = {one.name for one in plan_keys()} | {one.name for model in params if model for one in params_keys(model)}
    assert sorted(keys - named) == []
