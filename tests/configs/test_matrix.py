"""The matrix of the five documents: what each asks of one and the same thing is found in the packs themselves.

The first list is what is one quantity (or one money rule) and therefore one row; the second what is near to it but
measured otherwise, or only named or to be done, and has rows of its own.
"""

from __future__ import annotations

from functools import cache

import pytest

from engine.compare.matrix import Matrix, matrix
from engine.policy.configs import load_configs
from engine.policy.load import load_pack

HZ, TJ, BJ, JL, LN = "hz-xiacheng-2018", "tianjin-2024", "beijing-2021", "jilin-city-2017", "liaoning-2017"
SHARED = {
    "key_group_signing_rate": {
        HZ: ["HZ-I01 ", "≥ 60%, 2020-12-31 前"],
        TJ: ["TJ-T03 ", "↑"],
        BJ: ["BJ-N01 ", "列名"],
        JL: ["JL-I06 ", "≥ 100%, 2017-12-31 前"],
        LN: ["LN-I02 ", "≥ 60%, 2017-12-31 前"],
    },
    "general_signing_rate": {TJ: ["TJ-T02 ", "↑"], LN: ["LN-I01 ", "≥ 30%"]},
    "reserve_rate": {
        TJ: ["TJ-I11 ", "≥ 20%"],
        BJ: ["BJ-I02 ", "≥ 30%", "BJ-I03 ", "≥ 10%"],
        JL: ["JL-I07 ", "≥ 20%"],
    },
    "grassroots_visit_share": {HZ: ["HZ-T01 ↑"], TJ: ["TJ-T01 ↑"], JL: ["JL-N07 列名"]},
    "within_county_visit_rate": {JL: ["JL-I04 ", "≥ 90%"], LN: ["LN-I10 ", "≥ 90%"]},
    "down_referral_growth": {JL: ["JL-I05 ≥ 10%"]},
    "precise_referral_share": {HZ: ["HZ-I02 ≥ 50%"]},
    "posting_coverage": {TJ: ["TJ-I03 ≥ 100%"]},
    "posted_per_member": {TJ: ["TJ-I09 ", "≥ 1 人"]},
    "gp_per_10k": {HZ: ["HZ-I03 ≥ 5 人/万人"], JL: ["JL-N06 列名"]},
    "signing_fee_standard": {BJ: ["BJ-I08 ≥ 100 元/人年"]},
    "satisfaction": {HZ: ["HZ-N12 ", "HZ-N13 "], BJ: ["BJ-N02 "]},
    "two_permits": {HZ: ["HZ-M03 ", "政府办基层"], TJ: ["TJ-M03 ", "区镇两级"], JL: ["JL-M01 ", "医联体"]},
    "scored_subsidy": {HZ: ["HZ-M07 "], JL: ["JL-M07 "]},
    "head_salary": {TJ: ["TJ-M06 "]},
    "pay_gap": {TJ: ["TJ-M04 "]},
}
NEAR = {
    "posting": {HZ: ["HZ-D09"], TJ: ["TJ-I08", "TJ-I10"], BJ: ["BJ-N06"], JL: ["JL-I09", "JL-I10"]},
    "imaging centre": {HZ: ["HZ-N05", "HZ-D20"], TJ: ["TJ-I05"]},
    "telemedicine": {HZ: ["HZ-D22"], JL: ["JL-I13"], LN: ["LN-N01"]},
    "general practitioners": {LN: ["LN-I11"]},
    "facilities": {HZ: ["HZ-I04", "HZ-I05"], BJ: ["BJ-I07", "BJ-I07b"], LN: ["LN-I04"]},
    "standards": {TJ: ["TJ-I07"], LN: ["LN-I12", "LN-I13", "LN-I13b"]},
    "how people feel": {TJ: ["TJ-N07"]},
    "surplus and overspend": {TJ: ["TJ-M05", "TJ-M07"], JL: ["JL-M04"]},
    "disclosure": {BJ: ["BJ-D21"]},
}
NOWHERE = {  # (row, document) where the document says nothing of it
    ("two_permits", BJ),
    ("two_permits", LN),
    ("pay_gap", JL),
    ("head_salary", HZ),
    ("grassroots_visit_share", BJ),
    ("grassroots_visit_share", LN),
    ("general_signing_rate", HZ),
    ("within_county_visit_rate", TJ),
    ("down_referral_growth", LN),
    ("reserve_rate", HZ),
    ("reserve_rate", LN),
}


@cache
def table() -> Matrix:
    return matrix([load_pack(load_configs(), name) for name in (HZ, TJ, BJ, JL, LN)], duties=True)


@pytest.mark.parametrize("code", SHARED)
def test_one_thing_is_one_row(code: str) -> None:
    rows = [row for row in table().rows if row.quantity.code == code]
    for pack, wanted in SHARED[code].items():
        said = [" ".join(row.text(pack)) for row in rows]
        assert any(said), (code, pack)
        assert any(all(word in text for word in wanted) for text in said), (code, pack, said)
    # one of the rows holds them all: of slots, not of beds or examinations
    assert any(set(SHARED[code]) <= set(row.cells) for row in rows)


def test_what_a_document_does_not_say_is_an_empty_cell() -> None:
    for code, pack in NOWHERE:
        assert [row.text(pack) for row in table().rows if row.quantity.code == code and pack in row.cells] == []


@pytest.mark.parametrize("group", NEAR)
def test_what_is_near_to_it_is_there_too(group: str) -> None:
    for pack, wanted in NEAR[group].items():
        there = {entry.id for row in table().rows for entry in row.cells.get(pack, ())}
        assert set(wanted) <= there


def test_every_entry_stands_in_exactly_one_row() -> None:
    made = table()
    for pack in made.packs:
        listed = [entry.id for row in made.rows for entry in row.cells.get(pack.id, ())]
        asked = [*pack.indicators, *pack.trends, *pack.named, *pack.money, *pack.duties]
        assert sorted(listed) == sorted(entry.id for entry in asked)
