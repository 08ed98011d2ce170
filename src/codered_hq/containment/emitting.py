"""Blocks for devices that we don't change: DNS, DHCP, proxies, routers of others; each text with its way back."""

import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from string import Template

import msgspec

from codered.export.controls.making import make_controls
from codered.export.controls.orders import LISTED, ControlsOrder, Platform
from codered.model.errors import WrongUse
from codered_hq.containment.goals import read_networks

MOST = 500
_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,32}[a-z][a-z0-9-]{0,61}[a-z0-9]")
_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}")
_LABEL = re.compile(r"[a-z0-9]{1,16}")


class Blocked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be blocked: DNS names (and all below them), addresses or ranges, MACs."""

    names: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()


class Emitted(msgspec.Struct, frozen=True, kw_only=True):
    """One text: `file` what it is to be called, how it is put in place, how it is taken back; `notes` what it does not
    cover.
    """

    form: str
    file: str
    text: str
    apply: str
    undo: str
    notes: tuple[str, ...] = ()


class _Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of emitted_forms.json: a line for each name, address and MAC ("" = it can't), and what is around."""

    file: str
    comment: str
    apply: str
    undo: str
    head: str = ""
    foot: str = ""
    foot_names: str = ""
    foot_addresses: str = ""
    names: str = ""
    addresses: str = ""
    macs: str = ""
    joined: str = ""


def list_forms() -> tuple[str, ...]:
    """All forms that can be written."""
    return (*_read_forms(), *LISTED)


def check_blocked(names: Sequence[str], networks: Sequence[str], macs: Sequence[str]) -> Blocked:
    """What is to be blocked, read. Raises WrongUse for what can't stand in such a text."""
    if len(names) + len(networks) + len(macs) > MOST:
        raise WrongUse(f"more than {MOST} at once", advice="name fewer, or their network or domain")
    plain = tuple(name.strip().lower().removesuffix(".").removeprefix("*.") for name in names)
    for name in plain:
        if not _NAME.fullmatch(name):
            raise WrongUse("is no DNS name to block", where=ascii(name[:60])[1:-1], advice="write bad.example.com")
    cards = tuple(mac.strip().lower().replace("-", ":") for mac in macs)
    for mac in cards:
        if not _MAC.fullmatch(mac):
            raise WrongUse("is no MAC", where=ascii(mac[:40])[1:-1], advice="write 02:00:00:00:00:01")
    if not (plain or networks or cards):
        raise WrongUse("nothing to block is named", advice="give addresses, --name or --mac")
    found = read_networks(tuple(networks)) if networks else ()
    return Blocked(names=tuple(dict.fromkeys(plain)), networks=found, macs=tuple(dict.fromkeys(cards)))


def emit_block(form: str, blocked: Blocked, label: str) -> tuple[Emitted, ...]:
    """The text of one form; `label` marks it as ours. Raises WrongUse for a form that is not known or can't say any of
    it, CoverageIncomplete where what writes it is not installed.
    """
    if not _LABEL.fullmatch(label):
        raise WrongUse("is no label", where=ascii(label[:40]))
    if form in LISTED:
        return _emit_lists(form, blocked, label)
    forms = _read_forms()
    if form not in forms:
        raise WrongUse("no such form", where=ascii(form[:40])[1:-1], advice=f"use {', '.join(list_forms())}")
    return (_fill_form(form, forms[form], blocked, label),)


def _fill_form(name: str, form: _Form, blocked: Blocked, label: str) -> Emitted:
    lines: list[str] = []
    notes: list[str] = []
    foot = ""
    for what, template, values in (
        ("names", form.names, [{"name": each} for each in blocked.names]),
        ("addresses", form.addresses, [_write_address(each) for each in blocked.networks]),
        ("macs", form.macs, [{"mac": each, "digits": each.replace(":", "")} for each in blocked.macs]),
    ):
        if values and not template:
            notes.append(f"NOT covered: {what} can't be blocked by {name}")
        elif values:
            lines += [_fill(template, label, each) for each in values]
            foot += {"names": form.foot_names, "addresses": form.foot_addresses}.get(what, "")
    if not lines:
        raise WrongUse(f"can't block any of it: {'; '.join(notes)}", where=name, advice="choose another form")
    text = _fill(form.head, label, {}) + form.joined.join(lines) + _fill(foot + form.foot, label, {})
    head = f"{form.comment} codered-{label}: put in place: {_fill(form.apply, label, {})}\n"
    head += f"{form.comment} taken back: {_fill(form.undo, label, {})}\n"
    return Emitted(
        form=name, file=_fill(form.file, label, {}), text=head + text, apply=_fill(form.apply, label, {}),
        undo=_fill(form.undo, label, {}), notes=tuple(notes),
    )  # fmt: skip


def _emit_lists(form: str, blocked: Blocked, label: str) -> tuple[Emitted, ...]:
    if not blocked.networks:
        raise WrongUse("blocks addresses alone", where=form, advice="name addresses, or choose a form for DNS or DHCP")
    known: dict[str, Platform] = {platform: platform for platform in LISTED}
    order = ControlsOrder(infected=blocked.networks, platforms=(known[form],))
    left = [what for what, some in (("names", blocked.names), ("macs", blocked.macs)) if some]
    notes = tuple(f"NOT covered: {what} can't be blocked by {form}" for what in left)
    return tuple(
        Emitted(
            form=form, file=f"codered-{label}.{form}.txt", text=made.apply + made.then,
            apply=f"enter it on the device ({made.title})", undo=made.undo, notes=(*made.notes, *notes),
        )
        for made in make_controls(order)
    )  # fmt: skip


def _write_address(text: str) -> dict[str, str]:
    """An address in the forms that these texts want; `reversed` as response policy zones write it."""
    network = ipaddress.ip_network(text)
    if network.version == 4:
        parts = str(network.network_address).split(".")
    else:
        parts = network.network_address.exploded.split(":")
        parts = [part.lstrip("0") or "0" for part in parts]
    return {"address": text, "reversed": ".".join([str(network.prefixlen), *reversed(parts)])}


def _fill(template: str, label: str, values: dict[str, str]) -> str:
    return Template(template.replace("_$label_", "_${label}_")).substitute(label=label, **values)


@lru_cache(maxsize=1)
def _read_forms() -> dict[str, _Form]:
    raw = files("codered_hq.containment").joinpath("emitted_forms.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, _Form])
