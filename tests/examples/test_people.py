"""The people of the example county: read without a fault, and who they are made to be."""

from __future__ import annotations

from datetime import date

import pytest

from domain.period import Period
from engine.pay.people import People
from engine.pay.read.people import read_people
from engine.pay.scheme import counted, labour, scheme_of, sharing
from engine.policy.configs import load_configs
from engine.policy.load import load

from . import goldens

pytestmark = pytest.mark.xdist_group("examples")

PERIOD = Period.parse("2026Q3")
PLAN = load(load_configs(), "demo-county", PERIOD.end).plan
PAY = scheme_of(PLAN)


@pytest.fixture(scope="module")
def people() -> People:
    paid = [(unit, "performance") for unit in ("T13", "T14")]
    read = read_people(goldens.EXAMPLES / "county" / "2026Q3-people.xlsx", PAY, PERIOD, "2026-10", paid=paid)
    assert [one.code for one in read.warnings] == ["PAY-ID-REGION"]  # 129901 is no place
    return read.people


def test_as_many_as_the_figures_of_the_quarter_say(people: People) -> None:
    """T13 has 36 and T14 28 on its staff; three are posted by the lead hospital."""
    staff = people["posts"].query(
        "role != 'posted' and home_unit == unit_code and `from` < @date(2026, 7, 1)", local_dict={"date": date}
    )
    assert staff.groupby("unit_code").size().to_dict() == {"T13": 35, "T14": 28}  # one of T13 came in August
    assert len(people["people"]) == 36 + 28 + 3


def test_names_and_numbers_belong_to_nobody(people: People) -> None:
    rows = people["people"]
    assert all(name.startswith("示例人员") for name in rows["name"])
    assert rows["name"].is_unique
    assert all(number.startswith("129901") for number in rows["id_number"])
    assert people["accounts"]["bank"].unique().tolist() == ["示例农村商业银行"]


def test_who_shares_in_what(people: People) -> None:
    """Neither head shares; the rehired only in the signing fee; who is posted shares where they work."""
    posts = people["posts"]
    performance = posts[sharing(PAY, PAY.pools["performance"], posts, PERIOD)]
    signing = posts[sharing(PAY, PAY.pools["signing-staff"], posts, PERIOD)]
    rehired = set(posts.loc[labour(PAY, posts), "post_no"])
    assert rehired == {"T13-036", "T14-028"}
    assert not rehired & set(performance["post_no"])
    assert rehired <= set(signing["post_no"])
    assert not {"T13-001", "T14-001"} & {*performance["post_no"], *signing["post_no"]}
    heads = posts[sharing(PAY, PAY.pools["head-salary"], posts, PERIOD)]
    assert set(heads["post_no"]) == {"T13-001", "T14-001"}
    elsewhere = performance[performance["paid_through"] != performance["unit_code"]]
    assert dict(zip(elsewhere["post_no"], elsewhere["paid_through"], strict=True)) == {
        "T14-030": "T13", "T13-901": "H01", "T14-902": "H01", "T14-903": "H01",
    }  # fmt: skip


def test_one_payer_has_not_sent_the_tax_figures_of_one(people: People) -> None:
    posts, told = people["posts"], people["tax_cumulative"]
    paid = posts[sharing(PAY, PAY.pools["performance"], posts, PERIOD)]
    wanted = set(zip(paid["paid_through"], paid["person_code"], strict=True))
    left = wanted - set(zip(told["payer"], told["person_code"], strict=True))
    assert left == {("H01", posts.loc[posts["post_no"] == "T14-903", "person_code"].item())}


def test_the_words_of_the_scheme() -> None:
    assert counted(PLAN, PAY) == {
        "performance": "yes",
        "r": "yes",
        "signing-staff": "no",
        "head-salary-lead": "separate",
        "head-salary": "separate",
    }
