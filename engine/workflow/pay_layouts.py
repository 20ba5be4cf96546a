"""A county's own layouts of banks, tax lists and the treasury, and its budget codes: published versions beside plans.

Whoever exports takes the published version; without one, what comes with the program. A bank's layout is asked for by
its id. Of the others the one of the batch's region goes first (`treasury-129901`), then one that stands for all
(`treasury`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast, get_args

from domain.problems import InputProblems, Problem
from engine.pay.exports.budget import Budget, budget_in, read_budget
from engine.pay.exports.layout import Kind, Read, layout_in, read_layout, shipped
from engine.storage.desk import Desk
from engine.storage.query import newest
from engine.storage.tables.policy import Policy
from engine.workflow import places
from engine.workflow.refusals import Guard, Unmet

BANK, BUDGET = "bank", "budget"
LayoutKind = Literal["bank", "budget", "tax_wages", "tax_labour", "treasury"]
KINDS: frozenset[str] = frozenset(get_args(LayoutKind))
_FOLDERS: Mapping[str, str] = {BANK: "banks"}
_NAMES: Mapping[str, str] = {
    "budget": "budget",
    "tax_wages": "tax-wages",
    "tax_labour": "tax-labour",
    "treasury": "treasury",
}
"""By kind: what the one that comes with the program is called."""


def looked_at(kind: str, policy_id: str, content: bytes) -> tuple[list[Problem], str]:
    """What is wrong with the file of a layout or of budget codes, and its title."""
    where = _where(kind, policy_id)
    try:
        if kind == BUDGET:
            budget_in(content, where)
            return _named(kind, policy_id, where), "支出科目"
        layout = layout_in(content, where, cast("Kind", kind)).layout
    except InputProblems as error:
        return list(error.problems), ""
    if layout.id != policy_id:
        return [Problem(where, "ID-FILE", f"格式编号是 {layout.id}", f"改成 {policy_id}")], ""
    return _named(kind, policy_id, where), layout.title


def of_bank(desk: Desk, layout: str) -> Read:
    """The layout of a bank by its id. Raises Unmet (BANK-UNKNOWN)."""
    if (own := _published(desk, BANK, layout)) is not None:
        return own
    if layout in shipped("bank"):
        return read_layout(layout, "bank")
    with desk.beyond():
        mine = {row.policy_id for row in desk.rows(Policy, Policy.kind == BANK, Policy.state == "published")}
    known = "、".join(sorted({*mine, *shipped("bank")}))
    raise Unmet([Guard("BANK-UNKNOWN", f"没有银行格式 {layout}: 可用 {known}")])


def exported_by(desk: Desk, layout: str, sha: str) -> Read:
    """The layout that a bank's batch was exported by, whatever was published since. Raises InputProblems."""
    row = desk.first(Policy, Policy.kind == BANK, Policy.policy_id == layout, Policy.sha == sha)
    return read_layout(layout, "bank") if row is None else _read(desk, row)


def of_kind(desk: Desk, kind: Literal["tax_wages", "tax_labour", "treasury"], region: str) -> Read:
    """The layout of a list that goes to others than banks."""
    for name in (f"{_NAMES[kind]}-{region}", _NAMES[kind]):
        if (own := _published(desk, kind, name)) is not None:
            return own
    return read_layout(_NAMES[kind], kind)


def budget_of(desk: Desk, region: str) -> Budget:
    """The budget codes of a region."""
    for name in (f"{_NAMES[BUDGET]}-{region}", _NAMES[BUDGET]):
        if (row := _newest(desk, BUDGET, name)) is not None:
            return budget_in(desk.store.files.get(row.sha), _where(BUDGET, name))
    return read_budget(None)


def _where(kind: str, policy_id: str) -> str:
    return f"{_FOLDERS.get(kind, 'exports')}/{policy_id}.yaml"


def _named(kind: str, policy_id: str, where: str) -> list[Problem]:
    """A list that no export would ever ask for is no list of this kind."""
    name = _NAMES.get(kind)
    region = policy_id[len(name or "") + 1 :]
    if name is None or policy_id == name or (policy_id == f"{name}-{region}" and places.is_region(region)):
        return []
    return [Problem(where, "ID-FILE", f"编号 {policy_id} 不会用到", f"写 {name}, 或 {name}-地区代码")]


def _newest(desk: Desk, kind: str, policy_id: str) -> Policy | None:
    of = (Policy.kind == kind, Policy.policy_id == policy_id, Policy.state == "published")
    return desk.first(Policy, *of, order=newest(Policy.number))


def _published(desk: Desk, kind: str, policy_id: str) -> Read | None:
    row = _newest(desk, kind, policy_id)
    return None if row is None else _read(desk, row)


def _read(desk: Desk, row: Policy) -> Read:
    return layout_in(desk.store.files.get(row.sha), _where(row.kind, row.policy_id), cast("Kind", row.kind))
