"""The allocation run of a batch."""

from __future__ import annotations

from functools import partial

from engine.workflow import evaluating

PAUSES = (10, 60)
work = partial(evaluating.work_of, evaluating.ALLOCATE)
ended = partial(evaluating.back, evaluating.ALLOCATE)
