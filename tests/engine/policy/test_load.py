"""Packs and plans: what is read, and what is said of every malformed one."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import configs
from domain.pack import Pack
from domain.problems import InputProblems
from domain.values import Dated
from engine.policy.configs import load_configs
from engine.policy.files import find_pack
from engine.policy.load import check_plan_file, load, load_pack
from engine.policy.standing import refusals, warnings
from engine.run.say import Speaker
from engine.yaml.document import read_yaml

SPEC = Path(__file__).parents[2] / "spec" / "packs"
DAY = date(2026, 9, 30)


def cases(name: str) -> list[Any]:
    found = read_yaml(SPEC / name).data["cases"]
    return [pytest.param(case, id=case["name"]) for case in found]


def spoiled(base: str, case: dict[str, Any], folder: Path) -> Path:
    text = (SPEC / base).read_text(encoding="utf-8")
    assert text.count(case["replace"]) == 1, "the case must change exactly one place"
    path = folder / "p.yaml"
    path.write_text(text.replace(case["replace"], case["by"]), encoding="utf-8")
    return path


def lines_of(error: InputProblems) -> list[str]:
    return [str(problem)[str(problem).index("p.yaml") :] for problem in error.problems]


@pytest.mark.parametrize("case", cases("malformed_packs.yaml"))
def test_malformed_pack(case: dict[str, Any], tmp_path: Path) -> None:
    path = spoiled("sixth-2026.yaml", case, tmp_path)
    with pytest.raises(InputProblems) as caught:
        load_pack(load_configs(), path, DAY)
    assert lines_of(caught.value) == case["expect"]


@pytest.mark.parametrize("case", cases("malformed_plans.yaml"))
def test_malformed_plan(case: dict[str, Any], tmp_path: Path) -> None:
    path = spoiled("sixth-plan.yaml", case, tmp_path)
    shutil.copy(SPEC / "sixth-2026.yaml", tmp_path)
    with pytest.raises(InputProblems) as caught:
        load(load_configs(), path, DAY)
    assert lines_of(caught.value) == case["expect"]


@pytest.mark.parametrize(
    ("right", "wrong", "expect"),
    [
        ("- id: liaoning-2017", "- id: liaoning-2016", [("packs[0].id", "PACK-UNKNOWN")]),
        ("liaoning-2017", "liaoning-2016", [("packs[0].id", "PACK-UNKNOWN")]),
        ("LN-I02", "LN-I99", [("scorecards[1].dimensions[1].items[1].rule", "RULE-UNKNOWN")]),
    ],
)
def test_one_wrong_name_is_told_once(right: str, wrong: str, expect: list[tuple[str, str]], tmp_path: Path) -> None:
    """What leans on a pack or rule that is not there is not judged: its parameters would be those of the rule."""
    text = (configs.folder() / "plans" / "demo-liaoning.yaml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "p.yaml"
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        load(load_configs(), path, date(2017, 12, 31))
    assert [(problem.message.partition(":")[0], problem.code) for problem in caught.value.problems] == expect


def places(name: str) -> list[tuple[str | int, ...]]:
    return [path for path in read_yaml(SPEC / name).lines if path]


def as_json(data: Any) -> str:
    # JSON is YAML; only the days of dated lists must stand without quotes
    return re.sub(r'"from": "([0-9-]+)"', r'"from": \1', json.dumps(data, ensure_ascii=False, default=str))


@settings(max_examples=40)
@given(data=st.data())
def test_nothing_of_a_wrong_shape_breaks_the_checks(data: st.DataObject, tmp_path_factory: Any) -> None:
    base, read = data.draw(st.sampled_from([("sixth-2026.yaml", load_pack), ("sixth-plan.yaml", load)]))
    *around, last = data.draw(st.sampled_from(places(base)))
    content = read_yaml(SPEC / base).data
    inner = content
    for key in around:
        inner = inner[key]
    inner[last] = data.draw(st.sampled_from([None, [], {}, "x", 1, -5, True, [{}], [["x"]], {"a": [1]}]))
    folder = tmp_path_factory.mktemp("shapes")
    shutil.copy(SPEC / "sixth-2026.yaml", folder)
    (folder / "p.yaml").write_text(as_json(content), "utf-8")
    try:
        read(load_configs(), folder / "p.yaml", DAY)
    except InputProblems as error:
        assert all(problem.message and problem.code for problem in error.problems)  # noqa: PT017


def sixth(tmp_path: Path) -> Path:
    for name in ("sixth-2026.yaml", "sixth-plan.yaml"):
        shutil.copy(SPEC / name, tmp_path)
    return tmp_path / "sixth-plan.yaml"


def test_another_document_needs_one_file_and_no_python(tmp_path: Path) -> None:
    loaded = load(load_configs(), sixth(tmp_path), DAY)
    pack = loaded.packs["sixth-2026"]
    assert pack.title == "某市医共体建设通知（虚构）"
    assert loaded.plan_file.name == "sixth-plan.yaml"
    assert [path.name for path in loaded.pack_files] == ["sixth-2026.yaml"]
    item = loaded.plan.scorecards[0].dimensions[0].items[0]
    assert (item.rule, item.at) == ("sixth-2026:SX-I01", "sixth-plan.yaml:23")
    assert loaded.plan.pools[0].rules[0].at == "sixth-plan.yaml:56"
    assert loaded.warnings == ()
    assert refusals(loaded.plan, loaded.packs) == []


def test_a_pack_beside_the_plan_goes_before_a_shipped_one(tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    (tmp_path / "packs").mkdir()
    (tmp_path / "sixth-2026.yaml").rename(tmp_path / "packs" / "sixth-2026.yaml")
    assert load(load_configs(), plan, DAY).pack_files[0] == tmp_path / "packs" / "sixth-2026.yaml"
    assert find_pack(load_configs(), "tianjin-2024", [tmp_path]) == configs.folder() / "packs" / "tianjin-2024.yaml"


def test_dated_values_are_those_of_the_day(tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    before, within, after = (
        load(load_configs(), plan, date(*day)).plan for day in ((2026, 3, 31), (2026, 4, 1), (2027, 1, 1))
    )
    shares = [loaded.permits.main_share for loaded in (before, within, after) if loaded.permits]
    assert shares == [Fraction("0.6"), Fraction("0.6"), Fraction("0.7")]
    # the tilt begins on 1 April 2026 and is ended by `value: null` on 1 January 2027: a rule without value is no rule
    rules = [[rule.use for rule in loaded.pools[0].rules] for loaded in (before, within, after)]
    assert rules == [
        ["wage_cap", "floor_previous"],
        ["wage_cap", "grassroots_min_share", "floor_previous"],
        ["wage_cap", "floor_previous"],
    ]
    assert before.pools[0].rules[1].at == "sixth-plan.yaml:58"
    assert within.pools[0].rules[1].params == {"share": "0.6"}


def test_targets_of_a_pack_stay_dated_without_a_day() -> None:
    path = SPEC / "sixth-2026.yaml"
    target = load_pack(load_configs(), path).indicators[0].target
    assert isinstance(target, list)
    assert [(dated.since, dated.value) for dated in target if isinstance(dated, Dated)] == [
        (date(2026, 1, 1), "0.8"),
        (date(2027, 1, 1), "1"),
    ]
    assert load_pack(load_configs(), path, date(2026, 12, 31)).indicators[0].target == Fraction("0.8")
    assert load_pack(load_configs(), path, date(2027, 1, 1)).indicators[0].target == 1


def test_every_day_on_which_something_changes_is_checked(tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace('{from: 2027-01-01, value: "0.7"}', '{from: 2027-01-01, value: "0.4"}'), "utf-8")
    assert load(load_configs(), plan, DAY).plan.id == "sixth-plan"
    with pytest.raises(InputProblems) as caught:
        check_plan_file(load_configs(), plan, DAY)
    assert [problem.code for problem in caught.value.problems] == ["MAIN-SHARE"]


def test_all_problems_of_a_plan_and_its_packs_come_together(tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    text = plan.read_text(encoding="utf-8")
    for old, new in (("use: wage_cap}", "use: wage_cup}"), ("welfare_share: ", "welfare: "), ('"0.9"', "0.9")):
        text = text.replace(old, new)
    plan.write_text(text, encoding="utf-8")
    pack = tmp_path / "sixth-2026.yaml"
    pack.write_text(pack.read_text(encoding="utf-8").replace("direction: up,", "direction: higher,"), "utf-8")
    with pytest.raises(InputProblems) as caught:
        load(load_configs(), plan, DAY)
    where = [Path(problem.where).name for problem in caught.value.problems]
    codes = [problem.code for problem in caught.value.problems]
    assert list(zip(where, codes, strict=True)) == [
        ("sixth-plan.yaml:34", "FIELD-MISSING"),
        ("sixth-plan.yaml:38", "FIELD-UNKNOWN"),
        ("sixth-plan.yaml:56", "USE-UNKNOWN"),
        ("sixth-plan.yaml:58", "YAML-NUMBER"),
        ("sixth-2026.yaml:31", "FIELD-VALUE"),
    ]


@pytest.mark.parametrize(
    ("status", "used", "refused", "warned"),
    [
        ("in_force", "", 0, 0),
        ("draft", "", 1, 1),
        ("repealed", ", allow_status: [draft], reason: 试行", 1, 1),
        ("draft", ", allow_status: [draft]", 1, 1),
        ("draft", ", allow_status: [draft], reason: 试行", 0, 1),
        ("expired", ", allow_status: [draft, expired], reason: 过渡期", 0, 1),
    ],
)
def test_paying_under_a_pack_not_in_force_needs_words(
    tmp_path: Path, status: str, used: str, refused: int, warned: int
) -> None:
    plan = sixth(tmp_path)
    plan.write_text(plan.read_text("utf-8").replace("{id: sixth-2026}", f"{{id: sixth-2026{used}}}"), "utf-8")
    pack = tmp_path / "sixth-2026.yaml"
    pack.write_text(pack.read_text("utf-8").replace("status: in_force", f"status: {status}"), "utf-8")
    loaded = load(load_configs(), plan, DAY)
    assert len(refusals(loaded.plan, loaded.packs)) == refused
    assert len(warnings(loaded.plan, loaded.packs)) == warned
    found = (*loaded.warnings, *refusals(loaded.plan, loaded.packs))
    assert {one.code for one in found} <= {"PACK-NOT-IN-FORCE"}


def test_a_pack_past_its_last_day_counts_as_expired(tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    pack = tmp_path / "sixth-2026.yaml"
    text = pack.read_text("utf-8")
    pack.write_text(text.replace("effective_from: 2026-02-01", "effective_to: 2026-08-31"), "utf-8")
    loaded = load(load_configs(), plan, DAY)
    assert refusals(loaded.plan, loaded.packs, date(2026, 8, 31)) == []
    (said,) = Speaker().warnings(refusals(loaded.plan, loaded.packs, DAY))
    assert said == (
        "政策包 sixth-2026 已失效, 不得据以分配资金; 确需试行, 在方案 packs 中写 "
        "allow_status: [expired] 和 reason (PACK-NOT-IN-FORCE)"
    )


def test_a_pack_before_its_first_day_pays_nothing(tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    loaded = load(load_configs(), plan, DAY)
    assert refusals(loaded.plan, loaded.packs, date(2026, 2, 1)) == []
    before = date(2026, 1, 31)
    (said,) = Speaker().warnings(refusals(loaded.plan, loaded.packs, before))
    assert said == (
        "政策包 sixth-2026 尚未施行, 不得据以分配资金; 确需试行, 在方案 packs 中写 "
        "allow_status: [not_yet] 和 reason (PACK-NOT-IN-FORCE)"
    )
    allowed = "{id: sixth-2026, allow_status: [not_yet], reason: 试行}"
    plan.write_text(plan.read_text("utf-8").replace("{id: sixth-2026}", allowed), "utf-8")
    loaded = load(load_configs(), plan, DAY)
    assert refusals(loaded.plan, loaded.packs, before) == []
    (told,) = Speaker().warnings(warnings(loaded.plan, loaded.packs, before))
    assert "尚未施行, 方案允许使用, 理由: 试行" in told


@pytest.mark.parametrize("name", ["a/b", "a b", "a:b", "", "-a", "甲;乙"])
def test_ids_hold_nothing_that_keys_are_put_together_with(name: str, tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    plan.write_text(plan.read_text("utf-8").replace("{id: M2,", f'{{id: "{name}",'), "utf-8")
    with pytest.raises(InputProblems, match="只用字母、数字、汉字和"):
        load(load_configs(), plan, DAY)


def test_warnings_name_what_a_reader_should_know(tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    text = plan.read_text("utf-8")
    for old, new in (
        ('    soft_keep: "0.7"\n', ""),
        ('points: "40"', 'points: "50"'),
        ("indicator: posting_coverage", "indicator: fulfilment_rate"),
        (
            'scope: 政府办机构\n  cite: {document: sixth-2026, clause: "四"}',
            'scope: 政府办机构\n  cite: {document: 某文, clause: "四"}',
        ),
    ):
        assert old in text
        text = text.replace(old, new)
    plan.write_text(text, "utf-8")
    assert Speaker().warnings(load(load_configs(), plan, DAY).warnings) == [
        "评分表 member 满分 110, 不是 100 (CARD-TOTAL)",
        "资金池 reward 有软规则 floor_previous 而没有 soft_keep, 软规则可能使某单位分文不得 (SOFT-RULE-TAKES-ALL)",
        "permits.cite 引用的 某文 不在方案的 packs 中 (CITE-UNKNOWN)",
        "评分表 member 的 M1 用 fulfilment_rate 计算, 规则 sixth-2026:SX-I01 用 posting_coverage (RULE-INDICATOR)",
    ]


def test_an_income_pool_behind_one_that_is_capped_by_r_is_told(tmp_path: Path) -> None:
    text = (configs.folder() / "plans" / "demo-jilin.yaml").read_text("utf-8").replace("id: demo-jilin", "id: jilin-2")
    assert "POOL-INCOME-LATE" not in [one.code for one in load(load_configs(), "demo-jilin", DAY).warnings]
    first, second, end = (text.index(f"  - id: {pool}\n    title") for pool in ("referral", "performance", "subsidy"))
    plan = tmp_path / "jilin-2.yaml"
    plan.write_text(text[:first] + text[second:end] + text[first:second] + text[end:], "utf-8")
    told = (
        "收入池 referral 排在按收支结余封顶的 performance 之后, 封顶所用的 R 不含它的收入, 与两个允许测算的 R 不同; "
        "移到前面 (POOL-INCOME-LATE)"
    )
    late = [one for one in load(load_configs(), plan, DAY).warnings if one.code == "POOL-INCOME-LATE"]
    assert Speaker().warnings(late) == [told]


@pytest.mark.parametrize(("own", "laxer"), [("0.7", True), ("0.8", False), ("0.9", False)])
def test_a_target_easier_than_the_rules_is_told(own: str, laxer: bool, tmp_path: Path) -> None:
    plan = sixth(tmp_path)
    text = plan.read_text("utf-8")
    old = 'rule: "sixth-2026:SX-I01", points: "60", curve: {use: attainment}'
    assert old in text
    plan.write_text(text.replace(old, f'{old[:-1]}, params: {{target: "{own}"}}}}'), "utf-8")
    said = f"评分表 member 的 M1 自定目标 {own}, 比规则 sixth-2026:SX-I01 的 0.8 宽 (RULE-TARGET)"
    assert (said in Speaker().warnings(load(load_configs(), plan, DAY).warnings)) == laxer


@pytest.mark.parametrize(
    ("clause", "wrong"),
    [
        ("三(四)20", ["tianjin-2024 没有条款 三(四)20, 是否为 "]),
        ("三（四） 18, 附件 10", ["tianjin-2024 没有条款 附件10, 是否为 附件"]),
        ("三（四）18\uff0c附件 9", []),
        ("三（四） 18, 附件 9", []),  # one width of characters, as the pack's own clauses are compared
    ],
)
def test_a_clause_that_the_document_does_not_have_is_told(clause: str, wrong: list[str], tmp_path: Path) -> None:
    plan = tmp_path / "county-2.yaml"
    text = (configs.folder() / "plans" / "demo-county.yaml").read_text("utf-8")
    text = text.replace("id: demo-county", "id: county-2")
    first = 'cite: {document: tianjin-2024, clause: "三(四)18"}'
    line = text[: text.index(first)].count("\n") + 1
    plan.write_text(text.replace(first, first.replace("三(四)18", clause), 1), "utf-8")
    found = []
    try:
        load(load_configs(), plan, DAY)
    except InputProblems as caught:
        found = [str(problem) for problem in caught.problems]
    assert len(found) == len(wrong)
    for problem, said in zip(found, wrong, strict=True):
        assert f"county-2.yaml:{line}: " in problem
        assert said in problem
        assert problem.endswith("(CITE-CLAUSE)")


def test_what_a_plan_accepts_is_told_in_one_line() -> None:
    accepted = (
        "县域内住院人次占比 (within_county_inpatient_share)、慢性病规范管理率 (chronic_standard_rate)、"
        "慢性病控制率 (chronic_control_rate)、住院次均费用增长率 (avg_inpatient_cost_growth) "
        "口径待核, 方案接受其决定分配 (BACKGROUND-ACCEPTED)"
    )
    assert accepted in Speaker().warnings(load(load_configs(), "demo-county", DAY).warnings)


def test_everything_shipped_is_sound() -> None:
    packs = [load_pack(load_configs(), name) for name in load_configs().packs]
    assert [pack.id for pack in packs] == list(load_configs().packs)
    assert all(isinstance(pack, Pack) for pack in packs)
    plans = {name: check_plan_file(load_configs(), name, DAY).plan.id for name in load_configs().plans}
    assert plans == {name: name for name in load_configs().plans}


def test_unknown_names_and_files_are_refused() -> None:
    for reference, expected in (
        ("tianjin-2042", "tianjin-2042: 没有政策包 tianjin-2042, 是否为 tianjin-2024 "),
        ("no/such.yaml", "no/such.yaml: 文件不存在, 核对路径 (NO-FILE)"),
    ):
        with pytest.raises(InputProblems) as caught:
            load_pack(load_configs(), reference)
        assert expected in str(caught.value)


def test_the_catalogue_is_read_and_checked(tmp_path: Path) -> None:
    catalogue = load_configs().catalogue
    assert (catalogue.metrics["heads_on_post"].kind, bool(catalogue.items["fund_budget"].title)) == ("stock", True)
    path = tmp_path / "metrics.yaml"
    path.write_text(
        "metrics:\n"
        "  - {code: a, title: 甲, unit: 人, reporter: 某, kind: flow, theme: x, part_of: c}\n"
        "  - {code: a, title: 乙, unit: 人, reporter: 某, kind: flaw, theme: x, scopes: [town]}\n"
        "items: []\n",
        "utf-8",
    )
    with pytest.raises(InputProblems) as caught:
        str(load_configs(tmp_path).catalogue)
    *said, tier = [str(problem).removeprefix(str(path)) for problem in caught.value.problems]
    assert said == [
        ":2: metrics[0].part_of: 没有指标 c, 核对代码 (NAME-UNKNOWN)",
        ":3: metrics[1]: a 写了两次, 删去一个 (DUPLICATE-ID)",
        ":3: metrics[1].kind: flaw 不在可选值之内, 写 flow 或 stock (FIELD-VALUE)",
    ]
    assert ":3: metrics[1].scopes: 没有机构层级 town, 是否为 township; 可用: alliance, city, " in tier


def test_a_clause_that_the_document_of_a_pack_does_not_have_is_refused_in_the_pack(tmp_path: Path) -> None:
    text = (SPEC / "sixth-2026.yaml").read_text(encoding="utf-8")
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    listed = sorted(set(re.findall(r'clause: "?([^"},]+)"?', text)) - {"四"})
    (tmp_path / "p.clauses.txt").write_text("".join(f"{one}\tx\n" for one in listed), encoding="utf-8")
    with pytest.raises(InputProblems) as caught:
        load_pack(load_configs(), path, DAY)
    assert {problem.code for problem in caught.value.problems} == {"CITE-CLAUSE"}
    assert all("文件没有条款 四" in problem.message for problem in caught.value.problems)
