from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from domain.facts import KINDS
from domain.institution import Tier
from indicators.evaluate import codes_read
from indicators.registry import ANY, Params, indicators

from .cases import catalogue


@pytest.mark.parametrize("described", indicators().values(), ids=lambda described: described.code)
def test_carries_what_a_reader_must_know(described):
    for text in (described.title, described.numerator_def, described.window, described.attribution):
        assert text.strip()
    assert described.source_system
    assert described.compute.__doc__, "the docstring names the rule's source"
    assert described.scopes
    assert issubclass(described.params, Params)


def test_facts_are_in_the_catalogue():
    known = set(catalogue().metrics) | set(catalogue().items)
    for described in indicators().values():
        if described.facts != ANY:
            assert set(described.facts) <= known, described.code


GIVEN = {
    "centre_coverage": {"centre": "ecg"},
    "centre_use": {"centre": "ecg"},
    "general_signing_rate": {"base": "non_key"},
    "top_five_exits": {"against": "year"},
    "referral_closure_rate": {"side": "sender"},
    "chronic_standard_rate": {"disease": "both", "base": "due"},
    "chronic_control_rate": {"disease": "both", "base": "managed"},
    "chronic_admission_rate": {"disease": "both"},
    "centre_provision": {"low": "1", "high": "2"},
    "standardisation_rate": {"kind": "village"},
    "satisfaction": {"who": "staff"},
    "checklist_rate": {"checklist": "charter"},
}


@pytest.mark.parametrize("described", indicators().values(), ids=lambda described: described.code)
def test_reads_only_what_it_declares(described):
    if described.facts == ANY:  # its params name what it reads
        assert {"metric", "numerator", "lines"} & set(described.params.model_fields)
        return
    read = set(codes_read(described, described.params.model_validate(GIVEN.get(described.code, {})), catalogue()))
    assert read <= set(described.facts)
    assert bool(read) == bool(described.facts)


def test_a_form_need_only_ask_for_what_the_params_read():
    signing = indicators()["key_group_signing_rate"]
    assert codes_read(signing, signing.params(group="poor"), catalogue()) == ("poor_population", "signed_poor")
    lines = indicators()["line_counts"]
    assert codes_read(lines, lines.params(lines=["late_disease_reports"]), catalogue()) == ("late_disease_reports",)


def test_what_the_documents_leave_open_has_no_default():
    for code, params in (
        ("referral_closure_rate", {}),
        ("general_signing_rate", {}),
        ("chronic_standard_rate", {"disease": "both"}),
    ):
        with pytest.raises(ValidationError):
            indicators()[code].params.model_validate(params)


def test_catalogue_is_consistent():
    metrics, items = catalogue().metrics, catalogue().items
    assert not set(metrics) & set(items)
    for entry in metrics.values():
        assert entry.kind in {"flow", "stock"}
        assert {Tier(scope) for scope in entry.scopes} or not entry.scopes
        assert entry.maximum is None or entry.maximum >= (entry.minimum or Decimal(0))
        if entry.part_of:
            assert metrics[entry.part_of].kind == entry.kind, entry.code
            assert entry.unit == metrics[entry.part_of].unit
    assert all(entry.kind in KINDS for entry in items.values())


def test_background_formulas_are_marked_in_the_catalogue():
    """What only a background formula reads must say 口径待核 somewhere in what it is built from."""
    known = {code: entry.definition for code, entry in [*catalogue().metrics.items(), *catalogue().items.items()]}
    for described in indicators().values():
        if described.formula_status == "background":
            assert any("口径待核" in known[code] for code in described.facts), described.code
