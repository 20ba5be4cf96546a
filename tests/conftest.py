"""What all tests share: which examples hypothesis draws.

`make test` draws the same ones on every machine and in every run, so that it fails by a change and never by luck; none
is timed, for a busy machine is no fault of the program. `make soak` draws new ones (profile `search`).
"""

from functools import lru_cache

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

from engine.policy import configs
from engine.yaml.document import Document, read_bytes

pytest_plugins = ["tests.databases"]

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None)
settings.load_profile("repeatable")


_split = lru_cache(maxsize=256)(read_bytes)


def _split_once(raw: bytes, *, name: str) -> Document:
    """The same document of the same content: every test makes its own configuration, of files that stay as they are."""
    return _split(raw, name=name).copy()


configs.read_bytes = _split_once  # splitting the YAML of a plan and its packs takes half a second


def pytest_configure(config: pytest.Config) -> None:
    """Draw no constants from the program's modules: which are loaded differs from worker to worker."""
    if config.getoption("hypothesis_profile") != "search":
        providers.is_local_module_file  # noqa: B018  (it must be there, or the line below does nothing)
        providers.is_local_module_file = lambda _path: False
