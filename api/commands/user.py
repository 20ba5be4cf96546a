"""`liangyun user`: accounts by the operator of the machine, each act recorded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.workflow import operations
from engine.workflow.people import UserView
from engine.workflow.roles import ROLES

Login = Annotated[str, typer.Option("--login", metavar="登录名", help="登录名", show_default=False)]
Name = Annotated[str, typer.Option("--name", metavar="姓名", help="姓名, 写在审批记录和表上", show_default=False)]
PasswordFile = Annotated[
    Path,
    typer.Option(
        "--password-file", metavar="文件", help="第一行是初始密码, 首次登录须改; 用后删去这个文件", show_default=False
    ),
]
Person = Annotated[
    str, typer.Option("--person", metavar="人员编号", help="自然人; 不写即登录名。一人只有一个在用的登录名")
]


def create_admin(*, login: Login, name: Name, password_file: PasswordFile, person: Person = "") -> None:
    """Make the first security administrator."""
    password = operations.first_line(password_file, "--password-file")
    _say(operations.create_admin(login, name, password, person))


def create(
    *,
    login: Login,
    name: Name,
    password_file: PasswordFile,
    role: Annotated[
        list[str],
        typer.Option(
            "--role",
            metavar="角色[@单位]",
            help="可写几个; 单位是机构、医联体或区域的编码, 不写即全部区域",
            show_default=False,
        ),
    ],
    person: Person = "",
    mail: Annotated[str, typer.Option("--mail", metavar="邮箱", help="收通知的邮箱")] = "",
) -> None:
    """Make a user."""
    password = operations.first_line(password_file, "--password-file")
    _say(operations.create_user(login, name, password, role, person, mail))


def reset(
    *,
    login: Login,
    totp: Annotated[bool, typer.Option("--totp", help="同时取消动态口令 (手机丢失)")] = False,
) -> None:
    """Print a one-time password."""
    sys.stdout.write(f"{operations.reset_user(login, totp=totp)}\n")
    sys.stderr.write("一次性密码只显示这一次, 首次登录须改; 已通知本人和安全管理员\n")


def token(
    *,
    login: Login,
    days: Annotated[int, typer.Option("--days", metavar="天数", help="有效天数, 1–366", show_default=False)],
) -> None:
    """Print a token, alone on its line."""
    sys.stdout.write(f"{operations.make_token(login, days)}\n")


def _say(made: UserView) -> None:
    sys.stdout.write(f"已建立 {made.login} ({made.name})\n")
    for grant in made.grants:
        place = f"@{grant.unit}" if grant.unit else ""
        waits = ", 待安全管理员确认" if grant.pending else ""
        sys.stdout.write(f"  {ROLES[grant.role].title} {grant.role}{place}{waits}\n")
