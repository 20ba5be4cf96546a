"""Policies as versions: plans, packs, the catalogue, layouts of exports (`pay_layouts`).

Drafts are edited, another publishes; published is frozen.

A published plan has a bundle: the folder of the plan, its packs and the catalogue as they were when it was published.
Runs stand on a bundle and on nothing else; the calculation never reads the database.
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Literal

from pydantic import BaseModel, ConfigDict

from domain.period import Period
from domain.problems import InputProblems, Problem
from engine.policy.configs import CATALOGUE, HOOKS, PACKS, PLAN, PLANS, Configs, load_configs, run_configs
from engine.policy.files import find_plan
from engine.policy.load import Loaded, check_pack_file, check_plan_file, load
from engine.storage.audit import Record
from engine.storage.desk import Desk, Store
from engine.storage.query import newest
from engine.storage.tables.policy import Policy
from engine.workflow import pay_layouts
from engine.workflow.pay_layouts import LayoutKind
from engine.workflow.refusals import Guard, NotAllowed, NotThere, Unmet
from engine.workflow.roles import require

Kind = Literal["plan", "pack", "catalogue"] | LayoutKind
SHIPPED = "catalogue"
"""The id of the one catalogue."""


class PolicyView(BaseModel):
    """One version of a policy."""

    model_config = ConfigDict(frozen=True)

    id: int
    kind: str
    policy_id: str
    number: int
    title: str
    region: str
    state: str
    sha: str
    bundle: str | None
    problems: list[dict[str, str]]
    at: datetime
    published_at: datetime | None


@dataclass(frozen=True)
class Pinned:
    """A plan with its packs, as a bundle has them, for one period."""

    digest: str
    folder: Path
    configs: Configs
    loaded: Loaded


def view(row: Policy) -> PolicyView:
    """A version as it is shown."""
    return PolicyView(
        id=row.id or 0,
        kind=row.kind,
        policy_id=row.policy_id,
        number=row.number,
        title=row.title,
        region=row.region,
        state=row.state,
        sha=row.sha,
        bundle=row.bundle,
        problems=row.problems or [],
        at=row.at,
        published_at=row.published_at,
    )


def import_plan(desk: Desk, reference: str | Path, *, publish: bool, configs: Configs | None = None) -> PolicyView:
    """A plan with its packs and the catalogue as versions; the same content again makes no new version.

    Raises InputProblems with everything that is wrong in them.
    """
    configs = configs or load_configs()
    loaded = check_plan_file(configs, reference, desk.now.date())
    path = find_plan(configs, reference)
    files: dict[tuple[Kind, str], bytes] = {("catalogue", SHIPPED): configs.content(configs.catalogue_in)}
    for file in loaded.pack_files:
        if file.suffix == ".yaml":
            files["pack", file.stem] = configs.content(file)
    for (kind, policy_id), content in files.items():
        _keep(desk, kind, policy_id, content, publish=True, title=policy_id)
    bundle = _bundle(desk.store, configs, loaded) if publish else None
    content, plan = configs.content(path), loaded.plan
    return view(
        _keep(desk, "plan", plan.id, content, publish=publish, title=plan.title, region=plan.region, bundle=bundle)
    )


def draft(desk: Desk, kind: Kind, policy_id: str, content: bytes) -> PolicyView:
    """Write the one draft of a policy, with everything that is wrong in it; a draft may be wrong, published not."""
    require(desk.actor, "policy.write")
    row = desk.first(Policy, Policy.kind == kind, Policy.policy_id == policy_id, Policy.state == "draft")
    problems, title, region = _looked_at(desk, kind, policy_id, content)
    if row is None:
        row = _next(desk, kind, policy_id)
    row.sha, row.problems = desk.store.files.put(content), [problem.as_json() for problem in problems]
    row.title, row.region, row.by, row.at = title or policy_id, region, desk.actor.user, desk.now
    desk.add(row)
    desk.audit(Record("policy.draft", f"policy/{row.id}", detail={"kind": kind, "id": policy_id, "sha": row.sha}))
    return view(row)


def publish(desk: Desk, number: int) -> PolicyView:
    """Make a draft the policy in force; by another person than the one who wrote it."""
    require(desk.actor, "policy.publish")
    row = _of(desk, number)
    if row.state != "draft":
        raise Unmet([Guard("POLICY-STATE", "只有草稿可以发布: 先另存草稿再改")])
    if row.by == desk.actor.user:
        raise NotAllowed("HAND", "方案由起草人以外的人发布")
    content = desk.store.files.get(row.sha)
    problems, _, _ = _looked_at(desk, row.kind, row.policy_id, content)
    if problems:
        raise InputProblems(problems)
    row.state, row.published_by, row.published_at = "published", desk.actor.user, desk.now
    row.problems = []
    if row.kind == "plan":
        with _laid_out(desk, extra={(row.kind, row.policy_id): content}) as place:
            configs = load_configs(place)
            row.bundle = _bundle(desk.store, configs, load(configs, row.policy_id, desk.now.date(), alone=True))
    desk.add(row)
    desk.audit(Record("policy.publish", f"policy/{row.id}", region=row.region, detail={"sha": row.sha}))
    return view(row)


def withdraw(desk: Desk, number: int, reason: str) -> PolicyView:
    """No new batch may stand on this version; those that do go on."""
    require(desk.actor, "policy.publish")
    row = _of(desk, number)
    if row.state != "published":
        raise Unmet([Guard("POLICY-STATE", "只有已发布的版本可以撤回")])
    row.state = "withdrawn"
    desk.add(row)
    desk.audit(Record("policy.withdraw", f"policy/{row.id}", region=row.region, detail={"reason": reason}))
    return view(row)


def listed(desk: Desk, *, kind: str | None = None, policy_id: str | None = None) -> list[PolicyView]:
    """The versions, newest first."""
    where = [*([Policy.kind == kind] if kind else []), *([Policy.policy_id == policy_id] if policy_id else [])]
    return [view(row) for row in desk.rows(Policy, *where, order=newest(Policy.id))]


def shown(desk: Desk, number: int) -> tuple[PolicyView, str]:
    """A version and its text."""
    row = _of(desk, number)
    return view(row), desk.store.files.get(row.sha).decode("utf-8")


def diff(desk: Desk, number: int, other: int) -> str:
    """What differs between two versions, line by line."""
    old, new = _of(desk, other), _of(desk, number)
    texts = [desk.store.files.get(row.sha).decode("utf-8").splitlines() for row in (old, new)]
    names = [f"{row.policy_id} {row.number}" for row in (old, new)]
    return "\n".join(difflib.unified_diff(texts[0], texts[1], names[0], names[1], lineterm="")) + "\n"


def published(desk: Desk, plan: str) -> Policy:
    """The version of a plan that a new batch stands on: the newest published. Raises Unmet where there is none."""
    rows = desk.rows(
        Policy,
        Policy.kind == "plan",
        Policy.policy_id == plan,
        Policy.state == "published",
        order=newest(Policy.number),
    )
    if not rows:
        raise Unmet([Guard("POLICY-UNPUBLISHED", f"方案 {plan} 没有已发布的版本: 先导入或发布")])
    return rows[0]


def pinned(store: Store, digest: str, period: Period, *, alone: bool = False) -> Pinned:
    """The plan of a bundle for a period. alone: also one that only pays people. Raises InputProblems, Refused."""
    with _READING:  # many who ask first at once would each read it
        return _pinned(store.files.folder("policies", digest), digest, period.end, alone)


_READING = Lock()


@lru_cache(maxsize=32)  # by its digest a bundle never changes, and a plan takes half a second to read
def _pinned(folder: Path, digest: str, day: date, alone: bool) -> Pinned:  # noqa: FBT001  (what is kept by)
    configs = run_configs(folder)
    (plan,) = sorted((folder / PLAN).glob("*.yaml"))
    try:
        loaded = load(configs, plan, day, alone=alone)
    except InputProblems as error:
        raise InputProblems(_relative(problem, folder / PLAN) for problem in error.problems) from error
    return Pinned(digest, folder, configs, loaded)


def _of(desk: Desk, number: int) -> Policy:
    row = desk.get(Policy, number, lock=True)
    if row is None:
        raise NotThere
    return row


def _next(desk: Desk, kind: str, policy_id: str) -> Policy:
    rows = desk.rows(Policy, Policy.kind == kind, Policy.policy_id == policy_id, order=newest(Policy.number), limit=1)
    number = rows[0].number + 1 if rows else 1
    return Policy(kind=kind, policy_id=policy_id, number=number, state="draft", sha="", at=desk.now)


def _keep(
    desk: Desk,
    kind: Kind,
    policy_id: str,
    content: bytes,
    *,
    publish: bool,
    title: str,
    region: str = "",
    bundle: str | None = None,
) -> Policy:
    """The version of this content: the newest, where it is the same and stands on the same; or a new one."""
    sha = desk.store.files.put(content)
    newest_first = desk.rows(Policy, Policy.kind == kind, Policy.policy_id == policy_id, order=newest(Policy.number))
    last = next(iter(newest_first), None)
    same = last is not None and last.sha == sha and last.bundle == bundle
    if last is not None and same and last.state == ("published" if publish else "draft"):
        return last
    row = last if last is not None and last.state == "draft" else _next(desk, kind, policy_id)
    row.sha, row.title, row.region, row.problems, row.at = sha, title, region, [], desk.now
    row.by, row.bundle = desk.actor.user, bundle
    if publish:
        row.state, row.published_at, row.published_by = "published", desk.now, desk.actor.user
    desk.add(row)
    detail = {"kind": kind, "sha": sha, "bundle": bundle or ""}
    desk.audit(Record("policy.import", f"policy/{row.id}", region=region, detail=detail))
    return row


def _looked_at(desk: Desk, kind: str, policy_id: str, content: bytes) -> tuple[list[Problem], str, str]:
    """What is wrong with a file among the published others, its title and region."""
    if kind in pay_layouts.KINDS:
        return *pay_layouts.looked_at(kind, policy_id, content), ""
    with _laid_out(desk, extra={(kind, policy_id): content}) as place:
        configs = load_configs(place)
        try:
            if kind == "catalogue":
                return [], "指标目录" if configs.catalogue.metrics else "", ""
            if kind == "pack":
                return [], check_pack_file(configs, policy_id).title, ""
            plan = check_plan_file(configs, policy_id, desk.now.date()).plan
        except InputProblems as error:
            return [_relative(problem, place) for problem in error.problems], "", ""
        if plan.id != policy_id:
            where = f"{PLANS}/{policy_id}.yaml"
            return [Problem(where, "ID-FILE", f"方案编号是 {plan.id}", f"改成 {policy_id}")], "", ""
        return [], plan.title, plan.region


def _relative(problem: Problem, place: Path) -> Problem:
    """The problem at the file's own name, not at where it was laid out for a moment."""
    return Problem(problem.where.replace(f"{place}/", ""), problem.code, problem.message, problem.remedy, problem.about)


