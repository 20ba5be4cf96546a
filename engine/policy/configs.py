"""The configuration that a command stands on: catalogue, packs, plans, hooks and clauses, of one place at one time.

    configs = load_configs()                    # what the program ships
    configs = load_configs(Path("/srv/policy")) # another folder of the same make
    configs = run_configs(folder / "inputs")    # what a saved run was made with

It is a value: handed around, never kept for the process. Files are read when they are first asked for and once, so that
whoever holds a `Configs` sees one state of them; a change on the disk is seen by the next one that is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

import configs as shipped
from domain.facts import Catalogue, Strict
from domain.values import Id
from engine.policy.find import plain_clause
from engine.yaml.document import Document, file_bytes, read_bytes
from engine.yaml.schema import validate

CATALOGUE, PACKS, PLANS, HOOKS = "metrics.yaml", "packs", "plans", "hooks.yaml"
PLAN = "plan"
"""The folder of a run's inputs that holds its plan, and below it the plan's packs."""


class _Hooks(Strict):
    """What money rules are called in Chinese, by their hook."""

    hooks: Mapping[Id, Annotated[str, Field(min_length=1)]]


@dataclass(frozen=True)
class Configs:
    """Where the files are, and what is in them.

    plans_in, hooks_in: None where there are none. called: what messages call `plans_in`'s parent ("" as it is).
    """

    catalogue_in: Path
    packs_in: Path
    plans_in: Path | None = None
    hooks_in: Path | None = None
    called: str = ""
    _contents: dict[Path, bytes] = field(default_factory=dict, repr=False, compare=False)
    _documents: dict[Path, Document] = field(default_factory=dict, repr=False, compare=False)

    def content(self, path: Path) -> bytes:
        """A file, read once; also one outside these folders, such as a plan given by path. Raises InputProblems."""
        if path not in self._contents:
            self._contents[path] = file_bytes(path, self.name(path))
        return self._contents[path]

    def document(self, path: Path) -> Document:
        """A YAML file, to be changed at will. Raises InputProblems where nothing can be read."""
        if path not in self._documents:
            self._documents[path] = read_bytes(self.content(path), name=self.name(path))
        return self._documents[path].copy()

    def name(self, path: Path) -> str:
        """How messages call a file; those shipped are named from `configs` on, wherever the program is installed."""
        home = self.plans_in.parent if self.plans_in and self.called else None
        return f"{self.called}/{path.relative_to(home).as_posix()}" if home and path.is_relative_to(home) else str(path)

    @cached_property
    def packs(self) -> Mapping[str, Path]:
        """The files of packs, by id."""
        return _listed(self.packs_in)

    @cached_property
    def plans(self) -> Mapping[str, Path]:
        """The files of plans, by id."""
        return _listed(self.plans_in) if self.plans_in else {}

    @cached_property
    def catalogue(self) -> Catalogue:
        """The metric catalogue. Raises InputProblems with everything that is wrong in it."""
        from engine.policy.catalogue import made_catalogue  # noqa: PLC0415  (lists of packs and plans need no catalogue)

        return made_catalogue(self.document(self.catalogue_in))

    @cached_property
    def hooks(self) -> Mapping[str, str]:
        """What money rules are called in Chinese, by their hook. Raises InputProblems."""
        if self.hooks_in is None:
            return {}
        document = self.document(self.hooks_in)
        read = validate(_Hooks, document, document.data)
        document.raise_if_any()
        return read.hooks if read else {}

    def hook_title(self, hook: str) -> str:
        """The Chinese name of a hook; the code itself of one that has none."""
        return self.hooks.get(hook, hook)

    def clauses_in(self, pack: Path) -> Path | None:
        """The list of the clauses that a pack's document has, beside the pack or among these; None if there is none."""
        name = f"{pack.stem}.clauses.txt"
        return next((there for place in (pack.parent, self.packs_in) if (there := place / name).is_file()), None)

    def clauses(self, pack: Path) -> frozenset[str]:
        """The clauses themselves, in one width of characters; none where there is no list."""
        listed = self.clauses_in(pack)
        lines = self.content(listed).decode("utf-8").splitlines() if listed else ()
        return frozenset(plain_clause(line.partition("\t")[0]) for line in lines)


def load_configs(folder: Path | None = None) -> Configs:
    """The configuration in a folder that has what `configs` has; without one, what the program ships."""
    place = shipped.folder() if folder is None else folder
    called = shipped.folder().name if folder is None else ""
    return Configs(place / CATALOGUE, place / PACKS, place / PLANS, place / HOOKS, called)


def run_configs(inputs: Path) -> Configs:
    """The configuration that a saved run was made with, from the inputs in its folder and from nothing else."""
    return Configs(inputs / CATALOGUE, inputs / PLAN / PACKS)


def _listed(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
