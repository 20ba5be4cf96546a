"""The commands: for each its name, where its function lives, what it does, an example; nothing of them is imported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Lazy:
    """A command that is imported when it is needed: target is "module:function"."""

    target: str
    help: str
    example: str


@dataclass(frozen=True)
class Commands:
    """A command with sub-commands."""

    help: str
    commands: Mapping[str, Lazy]


COMMANDS: dict[str, Lazy | Commands] = {
    "run": Lazy(
        "api.commands.run:run",
        "按方案计算一个期间: 指标、得分、资金池、分配, 写出结果文件夹",
        "liangyun run 方案.yaml 数据.xlsx --period 2026Q3 --out 结果",
    ),
    "check": Lazy(
        "api.commands.check:check",
        "只检查数据: 计算时会拒绝或提醒的一次列全, 不写任何文件",
        "liangyun check 方案.yaml 数据.xlsx --period 2026Q3",
    ),
    "allocate": Lazy(
        "api.commands.allocate:allocate",
        "只做分配: 读一个或一批 JSON 问题, 写出 JSON 结果",
        "liangyun allocate 问题.json --out 结果.json",
    ),
    "explain": Lazy(
        "api.commands.explain:explain",
        "说明一个数的来历: 公式、代入的数、规则、条款、取数单元格",
        "liangyun explain out/county-2026Q3 T01 --pool performance",
    ),
    "report": Lazy(
        "api.commands.report:report",
        "由结果文件夹写出一个医联体的报表 (批量计算后按需使用)",
        "liangyun report 结果 A01 --out A01.xlsx",
    ),
    "disclose": Lazy(
        "api.commands.disclose:disclose",
        "由结果文件夹写出公示表: 机构得分、等次和资金总额, 不含人员姓名和个人金额",
        "liangyun disclose 结果 --out 公示.xlsx",
    ),
    "ledger": Lazy(
        "api.commands.ledger:ledger",
        "任务台账: 方案各政策包的任务、指标期限和时间表, 责任单位、凭据和截至某日的状态",
        "liangyun ledger 方案.yaml 数据.xlsx --as-of 2017-11-20 --out 台账.xlsx",
    ),
    "verify": Lazy(
        "api.commands.verify:verify",
        "复核结果文件夹: 校验和、重算、逐条复核分配规则",
        "liangyun verify 结果",
    ),
    "analyse": Lazy(
        "api.commands.analyse:analyse",
        "任意表的分析与图 (达标、功效、扣分、分档、熵权、TOPSIS、秩和比、AHP 等), 不作为分配依据",
        "liangyun analyse topsis 表.csv --spec 参数.yaml --out 结果.csv --picture 图.svg",
    ),
    "template": Lazy(
        "api.commands.template:template",
        "写出某方案某期间的填报工作簿",
        "liangyun template 方案.yaml --period 2026Q3 --out 填报.xlsx",
    ),
    "serve": Lazy(
        "api.commands.serve:serve",
        "启动服务: 服务器和一个后台进程; /readyz 应答 200 时就绪, 收到 SIGTERM 后 10 秒内结束",
        "liangyun serve",
    ),
    "work": Lazy(
        "api.commands.work:work",
        "再启动一个后台进程: 评价、分配、备份、通知等慢的和到时的事",
        "liangyun work",
    ),
    "backup": Lazy(
        "api.commands.backup:backup",
        "备份: 数据库和全部文件写成一个文件, 使用中也可以, 不含密钥",
        "liangyun backup /mnt/backup/liangyun.zip",
    ),
    "restore": Lazy(
        "api.commands.restore:restore",
        "恢复备份: 只恢复到空的数据库, SQLite 和 PostgreSQL 之间也可以",
        "liangyun restore /mnt/backup/liangyun.zip",
    ),
    "pack": Commands(
        "政策包: 一份文件的指标、任务、资金规则",
        {
            "check": Lazy("api.commands.pack:check", "检查政策包文件, 逐条指出行号", "liangyun pack check 政策包.yaml"),
            "list": Lazy("api.commands.shipped:packs", "列出内置政策包", "liangyun pack list"),
            "show": Lazy("api.commands.pack:show", "显示一个政策包", "liangyun pack show tianjin-2024"),
            "matrix": Lazy(
                "api.commands.pack:matrix",
                "指标 × 文件对照表: 各份文件对同一指标的要求, 以及与钱有关的规定",
                "liangyun pack matrix --out 对照表.xlsx",
            ),
            "diff": Lazy(
                "api.commands.pack:diff",
                "比较两个政策包, 或同一个政策包的两版",
                "liangyun pack diff tianjin-2024 liaoning-2017 --out 比较表.xlsx",
            ),
        },
    ),
    "pay": Commands(
        "发放到人: 分配到人、个税、工资条、代发文件",
        {
            "template": Lazy(
                "api.commands.pay.template:template",
                "写出发放人员的填报工作簿: 由上期带入人员、任职、账户和个税累计",
                "liangyun pay template 方案.yaml --period 2026Q3 --month 2026-10 --from 上期人员.xlsx --out 人员.xlsx",
            ),
            "run": Lazy(
                "api.commands.pay.run:run",
                "把机构的金额分到每个人, 写出新的发放结果文件夹",
                "liangyun pay run 方案.yaml 人员.xlsx --period 2026Q3 --month 2026-10 --run 结果 --first --out 发放",
            ),
            "teams": Lazy(
                "api.commands.pay.run:teams",
                "只分到科室/团队, 先送各科室",
                "liangyun pay teams 方案.yaml 人员.xlsx --period 2026Q3 --month 2026-10 --run 结果 --out 分科室",
            ),
            "complete": Lazy(
                "api.commands.pay.run:complete",
                "因缺数据没有付的人, 数据到齐后按原金额补付",
                "liangyun pay complete 发放 人员.xlsx --out 补付",
            ),
            "explain": Lazy(
                "api.commands.pay.explain:explain",
                "说明一个任职的钱怎么来: 先一句话, 再逐步",
                "liangyun pay explain 发放 P0101",
            ),
            "tax": Lazy(
                "api.commands.pay.tax:tax",
                "只算个税: 一份发放清单逐笔的预扣税额 (工资、全年一次性奖金、劳务报酬)",
                "liangyun pay tax 发放清单.csv --out 个税.csv",
            ),
            "verify": Lazy(
                "api.commands.pay.verify:verify",
                "复核发放结果: 校验和、重算、勾稽",
                "liangyun pay verify 发放",
            ),
            "sheet": Lazy(
                "api.commands.pay.sheet:sheet",
                "印制: 绩效工资和劳务费发放表、补发扣回表、分配表、资金拨付审批表; 或核对改过的工作簿",
                "liangyun pay sheet 发放 --people 人员.xlsx --out 发放表.xlsx",
            ),
            "slips": Lazy(
                "api.commands.pay.slips:slips",
                "工资条, 每人一条 (PDF)",
                "liangyun pay slips 发放 --people 人员.xlsx --out 工资条.pdf",
            ),
            "public": Lazy(
                "api.commands.pay.public:public",
                "单位内公示表: 姓名和各资金池金额, 没有别的",
                "liangyun pay public 发放 --people 人员.xlsx --out 公示.xlsx",
            ),
            "bank": Lazy(
                "api.commands.pay.bank:bank",
                "一个批次的银行代发文件; 银行没有收下的可以作废",
                "liangyun pay bank 发放 --people 人员.xlsx --bank example-xlsx --batch 批次号 --out 代发.xlsx --once",
            ),
            "back": Lazy(
                "api.commands.pay.back:back",
                "读银行返回的结果, 没有付成的写成重付文件夹",
                "liangyun pay back 发放 结果.xlsx --batch 批次号 --out 重付",
            ),
            "taxform": Lazy(
                "api.commands.pay.taxform:taxform",
                "个税扣缴端的工资薪金、劳务报酬列表",
                "liangyun pay taxform 发放 --people 人员.xlsx --out 申报.xlsx",
            ),
            "treasury": Lazy(
                "api.commands.pay.treasury:treasury",
                "财政统发导入表和会计凭证草稿",
                "liangyun pay treasury 发放 --people 人员.xlsx --out 统发.xlsx",
            ),
            "audit": Lazy(
                "api.commands.pay.audit:audit",
                "审计: 发现、总量台账、个人全年、批次; 可给几个发放文件夹",
                "liangyun pay audit 发放 --people 人员.xlsx --out 审计.xlsx",
            ),
        },
    ),
    "plan": Commands(
        "方案: 一个地方怎样落实政策包",
        {
            "check": Lazy("api.commands.plan:check", "检查方案文件, 逐条指出行号", "liangyun plan check 方案.yaml"),
            "list": Lazy("api.commands.shipped:plans", "列出内置方案", "liangyun plan list"),
            "show": Lazy("api.commands.plan:show", "显示一个方案", "liangyun plan show 方案.yaml"),
            "new": Lazy(
                "api.commands.drafting:new",
                "起草方案: 照一个方案, 或由政策包列出全部指标和条款, 要本地定的写“待填”",
                "liangyun plan new 本县.yaml --packs tianjin-2024 --region 129901",
            ),
            "lint": Lazy(
                "api.commands.drafting:lint",
                "挑方案的毛病: 不起作用的规则、没有人能得的分、重叠的资金池、没有用到的条目; 可给几个结果文件夹",
                "liangyun plan lint 方案.yaml 结果1 结果2",
            ),
            "schema": Lazy(
                "api.commands.drafting:schema",
                "写出方案的 JSON Schema: 编辑器据此补全和检查",
                "liangyun plan schema --out plan.schema.json",
            ),
            "reference": Lazy(
                "api.commands.drafting:reference",
                "写出方案参考: 每个键、规则、资金池、公式、评分办法、核对和指标, 各有一例",
                "liangyun plan reference --out 方案参考.md",
            ),
        },
    ),
    "terms": Lazy(
        "api.commands.terms:terms",
        "查代码: 指标、数据、金额项目、规则、资金池、公式、评分办法、核对、角色和方案的键, 写中文的一部分也能查到",
        "liangyun terms 签约 --kind indicator",
    ),
    "migrate": Lazy(
        "api.commands.migrate:migrate",
        "建立服务的文件夹、数据库和密钥, 或把数据库的结构升到本版本",
        "liangyun migrate",
    ),
    "user": Commands(
        "服务的账号 (由机器的操作者办理, 每次都有审计记录)",
        {
            "create-admin": Lazy(
                "api.commands.user:create_admin",
                "建立第一个安全管理员 (已有时拒绝)",
                "liangyun user create-admin --login aqgly --name 安全员 --password-file 密码.txt",
            ),
            "create": Lazy(
                "api.commands.user:create",
                "建立账号并授权; 已有安全管理员时, 复核、审批、财务待他确认",
                "liangyun user create --login wangwu --name 王五 --role maker@330103 --password-file 密码.txt",
            ),
            "reset": Lazy(
                "api.commands.user:reset",
                "发一次性密码, 并解除锁定; 通知本人和安全管理员",
                "liangyun user reset --login wangwu",
            ),
            "token": Lazy(
                "api.commands.user:token",
                "发接口令牌, 只显示一次; 令牌不能复核、审批、付款",
                "liangyun user token --login his --days 90",
            ),
        },
    ),
    "units": Commands(
        "单位登记和工作日表",
        {
            "import": Lazy(
                "api.commands.units:take_in",
                "读入单位登记: 机构 (含管理机构)、成员关系、填报分工, 都有起止日期",
                "liangyun units import examples/county/register.xlsx",
            ),
            "days": Lazy(
                "api.commands.units:days",
                "读入工作日表, 先于程序自带的节假日",
                "liangyun units days 工作日2027.xlsx",
            ),
        },
    ),
    "policy": Commands(
        "服务里的方案版本",
        {
            "import": Lazy(
                "api.commands.policy:take_in",
                "读入方案连同政策包和指标目录, 成为一个版本",
                "liangyun policy import demo-county --publish",
            ),
        },
    ),
    "audit": Commands(
        "审计记录",
        {
            "verify": Lazy(
                "api.commands.audit:verify",
                "核对整条审计链: 改动、删除、插入、换序都能发现, 有锚定文件时还有截尾和重写",
                "liangyun audit verify --anchor 锚定/2026-10.jsonl",
            ),
            "anchor": Lazy(
                "api.commands.audit:anchor",
                "写出审计链的锚定 (条数、链尾、签名)",
                "liangyun audit anchor",
            ),
        },
    ),
    "keys": Commands(
        "密钥: 不在数据库里, 也不在备份里",
        {
            "export": Lazy(
                "api.commands.keys:export",
                "用口令导出密钥; 没有它, 备份不能恢复",
                "liangyun keys export 密钥.json --passphrase-file 口令.txt",
            ),
            "import": Lazy(
                "api.commands.keys:take_in",
                "取回导出的密钥",
                "liangyun keys import 密钥.json --passphrase-file 口令.txt",
            ),
            "rotate": Lazy("api.commands.keys:rotate", "换新的列密钥, 旧数据仍能读", "liangyun keys rotate"),
        },
    ),
    "settings": Commands(
        "设置 (环境变量 LIANGYUN_…, 或 LIANGYUN_SETTINGS 指明的文件)",
        {"show": Lazy("api.commands.settings:show", "列出全部设置和来处, 密码不显示", "liangyun settings show")},
    ),
}
