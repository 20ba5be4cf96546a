"""What a line of pay is to the tax office: wages or labour."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from domain.pay import Pay

WAGES, LABOUR = "wages", "labour"


def kinds_of(pay: Pay, posts: pd.DataFrame, lines: pd.DataFrame) -> pd.Series[str]:
    """The kind of each line: labour where its post is, or its item is paid as such; all else is wages.

    posts: post_no and tax_kind; lines: post_no and item. What is released to somebody without a post is wages.
    """
    of_post = dict(zip(posts["post_no"], posts["tax_kind"], strict=True))
    of_item: Mapping[str, str] = {item.id: item.tax for item in pay.items}
    labour = (lines["post_no"].map(of_post) == LABOUR) | (lines["item"].map(of_item) == LABOUR)
    return labour.map({True: LABOUR, False: WAGES})
