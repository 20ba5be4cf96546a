"""The score run of a batch: the whole run of what was locked."""

from __future__ import annotations

from functools import partial

from engine.workflow import evaluating

PAUSES = (10, 60)
work = partial(evaluating.work_of, evaluating.SCORE)
ended = partial(evaluating.back, evaluating.SCORE)
