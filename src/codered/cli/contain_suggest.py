"""The work of `codered contain suggest`: texts for other devices. Nothing is changed anywhere."""

from pathlib import Path
from typing import get_args

import msgspec

from codered.cli import running
from codered.cli.contain_orders import list_pack_ports, merge_ports, read_networks, read_ports
from codered.cli.lengths import parse_length
from codered.cli.output import say, show, write_whole
from codered.cli.suggest_options import SuggestOptions
from codered.export.controls.making import make_controls
from codered.export.controls.orders import PLATFORMS, Control, ControlsOrder, Platform
from codered.export.controls.reported import Reported, read_reported
from codered.export.controls.showing import Controls, list_control_files, render_controls
from codered.model.errors import CoverageIncomplete, ExitCode, WrongUse
from codered.model.firewall import PortRange
from codered.respond import read_report

_ALL = "all"


def suggest(asked: SuggestOptions) -> int:
    """Show the controls or write them as files: 0 done, 3 if one of them could not be made. Raises WrongUse."""
    order = _make_order(asked)
    controls, left_out = _make(order, is_all=asked.platforms == _ALL)
    for reason in left_out:
        say(f"codered: left out: {reason}")
    if asked.output:
        _write_files(Path(asked.output), controls)
    if asked.as_json:
        document = msgspec.json.encode(Controls(controls=controls))
        show(msgspec.json.format(document).decode() + "\n")
    elif not asked.output:
        show(render_controls(controls))
    return ExitCode.INCOMPLETE if any(isinstance(one, CoverageIncomplete) for one in left_out) else ExitCode.CLEAN


def _make_order(asked: SuggestOptions) -> ControlsOrder:
    named = read_reported(read_report(Path(asked.report))) if asked.report else Reported()
    if named.dropped:
        say(f"codered: {named.dropped} addresses that were seen less often are left out: block their networks")
    if asked.report and not named.infected and not asked.address:
        advice = "" if named.attackers and asked.attackers else "; name it with --address"
        say(f"codered: the report names no infected address{advice}")
    return ControlsOrder(
        infected=tuple(dict.fromkeys((*named.infected, *asked.address))),
        attackers=named.attackers if asked.attackers else (),
        ports=_choose_ports(asked, named),
        platforms=_read_platforms(asked.platforms),
        inside=asked.inside,
        outside=asked.outside,
        management=read_networks(asked.allow),
        confirm_within=round(parse_length(asked.confirm_within, "--confirm-within")),
    )


def _choose_ports(asked: SuggestOptions, named: Reported) -> tuple[PortRange, ...]:
    """The ports of --block and --pack; without these, of the threats that were found, else those that were tried."""
    ports = [each for text in asked.block for each in read_ports(text)]
    if asked.packs:
        packs = tuple(loaded.pack for loaded in running.load_named_packs(asked.packs))
        ports += list_pack_ports(packs)
        if not ports:
            raise WrongUse("names no ports to block", where=", ".join(asked.packs), advice="name them: --block tcp:80")
    elif not ports:
        found = tuple(loaded.pack for loaded in running.load_named_packs() if loaded.pack.name in named.packs)
        ports = list_pack_ports(found) or list(named.ports)
    return merge_ports(ports)


def _read_platforms(text: str) -> tuple[Platform, ...]:
    if text == _ALL:
        return PLATFORMS
    known: dict[str, Platform] = {platform: platform for platform in get_args(Platform)}
    names = [name.strip() for name in text.split(",")]
    if unknown := [name for name in names if name not in known]:
        raise WrongUse(f"{unknown[0]!a} is no platform", where="--for", advice=f"use {', '.join(PLATFORMS)}, or all")
    return tuple(known[name] for name in names)


def _make(order: ControlsOrder, *, is_all: bool) -> tuple[tuple[Control, ...], list[WrongUse | CoverageIncomplete]]:
    """The controls, and why some could not be made. Of all platforms, those that do not fit the order are left out."""
    made: list[Control] = []
    left_out: list[WrongUse | CoverageIncomplete] = []
    for platform in order.platforms:
        try:
            made += make_controls(msgspec.structs.replace(order, platforms=(platform,)))
        except CoverageIncomplete as error:
            left_out.append(error)
        except WrongUse as error:
            if not is_all:
                raise
            left_out.append(error)
    if not made:
        raise left_out[0]
    return tuple(made), left_out


def _write_files(folder: Path, controls: tuple[Control, ...]) -> None:
    """Every text into a file of its own; nothing that is there already is written over. Raises WrongUse."""
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise WrongUse(error.strerror or "can't be made", where=str(folder), advice="name another folder") from None
    files = dict(list_control_files(controls))
    if taken := next((name for name in files if (folder / name).exists()), ""):
        raise WrongUse("is there already", where=str(folder / taken), advice="name an empty folder")
    for name, text in files.items():
        write_whole(str(folder / name), text)
    say(f"codered: {len(files)} files written to {folder}: read the notes first")
