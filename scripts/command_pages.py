"""The words of the command line as data: what the reference and the man pages are written from."""

import inspect
from collections.abc import Iterator
from typing import NamedTuple

import click

from codered.cli import HQ_WORDS, codered

PROGRAM = "codered"


class Param(NamedTuple):
    """One argument or option."""

    forms: tuple[str, ...]
    """An option's spellings, the short one first; empty for an argument."""
    value: str
    """What it takes, as the usage line has it (FILE, REPORT.json, [PATH]...); "" for a flag."""
    text: str
    """Its help, one paragraph; arguments have none."""
    choices: tuple[str, ...]
    """The only values that it takes; empty: others too."""
    default: str
    """What holds if it is not given, where the help does not say so; "" if nothing does."""
    required: bool
    repeatable: bool

    @property
    def is_option(self) -> bool:
        """False for an argument."""
        return bool(self.forms)


class Word(NamedTuple):
    """One command: `codered scan`, or a group of them: `codered contain`."""

    path: tuple[str, ...]
    """From the program's name on: ("codered", "contain", "on")."""
    usage: str
    """The whole usage line: "codered contain off [OPTIONS] [NAME]"."""
    summary: str
    """The first sentence of its help, without a full stop."""
    paragraphs: tuple[str, ...]
    """Its whole help, the summary in it; each paragraph on one line, in Markdown's backquotes."""
    params: tuple[Param, ...]
    """As `--help` has them, without those that only the tool itself says, and without --help."""
    words: tuple[str, ...]
    """The names of the commands of a group, in its order; empty: it is no group."""
    headquarters: bool
    """Whether it needs the extra `hq`."""

    @property
    def name(self) -> str:
        """As it is typed: "codered contain on"."""
        return " ".join(self.path)


def read_words() -> tuple[Word, ...]:
    """Every command that `--help` shows, in its order: the program itself first, each group before its own."""
    return tuple(_walk(codered, click.Context(codered, info_name=PROGRAM)))


def _walk(command: click.Command, context: click.Context) -> Iterator[Word]:
    under: list[tuple[str, click.Command]] = []
    if isinstance(command, click.Group):
        found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
        under = [(name, one) for name, one in found if one is not None and not one.hidden]
    yield _read_word(command, context, tuple(name for name, _ in under))
    for name, one in under:
        yield from _walk(one, click.Context(one, info_name=name, parent=context))


def _read_word(command: click.Command, context: click.Context, words: tuple[str, ...]) -> Word:
    paragraphs = tuple(" ".join(part.split()) for part in inspect.cleandoc(command.help or "").split("\n\n"))
    path = tuple(context.command_path.split())
    return Word(
        path=path,
        usage=" ".join((context.command_path, *command.collect_usage_pieces(context))),
        summary=find_summary(paragraphs[0]),
        paragraphs=paragraphs,
        params=tuple(_read_param(one) for one in command.params if not getattr(one, "hidden", False)),
        words=words,
        headquarters=_is_of_headquarters(command, path),
    )


def find_summary(paragraph: str) -> str:
    """The first sentence of a help, without its full stop."""
    return paragraph.partition(". ")[0].removesuffix(".")


def _is_of_headquarters(command: click.Command, path: tuple[str, ...]) -> bool:
    """By its word; those that `contain` and `drill` share are told by the room that they come from."""
    if len(path) > 1 and path[1] in HQ_WORDS:
        return True
    return type(command).__module__.startswith("codered_hq.")


def _read_param(param: click.Parameter) -> Param:
    option = param if isinstance(param, click.Option) else None
    flag = bool(option and (option.is_flag or option.count))
    return Param(
        forms=tuple(sorted((*param.opts, *param.secondary_opts), key=len)) if option else (),
        value="" if flag else _name_value(param),
        text=" ".join(((option.help if option else "") or "").split()),
        choices=tuple(map(str, param.type.choices)) if isinstance(param.type, click.Choice) else (),
        default=_tell_default(param),
        required=param.required,
        repeatable=param.nargs == -1 or bool(option and option.multiple),
    )


def _name_value(param: click.Parameter) -> str:
    if isinstance(param, click.Argument):
        return param.make_metavar(click.Context(codered))
    if param.metavar:
        return param.metavar
    if isinstance(param.type, click.Choice):
        return "|".join(one for one in map(str, param.type.choices) if one)
    return "NUMBER" if param.type.name.startswith(("integer", "float")) else "TEXT"


def _tell_default(param: click.Parameter) -> str:
    """Only what the help does not say itself; empty or 0 is as not given. Click marks that by an object of its own."""
    default = param.default
    if isinstance(param, click.Option) and "default" in (param.help or "").lower():
        return ""
    return str(default) if default and isinstance(default, str | int | float) and default is not True else ""
