"""The checks of what is filled in, of the catalogue and of a plan: whether they can be looked at, and their params."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from domain.check import CheckRule, Checks
from domain.facts import Catalogue
from domain.period import Period
from engine.policy.entries import CHECKS, check_codes, check_entry, params_model
from engine.yaml.document import Document, KeyPath
from engine.yaml.schema import closest


def check_data_checks(document: Document, catalogue: Catalogue) -> None:
    """Note what is wrong with the checks of a plan and with the reasons it gives."""
    checks = document.data.get("checks")
    if isinstance(checks, dict):
        own = check_rules(document, ("checks", "rules"), checks.get("rules"), catalogue)
        known = own | {rule.id for rule in catalogue.checks}
        _check_waivers(document, ("checks", "waive"), checks.get("waive"), known)


def check_rules(document: Document, path: KeyPath, listed: Any, catalogue: Catalogue) -> set[str]:
    """Note what is wrong with the checks (raw) that stand at `path`; their ids."""
    ids: set[str] = set()
    for at, entry in _entries(listed, path):
        name = entry.get("id")
        if name in ids:
            document.add((*at, "id"), "DUPLICATE-ID", f"数据核对 {name} 写了两次", "改一个 id")
        if isinstance(name, str):
            ids.add(name)
        if isinstance(entry.get("use"), str):
            params = check_entry(CHECKS, entry, document, at)
            if params is not None:
                check_codes(document, (*at, "params"), params, catalogue)
    return ids


def _check_waivers(document: Document, path: KeyPath, listed: Any, known: set[str]) -> None:
    """Note reasons (raw, at `path`) for checks that there are not, and periods that are none."""
    for at, entry in _entries(listed, path):
        rule, period = entry.get("rule"), entry.get("period")
        if isinstance(rule, str) and rule not in known:
            document.add((*at, "rule"), "NAME-UNKNOWN", f"没有数据核对 {rule}", closest(rule, known))
        if isinstance(period, str) and period:
            try:
                Period.parse(period)
            except ValueError as error:
                document.add((*at, "period"), "PERIOD", str(error), "删去则各期都算")


def given_checks(checks: Checks) -> Checks:
    """A plan's checks with their params typed."""
    if checks.rules is None:
        return checks
    return checks.model_copy(update={"rules": [given_check(rule) for rule in checks.rules]})


def given_check(rule: CheckRule) -> CheckRule:
    """A check with its params typed; untaken where they do not fit."""
    try:
        return rule.taking(params_model(CHECKS, rule.use).model_validate(dict(rule.params)))
    except (KeyError, ValidationError):
        return rule.taking(None)


def _entries(listed: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield (*path, index), entry
