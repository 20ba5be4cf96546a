"""A plan that only says how people are paid is a policy like any other; no batch of scores or pools stands on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.problems import InputProblems
from engine.storage.desk import Store, open_desk, program
from engine.workflow import batches, people, policies
from tests.engine.workflow.flow import SECRET

SCHEME = Path(__file__).parents[2] / "spec" / "pay" / "scheme.yaml"
HEAD = 'id: hospital\ntitle: 示例卫生院绩效分配办法\nregion: "129901"\n'
COMMAND = program("command")


def test_it_is_published_and_opens_no_batch(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "hospital.yaml"
    path.write_text(HEAD + SCHEME.read_text(encoding="utf-8"), encoding="utf-8")
    with open_desk(store, COMMAND) as desk:
        people.create_user(desk, login="chief", name="示例", password=SECRET, grants=[people.Wanted.parse("appraiser")])
        assert policies.import_plan(desk, path, publish=True).state == "published"
    with open_desk(store, COMMAND, writes=False) as desk:
        chief = people.actor_of(desk, people.find(desk, "chief"), "http", signed_in=True)
    with open_desk(store, chief) as desk, pytest.raises(InputProblems, match="PLAN-ONLY-PAY"):
        batches.open_batch(desk, "hospital", "2026Q3", "regular")
