"""Chinese names in the place of codes, what is to be filled in, and all that is wrong in one round."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from api.cli import main
from domain.problems import InputProblems, Problem
from engine.policy.coded import coded
from engine.policy.configs import load_configs
from engine.policy.load import load

PLANS = Path(__file__).parents[3] / "configs" / "plans"
DAY = date(2026, 9, 30)
NAMES = {
    "id: demo-county": "id: zh",
    "curve: {use: attainment}, source: local}": "curve: {use: 达标得分}, source: local}",
    "    scope: district\n": "    scope: 区域\n",
    "    missing: refuse\n": "    missing: 拒绝计算\n",
    "indicator: gp_per_10k": "indicator: 每万居民全科医生数",
    "indicator: village_signing_rate": "indicator: 乡村医生参与签约覆盖率",
    "numerator: [outreach_visits]": "numerator: [下村巡诊次数]",
    "    tiers: [lead, county, township, community]\n": "    tiers: [牵头医院, 县级医院, township, community]\n",
    "params: {centre: imaging, tiers: [township]}": "params: {centre: 影像, tiers: [乡镇卫生院]}",
    "quantity: {heads_on_post: ": "quantity: {在岗人数: ",
    "tier_factor: {lead: ": "tier_factor: {牵头医院: ",
    "{use: signing_min_share,": "{use: 签约基层占比下限,",
    "low: grassroots": "low: 基层医疗卫生机构",
    "budget: [fund_budget]": "budget: [医保基金总额预算]",
    "        scorecard: external\n": "        scorecard: 医共体年度考核\n",
    "- {rule: floor_previous,": "- {rule: 较上期保底,",
    "prepaid_pools: [surplus-prepay]": "prepaid_pools: [医保结余季度预付]",
    "unpaid_to: fund": "unpaid_to: 退回原资金",
    "before: approve": "before: 审批",
    "tax: {mode: cumulative}": "tax: {mode: 累计预扣}",
}


def county(changes: Mapping[str, str], folder: Path) -> Path:
    """The county's plan with the first of each changed."""
    text = (PLANS / "demo-county.yaml").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "zh.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputProblems) as caught:
        load(load_configs(), path, DAY)
    return caught.value.problems


def test_names_are_read_as_their_codes(tmp_path: Path) -> None:
    read = load(load_configs(), county(NAMES, tmp_path), DAY).plan
    plain = load(load_configs(), county({"id: demo-county": "id: zh"}, tmp_path), DAY).plan
    assert read == plain


def test_the_check_tells_which_code_a_name_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, configs = county(NAMES, tmp_path), load_configs()
    told = [one.message for one in coded(configs.document(path), configs)]
    assert len(told) == len(NAMES) - 1 + 2  # 牵头医院, 县级医院; 影像, 乡镇卫生院
    assert "达标得分 即 attainment" in told
    assert main(["plan", "check", str(path)]) == 0
    assert "达标得分 即 attainment, 不用改 (TITLE-CODE)" in capsys.readouterr().out


def test_shipped_plans_are_written_in_codes() -> None:
    configs = load_configs()
    for path in configs.plans.values():
        document = configs.document(path)
        assert coded(document, configs) == []
        assert document.found == []


def test_what_is_to_be_filled_in_is_told_with_an_example_and_once(tmp_path: Path) -> None:
    found = problems(county({'points: "12"\n            tiers': "points: 待填\n            tiers"}, tmp_path))
    assert [(one.code, one.remedy) for one in found] == [("TO-FILL", '这一项的满分; 0 是只列出、不计分; 例如 "8"')]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({'share: "0.59"': "share: 60%"}, '写 "0.60"'),
        ({'share: "0.59"': 'share: "1,200"'}, '写 "1200"'),
        ({"use: signing_min_share": "use: 签约最低占比"}, "signing_min_share 签约基层占比下限"),
        ({"    missing: refuse\n": "    missing: skip\n"}, "zero 按 0 分"),
        ({"budget: [fund_budget]": "budget: [基金预算]"}, "liangyun terms --kind item"),
        ({"    unpaid_to: fund\n": ""}, "补上 未分配去向, 如 unpaid_to: carry_forward"),
        ({"indicator: gp_per_10k": "indicator: 每万人全科医生"}, "gp_per_10k 每万居民全科医生数"),
    ],
)
def test_a_refusal_tells_what_to_write(changes: Mapping[str, str], said: str, tmp_path: Path) -> None:
    (found,) = problems(county(changes, tmp_path))
    assert said in str(found)


def test_problems_of_reading_and_of_figures_come_in_one_round(tmp_path: Path) -> None:
    changes = {
        '    prepay_ratio: "0.70"': "    prepay_ratio: 七成",  # cannot be read
        '        points: "60"': '        points: "61"',  # is no sum
        "    unpaid_to: fund\n": "",  # is missing
        '{from: 2026-01-01, value: "0.65"}': '{from: 2026-01-01, value: "0.4"}',  # is not 主要
        'clause: "三(四)18"': 'clause: "三(四)88"',  # of no document
    }
    found = {one.code for one in problems(county(changes, tmp_path))}
    assert found == {"FIELD-VALUE", "FIELD-MISSING", "MAIN-SHARE", "CITE-CLAUSE"}


def test_nothing_is_said_of_what_stands_for_a_value(tmp_path: Path) -> None:
    """The stand-in of points would make no sum, no grade and no total."""
    found = problems(county({'points: "12"\n            tiers': "points: 十二\n            tiers"}, tmp_path))
    assert [one.code for one in found] == ["FIELD-VALUE"]
