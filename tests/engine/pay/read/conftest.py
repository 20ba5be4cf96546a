from __future__ import annotations

import copy
from collections.abc import Callable

import pytest

from domain.pay import Pay
from engine.pay.read.people import Roster, read_people
from tests.engine.pay.read.making import CLEAN, MONTH, PAY, PERIOD
from tests.sheets import Sheets


@pytest.fixture
def clean() -> Sheets:
    return copy.deepcopy(CLEAN)


@pytest.fixture
def pay() -> Pay:
    return PAY


@pytest.fixture
def load() -> Callable[..., Roster]:
    return lambda path, pay=PAY, **more: read_people(path, pay, PERIOD, MONTH, **more)
