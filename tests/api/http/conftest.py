"""A served store, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.http.serving import Served, serving


@pytest.fixture
def served(store: Any) -> Iterator[Served]:
    with serving(store) as one:
        yield one
