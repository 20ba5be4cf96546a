"""An evaluation that somebody asked for, by the API or a schedule."""

from __future__ import annotations

from engine.workflow.evaluating import work_asked

PAUSES = (10, 60)
work = work_asked
