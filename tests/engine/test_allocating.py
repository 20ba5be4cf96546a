"""Allocation problems as text: forms, order, and bad ones beside good ones."""

import copy
import json

import pytest

from engine.allocating import answer_problems, format_answers, read_problems

GOOD = {
    "pool": {"code": "p", "purpose": "income", "amount": "100.00"},
    "members": [{"code": "A", "tier": "lead", "merit": "1"}, {"code": "B", "tier": "township", "merit": "3"}],
    "rules": [],
}
BAD = {**GOOD, "members": []}
TORN = {
    **GOOD,
    "members": [{**m, "previous": "80.00"} for m in GOOD["members"]],
    "rules": [{"use": "floor_previous", "ratio": "1"}],
}


def answers(text, **options):
    form, problems = read_problems(text)
    made, code = answer_problems(problems, **options)
    return form, made, code


def test_one_object():
    form, made, code = answers(json.dumps(GOOD, indent=1))
    assert (form, code) == ("one", 0)
    # 1 : 3 of 100.00
    assert [(a["code"], a["amount"]) for a in made[0]["amounts"]] == [("A", "25.00"), ("B", "75.00")]
    assert json.loads(format_answers(form, made)) == made[0]


def test_array_keeps_order_and_the_largest_code():
    form, made, code = answers(json.dumps([GOOD, BAD, TORN, GOOD]))
    assert form == "array"
    assert [one["status"] for one in made] == ["optimal", "invalid", "infeasible", "optimal"]
    assert code == 3
    assert json.loads(format_answers(form, made)) == made


def test_lines_survive_a_broken_one():
    form, made, code = answers(f"{json.dumps(GOOD)}\n\n{{broken\n{json.dumps(GOOD)}\n")
    assert form == "lines"
    assert [one["status"] for one in made] == ["optimal", "invalid", "optimal"]
    assert made[1]["problems"][0]["where"] == "第 3 行"
    assert code == 2
    assert [json.loads(line) for line in format_answers(form, made).splitlines()] == made


def test_a_single_line_may_be_declared_as_lines():
    assert read_problems(json.dumps(GOOD), lines=True)[0] == "lines"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "NOT-JSON"),
        ("{", "NOT-JSON"),
        ('{"pool": 1, "pool": 2}', "DUPLICATE-KEY"),
        ("[" * 100_000, "NOT-JSON"),
        ('{"a": ' + "9" * 5000 + "}", "NOT-JSON"),
        ("3", "NOT-OBJECT"),
        ("null", "NOT-OBJECT"),
        ('{"pool": NaN}', "NOT-OBJECT"),
    ],
)
def test_unreadable(text, code):
    form, made, exit_code = answers(text)
    assert (form, exit_code) == ("one", 2)
    assert made[0]["status"] == "invalid"
    assert code in [problem["code"] for problem in made[0]["problems"]]


def test_a_byte_order_mark_is_no_problem():
    assert answers("\ufeff" + json.dumps(GOOD))[2] == 0


def test_relief_by_number_of_problems():
    few, _ = answer_problems([GOOD])
    many, _ = answer_problems([copy.deepcopy(GOOD) for _ in range(101)])
    asked, _ = answer_problems([GOOD], relief=False)
    assert "relief" in few[0]
    assert not any("relief" in one for one in many)
    assert "relief" not in asked[0]


def test_steps_are_told():
    told = []
    answer_problems([GOOD, GOOD], step=told.append)
    assert told == [1, 2]


def test_a_broken_pretty_printed_object_is_one_problem():
    text = json.dumps(GOOD, indent=2).replace('"merit": "1"', '"merit": "1",,')
    form, made, code = answers(text)
    assert (form, len(made), code) == ("one", 1, 2)


def test_numbers_written_as_numbers_hide_nothing_else():
    bad = {**GOOD, "rules": [{"use": "cap_previous", "ratio": 0.5, "sort": 1}]}
    _, made, _ = answers(json.dumps(bad))
    assert [(p["where"], p["code"]) for p in made[0]["problems"]] == [
        ("$.rules[0].ratio", "FLOAT"),
        ("$.rules[0].sort", "NOT-DECIMAL"),
        ("$.rules[0].sort", "UNKNOWN-FIELD"),
        ("$.members[0].previous", "MISSING"),
        ("$.members[1].previous", "MISSING"),
    ]
