"""Satisfaction (满意度) of residents and of staff, by survey."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from domain.key import Key, Keys
from domain.step import Phrase
from indicators.quantity import MISSING, OK
from indicators.registry import Params, Reading, indicator, ratio
from indicators.view import FactView

WHO = ("resident", "staff")
WORDS = {"few": "有效问卷不足 {least} 份 ({unit})"}
KEYS: Keys = {
    "who": Key("调查谁", "", "resident", {"resident": "居民", "staff": "医务人员"}),
    "min_sample": Key("最少样本", "少于它的按没有调查", 30),
}


class SatisfactionParams(Params):
    """who: residents or staff; min_sample: fewer answers than this count as a missing survey."""

    who: Literal["resident", "staff"]
    min_sample: Annotated[int, Field(strict=True, ge=1)] = 1


@indicator(
    "满意度",
    unit="%",
    numerator="满意题得分合计",
    denominator="满意题满分合计",
    facts=tuple(
        f"{who}_{what}" for who in WHO for what in ("satisfaction_score", "satisfaction_full", "survey_sample")
    ),
    source="第三方调查",
    attribution="按被评价机构; 医联体和区域为成员得分之和除以满分之和",
    params=SatisfactionParams,
)
def satisfaction(view: FactView, params: SatisfactionParams) -> Reading:
    """Points given / points possible; too small a sample is missing. Source: domain/C_indicators C.5."""
    sample = view.get(f"{params.who}_survey_sample")
    small = (sample.state == OK) & (sample.value < params.min_sample)
    least = Fraction(params.min_sample)
    gaps = [Phrase(f"{__name__}:few", {"least": least, "unit": code}) for code in view.codes[small]]
    checked = replace(
        sample * 0,
        state=np.where(small, MISSING, sample.state).astype(np.int8),
        lacking=(*sample.lacking, (np.flatnonzero(small), np.array(gaps, dtype=object))),
    )
    score = view.get(f"{params.who}_satisfaction_score") + checked
    return ratio(score, view.get(f"{params.who}_satisfaction_full"))
