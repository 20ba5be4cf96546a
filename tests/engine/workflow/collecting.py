"""The small county (`tests/engine/small`), collected: a workbook for each institution, and what its filer is asked.

T1 is 东乡卫生院; its workbook has 3 facts and 6 rows of money, all of which are its own to say.
"""

from __future__ import annotations

from pathlib import Path

from domain.period import Period
from engine.policy.configs import Configs, load_configs
from engine.policy.load import load
from engine.read import read
from engine.read.uploads import Upload
from engine.storage.files import Files
from engine.storage.keys import fresh_keys
from engine.template.split import write_split
from engine.workflow.datasets import Dataset, write_dataset
from engine.workflow.figures import Figure, register_of
from engine.workflow.submitted import Asked, Submitted, read_submission

SMALL = Path(__file__).parents[1] / "small"
QUARTER = Period.parse("2026Q3")
FACTS = "period,unit_code,metric,value,note"


class County:
    """The small county, what it is asked, and the workbooks of its institutions."""

    def __init__(self, folder: Path) -> None:
        self.configs: Configs = load_configs()
        self.plan = SMALL / "plan.yaml"
        self.loaded = load(self.configs, self.plan, QUARTER.end)
        self.whole = read(SMALL / "data", self.configs.catalogue, self.loaded.plan, QUARTER, self.loaded.packs)
        self.register = register_of(
            [{str(name): cell for name, cell in row.items()} for row in self.whole.institutions.to_dict("records")],
            [{str(name): cell for name, cell in row.items()} for row in self.whole.memberships.to_dict("records")],
        )
        catalogue = self.configs.catalogue
        bodies = {one.reporter for one in (*catalogue.metrics.values(), *catalogue.items.values())}
        self.parts = {unit: {(unit, body) for body in bodies} for unit in self.whole.institutions["unit_code"]}
        packs = self.loaded.packs
        files = write_split(self.loaded.plan, catalogue, QUARTER, folder, "unit", facts=self.whole, packs=packs)
        self.uploads = {path.name.partition("-")[0]: Upload(path.name, path.read_bytes()) for path in files}

    def asked(self, *units: str) -> Asked:
        """What the filer of these units is asked; none: everything."""
        parts = {part for unit in units for part in self.parts[unit]} if units else None
        return Asked(
            self.configs.catalogue, self.loaded.plan, QUARTER, self.loaded.packs, register=self.register, parts=parts
        )

    def handed_in(self) -> list[tuple[Figure, ...]]:
        found = [read_submission([upload], self.asked(unit)) for unit, upload in self.uploads.items()]
        assert [one.problems for one in found] == [()] * len(found)
        assert all(one.whole for one in found)
        return [one.figures for one in found]


def kept(dataset: Dataset, home: Path) -> Path:
    files = Files(home, fresh_keys())
    return files.folder("datasets", write_dataset(dataset, files))


def told(submitted: Submitted) -> list[str]:
    return [f"{problem.where} {problem.code}" for problem in submitted.problems]
