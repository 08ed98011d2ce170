"""The packs' probes as scripts for nmap: one safe request each, judged by its answer."""

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
    """`codered-NAME.nse` for each pack that has a probe."""
    template = files("codered.export.indicators").joinpath("probe.nse").read_text("utf-8")
    left = list(leave_layers(packs, (), "an nmap script asks a server from outside"))
    made = []
    for one in packs:
        pack = one.loaded.pack
        if pack.probe is None:
            left.append(LeftOut(f"{pack.name}/probe", "the pack has no probe: no safe request tells"))
            continue
        text = _fill(template, one, pack.probe)
        made.append(ExportFile(f"codered-{pack.name}.nse", text.encode("ascii")))
    return Export(tuple(made), tuple(left))


def quote_lua(text: str) -> str:
    """A text of Lua, whatever it holds."""
    return '"' + "".join(chr(byte) if byte in _PLAIN else f"\\{byte:03d}" for byte in text.encode()) + '"'


def _fill(template: str, one: ParsedPack, probe: Probe) -> str:
    pack = one.loaded.pack
    header = list_header("nmap script", CHECKED_WITH, (one,))
    values = {
        "HEADER": "\n".join(f"-- {line}" for line in header),
        "DESCRIPTION": quote_lua(f"{pack.title}. {probe.note} It sends one harmless request."),
        "SCRIPT": f"codered-{pack.name}",
        "PORT": str(probe.ports[0] if probe.ports else 80),
        "PORTS": ", ".join(map(str, probe.ports)),
        "METHOD": quote_lua(probe.method),
        "PATH": quote_lua(probe.path),
        "PACK": quote_lua(pack.name),
        "ANSWERS": "".join(_list_answers(probe.answers)),
    }
    return _NAME.sub(lambda name: values[name[1]], template)


def _list_answers(answers: tuple[ProbeAnswer, ...]) -> Iterator[str]:
    for answer in answers:
        status = ", ".join(str(int(each)) for each in answer.status if each.isdecimal())
        yield (
            f"  {{says = {quote_lua(answer.says)}, status = {{{status}}}, body = {quote_lua(answer.body)},\n"
            f"   because = {quote_lua(answer.because)}}},\n"
        )
