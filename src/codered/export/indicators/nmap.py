"""The packs' probes as scripts for nmap: one script a probe, safe requests judged by their answers."""

import re
from collections.abc import Iterator
from importlib.resources import files

from codered.export.indicators.exported import Export, ExportFile, LeftOut, list_header
from codered.export.indicators.leaving_out import leave_layers
from codered.model.countermeasures import Probe, ProbeAnswer
from codered.model.rule import ParsedPack

CHECKED_WITH = "nmap 7.93"
_NAME = re.compile(r"@([A-Z]{4,11})@")
_PLAIN = frozenset(range(32, 127)) - set(b'"\\')


def make_nmap(packs: tuple[ParsedPack, ...]) -> Export:
    """`codered-NAME.nse` for the first probe of each pack, `codered-NAME-ID.nse` for its others."""
    template = files("codered.export.indicators").joinpath("probe.nse").read_text("utf-8")
    left = list(leave_layers(packs, (), "an nmap script asks a server from outside"))
    made = []
    for one in packs:
        pack = one.loaded.pack
        if not pack.probes:
            left.append(LeftOut(f"{pack.name}/probe", "the pack has no probe: no safe request tells"))
        for probe in pack.probes:
            text = _fill(template, one, probe)
            made.append(ExportFile(f"{_name_script(one, probe)}.nse", text.encode("ascii")))
    return Export(tuple(made), tuple(left))


def quote_lua(text: str) -> str:
    """A text of Lua, whatever it holds."""
    return '"' + "".join(chr(byte) if byte in _PLAIN else f"\\{byte:03d}" for byte in text.encode()) + '"'


def _name_script(one: ParsedPack, probe: Probe) -> str:
    pack = one.loaded.pack
    return f"codered-{pack.name}" if probe is pack.probes[0] else f"codered-{pack.name}-{probe.id}"


def _fill(template: str, one: ParsedPack, probe: Probe) -> str:
    pack = one.loaded.pack
    header = list_header("nmap script", CHECKED_WITH, (one,))
    values = {
        "HEADER": "\n".join(f"-- {line}" for line in header),
        "DESCRIPTION": quote_lua(f"{pack.title}. {probe.note} It sends {_count_requests(probe)}."),
        "SCRIPT": _name_script(one, probe),
        "PORT": str(probe.ports[0] if probe.ports else 80),
        "PORTS": ", ".join(map(str, probe.ports)),
        "METHOD": quote_lua(probe.method),
        "PATH": quote_lua(probe.path),
        "CONTROL": quote_lua(probe.control),
        "PACK": quote_lua(pack.name),
        "PROBE": quote_lua(probe.id),
        "ANSWERS": "".join(_list_answers(probe.answers)),
    }
    return _NAME.sub(lambda name: values[name[1]], template)


def _count_requests(probe: Probe) -> str:
    return "one harmless request, and one for a made-up name" if probe.control else "one harmless request"


def _list_answers(answers: tuple[ProbeAnswer, ...]) -> Iterator[str]:
    for answer in answers:
        status = ", ".join(str(int(each)) for each in answer.status if each.isdecimal())
        yield (
            f"  {{says = {quote_lua(answer.says)}, status = {{{status}}}, body = {quote_lua(answer.body)},\n"
            f"   server = {quote_lua(answer.server)},\n"
            f"   because = {quote_lua(answer.because)}}},\n"
        )
