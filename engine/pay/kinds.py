"""What a line of pay is to the tax office: wages or labour."""

from __future__ import annotations

import numpy as np
import pandas as pd

from domain.pay import Pay

WAGES, LABOUR = "wages", "labour"


def kinds_of(pay: Pay, posts: pd.DataFrame, lines: pd.DataFrame) -> pd.Series[str]:
    """The kind of each line: labour where its post is, or its item is paid as such; all else is wages.

    posts: post_no and tax_kind; lines: post_no and item. What is released to somebody without a post is wages.
    """
    of_post = dict(zip(posts["post_no"].tolist(), posts["tax_kind"].tolist(), strict=True))
    labour_posts = [number for number, kind in of_post.items() if kind == LABOUR]
    labour_items = [item.id for item in pay.items if item.tax == LABOUR]
    labour = lines["post_no"].isin(labour_posts) | lines["item"].isin(labour_items)
    return pd.Series(np.where(labour, LABOUR, WAGES).astype(object), index=lines.index)
