"""The small county, once a module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.read.uploads import Upload
from engine.workflow.datasets import assemble
from engine.workflow.figures import Figure
from engine.workflow.submitted import Submitted, read_submission
from tests.engine.workflow.collecting import County, kept


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> County:
    return County(tmp_path_factory.mktemp("parts") / "out")


@pytest.fixture(scope="module")
def submissions(county: County) -> list[tuple[Figure, ...]]:
    return county.handed_in()


@pytest.fixture(scope="module")
def folder(county: County, submissions, tmp_path_factory) -> Path:
    return kept(assemble(county.register, submissions, county.configs.catalogue), tmp_path_factory.mktemp("home"))


@pytest.fixture
def one(county: County) -> Callable[..., Submitted]:
    """What T1 hands in as one CSV of facts."""
    return lambda text, name="facts.csv", **more: read_submission(
        [Upload(name, text.encode())], replace(county.asked("T1"), **more)
    )
