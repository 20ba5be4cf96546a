"""Who is meant: codes of institutions for codes or names as written."""

from __future__ import annotations

import difflib

import pandas as pd

from domain.problems import Problems
from engine.read import words


class Units:
    """The institutions by code and by name.

    written: the rows as they stand, with those whose code stands there twice: whoever is in the table is known, by each
    of the names it has there.
    """

    def __init__(self, institutions: pd.DataFrame, written: pd.DataFrame | None = None) -> None:
        self.codes = dict(zip(institutions["unit_code"], institutions["name"], strict=True))
        rows = institutions if written is None else written
        named = pd.DataFrame({"code": rows["unit_code"], "name": rows["name"].map(words.key)}).drop_duplicates()
        names = named["name"]
        once = ~names.duplicated(keep=False)
        self.by_name = dict(zip(names[once], named.loc[once, "code"], strict=True))
        self.ambiguous = {
            name: "、".join(codes.sort_values()) for name, codes in named.loc[~once, "code"].groupby(names[~once])
        }
        self.named = set(zip(named["code"], names, strict=True))
        self.tiers = dict(zip(institutions["unit_code"], institutions["tier"], strict=True))
        self.regions = dict(zip(institutions["unit_code"], institutions["region"], strict=True))

    def resolve(self, frame: pd.DataFrame, role: str, problems: Problems) -> pd.Series[str]:
        """unit_code of every row (None where unknown: a problem at the cell).

        A code goes before a name; a name must be one institution's alone. Where a code and a name stand side by side
        they must agree.
        """
        pairs = list(zip(frame[role], frame[f"{role}_name"], strict=True))
        meant = {pair: self.find(pair[0]) for pair in set(pairs)}
        for pair, at in zip(pairs, frame[f"{role}_at"], strict=True):
            if meant[pair] is None:
                problems.add(at, *self._unknown(pair[0]))
        for pair, at in zip(pairs, frame[f"{role}_name_at"], strict=True):
            if (code := meant[pair]) and not self._agree(code, pair[1]):
                said = f"代码 {code} 在机构表中是 {self.codes[code]}, 不是 {pair[1]}"
                problems.add(at, "UNIT-MISMATCH", said, "核对代码和名称")
        codes = {pair: code if code and self._agree(code, pair[1]) else None for pair, code in meant.items()}
        return pd.Series([codes[pair] for pair in pairs], index=frame.index, dtype=object)

    def _agree(self, code: str, name: str) -> bool:
        """Whether a name may stand beside a code; where the institution's own name is wrong, any may."""
        beside = words.key(name)
        return not beside or (code, beside) in self.named or beside == words.key(code) or not self.codes[code]

    def find(self, written: str) -> str | None:
        """The code of the one that is named, None where nobody or several are."""
        return written if written in self.codes else self.by_name.get(words.key(written))

    def _unknown(self, written: str) -> tuple[str, str, str]:
        name = words.key(written)
        if name in self.ambiguous:
            return "UNIT-AMBIGUOUS", f"机构表有多家单位叫 {written} ({self.ambiguous[name]})", "改填单位代码"
        close = [code for code in self.codes if code.lstrip("0").lower() == name.lstrip("0")]
        close = close or difflib.get_close_matches(name, self.by_name, n=1, cutoff=0.6)
        return "UNIT-UNKNOWN", f"机构表里没有单位 {written}", f"是否为 {close[0]}" if close else "补入机构表或改正"
