"""Allocation problems as text: forms, order, and bad ones beside good ones."""

import copy
import json

import pytest

from engine.exchange.allocate import answer_problems, decode, format_answers, read_problems

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
        ('{"a": ' + "9" * 5000 + "}", "TOO-LARGE"),
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
        ("$.rules[0].sort", "UNKNOWN-FIELD"),
        ("$.members[0].previous", "MISSING"),
        ("$.members[1].previous", "MISSING"),
    ]


def statuses(text, **options):
    return [one["status"] for one in answer_problems(read_problems(text, **options)[1])[0]]


@pytest.mark.parametrize(
    ("spoiled", "code"),
    [
        ('{"pool": 1, "pool": 2}', "DUPLICATE-KEY"),
        ('{"pool": {"amount": ' + "9" * 5000 + "}}", "TOO-LARGE"),
        ('{"pool": {"code": "\\ud800"}}', "NOT-TEXT"),
        ('{"\\ud800": 1, "\\ud800": 1}', "DUPLICATE-KEY"),
    ],
)
def test_one_bad_element_leaves_the_others(spoiled, code):
    good = json.dumps(GOOD)
    for text in (f"[{good}, {spoiled}, {good}]", f"{good}\n{spoiled}\n{good}\n"):
        form, made, exit_code = answers(text)
        assert [one["status"] for one in made] == ["optimal", "invalid", "optimal"]
        assert made[1]["problems"][0]["code"] == code
        assert exit_code == 2
        format_answers(form, made).encode()


def test_a_line_that_is_not_utf8_leaves_the_others():
    good = json.dumps(GOOD).encode()
    made, _ = answer_problems(read_problems(decode(good + b'\n{"a": "\xff"}\n' + good), lines=True)[1])
    assert [one["status"] for one in made] == ["optimal", "invalid", "optimal"]
    problem = made[1]["problems"][0]
    # {"a": " is seven bytes long
    assert (problem["where"], problem["code"]) == ("第 2 行", "NOT-UTF8")
    assert "第 8 个字节" in problem["message"]


def test_bytes_that_are_not_utf8():
    assert answer_problems(read_problems(decode(b"\xff\xfe{"))[1])[0][0]["problems"][0]["code"] == "NOT-UTF8"


def test_only_line_feeds_part_lines():
    named = {**GOOD, "members": [{**GOOD["members"][0], "name": "a\u2028b\x85c"}]}
    text = f"{json.dumps(named, ensure_ascii=False)}\r\n{json.dumps(GOOD)}\n"
    assert statuses(text) == statuses(text, lines=True) == ["optimal", "optimal"]


def test_lines_without_any_pool():
    assert statuses('{"members": []}\n{"members": []}\n') == ["invalid", "invalid"]


def test_a_broken_object_over_several_lines_is_one_problem():
    text = '{"members": [\n{"code": "A"}\n],\n"rules": [\n{"use": "wage_cap"}\n],,\n}'
    form, made, _ = answers(text)
    assert (form, len(made)) == ("one", 1)


def test_a_broken_line_says_its_own_line():
    _, made, _ = answers(f"{json.dumps(GOOD)}\n\n{{broken\n{json.dumps(GOOD)}\n")
    problem = made[1]["problems"][0]
    assert problem["where"] == "第 3 行"
    assert "行" not in problem["message"]


@pytest.mark.parametrize(
    ("rule", "code", "like"),
    [
        ({"use": "total_cap", "amount": 5.5}, "FLOAT", '"1234.50"'),
        ({"use": "total_cap", "amount": 5}, "NOT-MONEY", '"5"'),
        ({"use": "tier_shares", "shares": []}, "NOT-OBJECT", "对象"),
        ({"share": "0.5"}, "MISSING", "wage_cap"),
    ],
)
def test_what_a_rule_is_told(rule, code, like):
    _, made, _ = answers(json.dumps({**GOOD, "rules": [rule]}))
    (problem,) = made[0]["problems"]
    assert problem["code"] == code
    assert like in problem["message"]


def test_an_exemption_from_a_rule_that_is_not_there():
    exempt = {"total_cap": "另行批复", "tier_shares": "另行批复"}
    assert statuses(json.dumps({**GOOD, "members": [{**GOOD["members"][0], "exempt": exempt}]})) == ["optimal"]


def test_leading_zeros_are_no_digits():
    pool = {**GOOD["pool"], "amount": "0" * 20 + "100.00"}
    assert answers(json.dumps({**GOOD, "pool": pool}))[1][0]["pool"] == "100.00"
