"""The command line `liangyun`.

A command is one entry of `COMMANDS` in `api/entries.py`. Its module is imported only when the command is called or its
own help is asked for, so `liangyun --help` costs no more than Typer.
A command returns None (exit code 0) or its exit code; what it refuses it raises (`domain.problems`).
"""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import typer
import typer.core
from typer.core import TyperCommand, TyperGroup

from api.entries import COMMANDS, Commands, Lazy
from api.streams import survive
from domain.problems import InputProblems, Problem

UNREAD = 141  # 128 + SIGPIPE
GARBAGE = 50_000  # objects made beyond those gone, after which garbage is searched for; Python takes 700
WORDS = {
    "Arguments": "参数",
    "Options": "选项",
    "Commands": "命令",
    "required": "必填",
    "default: {default}": "默认: {default}",
    "Missing command.": "没有写命令",
    "No such command {name!r}.": "没有命令 {name}",
}


class Command(TyperCommand):
    """A command whose help speaks Chinese."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """The usage line."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="用法: ")

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`, with its help in Chinese."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示本说明"
        return option


class Group(TyperGroup):
    """A command whose sub-commands are imported only when called."""

    table: ClassVar[Mapping[str, Lazy | Commands]] = {}
    format_usage = Command.format_usage

    def get_help_option(self, ctx: Any) -> Any:
        """`--help`, with its help in Chinese."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示本说明"
        return option

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (Typer's signature)
        """Names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002  (Typer's signature)
        """The command, imported now."""
        entry = self.table.get(cmd_name)
        if entry is None:
            return None
        command = _group(entry) if isinstance(entry, Commands) else _command(cmd_name, entry)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002  (Typer's signature)
        """The list of commands, from the table alone."""
        with formatter.section(WORDS["Commands"]):
            formatter.write_dl([(name, entry.help) for name, entry in self.table.items()])


def _quiet(cls: type[TyperGroup] | None = None, text: str | None = None) -> typer.Typer:
    return typer.Typer(
        cls=cls,
        help=text,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        subcommand_metavar="命令 ...",
        options_metavar="[选项]",
    )


def _command(name: str, entry: Lazy) -> Any:
    module, _, function = entry.target.partition(":")
    one = _quiet()
    text = f"{entry.help}\n\n\b\n例:\n  {entry.example}"
    one.command(name, cls=Command, help=text, options_metavar="[选项]")(getattr(_imported(module), function))
    return typer.main.get_command(one)


def _imported(module: str) -> Any:
    """A command's module. What is imported stays to the end, so the search for garbage need never go through it.

    A command makes much that lasts and hardly any garbage that counting does not find: the search for it is rare. At
    the end, when everything goes with the process, there is none.
    """
    atexit.register(gc.freeze)
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.set_threshold(GARBAGE)
        gc.enable()


def _group(entry: Commands) -> Any:
    several = _quiet(type("Group", (Group,), {"table": entry.commands}), entry.help)
    several.callback()(_nothing)
    return typer.main.get_command(several)


def _nothing() -> None:
    """A group of commands does nothing itself."""


class Root(Group):
    """All commands."""

    table = COMMANDS


def _version(*, asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415  (only --version needs it)

        typer.echo(f"liangyun {version('liangyun')}")
        raise typer.Exit


vars(typer.core)["_"] = lambda text: WORDS.get(text, text)  # Typer looks its own words up in this name
app = _quiet(Root, "两允: 医联体绩效评价与资金分配, 每一分钱都说得清来历。命令的用法: liangyun 命令 --help")


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="显示版本", is_eager=True, callback=lambda value: _version(asked=value)),
    ] = False,
) -> None:
    """Options of all commands; the help text stands above, in Chinese."""


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line; its exit code: 0 done, 1 unexpected or (verify) differs, 2 to 4 as the exception says.

    141 where whoever read the output (`| head`) had enough of it, as of a program that the signal SIGPIPE ended.
    """
    survive()
    given = list(sys.argv[1:] if args is None else args) or ["--help"]
    try:
        code = _run(given)
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        return _unread()
    except SystemExit as end:  # what click and rich make of it
        if not isinstance(end.__context__, BrokenPipeError):
            raise
        return _unread()
    return code


def _unread() -> int:
    """Nothing more may be written, not even by the interpreter's last flush."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    return UNREAD


def _check_written(given: Sequence[str]) -> None:
    """Refuse a word that is empty: as a path it would be the folder that one stands in. Raises InputProblems."""
    for before, word in zip(("", *given), given, strict=False):
        option, equals, value = word.partition("=")
        if not word or (option.startswith("--") and equals and not value):
            where = next((one for one in (option, before) if one.startswith("--")), "参数")
            said = "没有写路径、编号或名称, 引号里是空的"
            raise InputProblems([Problem(where, "USAGE", said, "写上, 或去掉它")])


def _run(given: Sequence[str]) -> int:
    command = typer.main.get_command(app)
    try:
        _check_written(given)
        code = command.main(list(given), prog_name="liangyun", standalone_mode=False)
    except BrokenPipeError:
        raise
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("\n已中断\n")
        return 130
    except Exception as error:
        if os.environ.get("LIANGYUN_DEBUG") == "1":
            raise
        from api.console import report_error  # noqa: PLC0415  (only errors need it)

        return report_error(error, as_json="--json" in given)
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