@contextmanager
def _laid_out(desk: Desk, extra: Mapping[tuple[str, str], bytes]) -> Iterator[Path]:
    """The published policies as a folder of configuration, with `extra` in their place."""
    contents: dict[tuple[str, str], bytes] = {}
    for row in desk.rows(Policy, Policy.state == "published", order=Policy.number):
        if row.kind not in pay_layouts.KINDS:
            contents[row.kind, row.policy_id] = desk.store.files.get(row.sha)
    with TemporaryDirectory() as name:
        place = Path(name)
        (place / PACKS).mkdir()
        (place / PLANS).mkdir()
        _take_shipped(place)
        for (kind, policy_id), content in {**contents, **extra}.items():
            folder = {"plan": place / PLANS, "pack": place / PACKS}.get(kind)
            (folder / f"{policy_id}.yaml" if folder else place / CATALOGUE).write_bytes(content)
        yield place


def _take_shipped(place: Path) -> None:
    """What no version is kept of: the names of hooks, and the lists of clauses of the shipped packs."""
    shipped = load_configs()
    (place / CATALOGUE).write_bytes(shipped.content(shipped.catalogue_in))
    if shipped.hooks_in is not None:
        shutil.copyfile(shipped.hooks_in, place / HOOKS)
    for listed_clauses in sorted(shipped.packs_in.glob("*.clauses.txt")):
        shutil.copyfile(listed_clauses, place / PACKS / listed_clauses.name)


def _bundle(store: Store, configs: Configs, loaded: Loaded) -> str:
    """Keep plan, packs and catalogue as a folder that a run's inputs are made of; its digest."""

    def build(folder: Path) -> str:
        (folder / PLAN / PACKS).mkdir(parents=True)
        contents: dict[str, bytes] = {CATALOGUE: configs.content(configs.catalogue_in)}
        contents[f"{PLAN}/{loaded.plan.id}.yaml"] = configs.content(loaded.plan_file)
        for file in loaded.pack_files:
            contents[f"{PLAN}/{PACKS}/{file.name}"] = configs.content(file)
        digest = sha256()
        for name, content in sorted(contents.items()):
            (folder / name).write_bytes(content)
            digest.update(f"{name}\0{sha256(content).hexdigest()}\n".encode())
        return digest.hexdigest()

    return store.files.put_folder("policies", build)
