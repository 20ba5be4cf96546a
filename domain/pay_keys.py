"""The keys of a plan's `pay:` in Chinese (`domain.pay`)."""

from __future__ import annotations

from domain.key import Key, Keys

_TOTALS = {"yes": "占核定总量", "no": "不占核定总量", "separate": "单独核定"}
_TAX = {"wages": "工资薪金", "labour": "劳务报酬"}

PAY_KEYS: Keys = {
    "Sourced.source": Key("依据", "local 是本地规定; 写在 pay 下的对没有写的各项都有效", "local"),
    "Sourced.cite": Key("条款", "", {"document": "tianjin-2024", "clause": "三(四)17"}),
    "Sourced.document": Key("文号", "准许或规定它的文件", "示例人社〔2026〕11号"),
    "Sourced.note": Key("说明", "给人看的话", "职代会 2026 年第 1 次会议通过"),
    "Pay": Key("分配到人", "职工代表大会通过的办法; 没有一个数有默认值"),
    "Pay.approval": Key("通过", "谁通过、文号、公示几天; 没有文号的拒绝发放"),
    "Pay.labour_staffing": Key(
        "按劳务的编制性质", "这些人没有绩效工资, 只在 labour: true 的资金池里分", ["返聘", "外聘"]
    ),
    "Pay.leave": Key("请假折算", "没有列出的假别不收"),
    "Pay.items": Key("专项", "先从资金池里发的津贴补助: 标准 × 数量"),
    "Pay.pools": Key("各资金池怎样发到人", "按资金池的 id 写; r 是第二个允许算出的可发数"),
    "Pay.order": Key("扣缴的先后", "个税和代扣先从哪个资金池扣; 几个资金池的要列全", ["performance", "r"]),
    "Pay.second_post": Key("双绩效", "一个人各任职的工作占比合计最多多少; 不写为 1"),
    "Pay.corrections": Key("更正", "更正的补发由谁出、扣回最多扣多少"),
    "Pay.tax": Key("个税", "在这里预扣, 还是由财务合并代扣"),
    "Pay.codes": Key("支出经济分类", "部门预算支出经济分类科目, 按计税项目", {"wages": "30107"}, _TAX),
    "PayApproval": Key("通过", "办法由谁通过"),
    "PayApproval.body": Key("通过的机构", "", "职工代表大会"),
    "PayApproval.public_days": Key("公示天数", "几个工作日", 5),
    "LeaveRule": Key("一种假", "请一天算几天出勤"),
    "LeaveRule.kind": Key("假别", "与请假表写的一样", "病假"),
    "LeaveRule.counts": Key("折算", "0 是不算出勤, 1 是全算", "0.5"),
    "PayItem": Key("专项", "标准 × 数量"),
    "PayItem.id": Key("专项编号", "", "night"),
    "PayItem.title": Key("专项名称", "", "夜班补助"),
    "PayItem.rate": Key("标准", "每单位多少元", "20.00"),
    "PayItem.per": Key("单位", "每月、每天还是每次", "次", {"月": "每月", "天": "每天", "次": "每次"}),
    "PayItem.in_total": Key("是否占核定总量", "不占的写 document", "yes", _TOTALS),
    "PayItem.tax": Key("计税项目", "", "wages", _TAX),
    "PayItem.max": Key("上限", "一个期间最多几个单位", "30"),
    "PayItem.across": Key("上限按", "一个人所有任职合计, 还是一个任职", "person", {"person": "按人", "post": "按任职"}),
    "PoolScheme": Key("一个资金池怎样发到人", "先专项, 再 (科室) 按因素的乘积"),
    "PoolScheme.in_total": Key("是否占核定总量", "方案的 pools 里有的不写", "yes", _TOTALS),
    "PoolScheme.items": Key("专项", "从它里面发的专项的 id", ["night"]),
    "PoolScheme.teams": Key("分到科室", "不写是直接分到人"),
    "PoolScheme.inside": Key(
        "科室内", "按积分, 还是按科室自己的名单", "points", {"points": "按积分", "list": "按名单"}
    ),
    "PoolScheme.points": Key(
        "因素",
        "相乘; 右列之外的是填报的数量 (工分、签约人月); 不得是药品、耗材、检查化验的收入",
        ["position", "time", "score", "hold"],
        {"position": "岗位系数", "time": "出勤", "score": "考核得分", "hold": "停减发"},
    ),
    "PoolScheme.who": Key(
        "给谁", "不写是所有可以参加的任职", "rows", {"head": "只给负责人", "rows": "只给有数量的人", "": "全部"}
    ),
    "PoolScheme.labour": Key("劳务人员是否参加", "", example=True),
    "PoolScheme.caps": Key("封顶", "每个任职最多多少"),
    "PoolScheme.floors": Key("保底", "每个任职最少多少"),
    "PoolScheme.over_cap": Key("超过封顶的部分", "", "share", {"share": "分给其余的人", "keep": "留在机构"}),
    "PoolScheme.defer": Key("递延", "一部分以后再发"),
    "PoolScheme.double_time": Key("出勤与工作量并用的理由", "并用的必须写", "值班工分不含在出勤内"),
    "Teams": Key("分到科室", "各科室按因素的乘积分"),
    "Teams.weight": Key(
        "因素",
        "科室系数、科室考核得分、科室人数",
        ["coefficient", "score", "size"],
        {"coefficient": "科室系数", "score": "考核得分", "size": "科室人数"},
    ),
    "Bound": Key("界限", "amount 和 times_mean 写其中一个"),
    "Bound.amount": Key("金额", "元", "1100.00"),
    "Bound.times_mean": Key("均值的倍数", "按时间折算的人均数的几倍", "1.3"),
    "Bound.time": Key("按时间折算", "不足一期的按比例", example=True),
    "Bound.of": Key("限于", "哪些任职; 不写是全部"),
    "Only": Key("限于", "不写的一边是全部"),
    "Only.staffing": Key("编制性质", "", ["在编"]),
    "Only.category": Key("岗位类别", "", ["专业技术"]),
    "Only.grade": Key("岗位等级", "", ["中级"]),
    "Defer": Key("递延", "积分所得的一部分以后再发"),
    "Defer.share": Key("比例", "", "0.10"),
    "Defer.leaver": Key("离开的人", "当期发完, 还是照样递延", "pay", {"pay": "当期发完", "defer": "照样递延"}),
    "Defer.release": Key("兑现比例", "以前年度的余额现在发多少, 其余不再兑现; 不写是继续递延", "1"),
    "SecondPost": Key("双绩效", ""),
    "SecondPost.max_time": Key("占比合计上限", "", "1.2"),
    "PayCorrections": Key("更正", ""),
    "PayCorrections.funding": Key(
        "补发由谁出", 'redivide 是同一笔钱重新分; 或写 "reserve: 备用金名称"', "redivide", {"redivide": "重新分配"}
    ),
    "PayCorrections.claw_back_max": Key("最多扣回比例", "占下次应发", "0.20"),
    "TaxRule": Key("个税", ""),
    "TaxRule.mode": Key(
        "办法", "由财务合并代扣的写 document", "cumulative", {"cumulative": "累计预扣", "elsewhere": "由财务合并代扣"}
    ),
}
