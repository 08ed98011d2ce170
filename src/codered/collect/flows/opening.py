"""Which kind of flow log a file is, by its first lines, and how it is read."""

import os
from collections.abc import Callable
from functools import partial

from codered.collect.flows.columns import Layout, choose_columns, recognise_table
from codered.collect.flows.eve import EveLines, is_eve_line
from codered.collect.flows.exports import has_decoder, read_exports
from codered.collect.flows.lines import MOST_HEAD, Block
from codered.collect.flows.sharing import SHARE_FROM, BlockReader, read_chunks
from codered.collect.flows.source import FlowSource
from codered.collect.flows.tables import TableLines
from codered.collect.flows.zeek_json import ZeekLines, is_zeek_line
from codered.collect.flows.zeek_tsv import ZeekTable
from codered.collect.log_unpacking import detect_packing
from codered.model.errors import WrongUse

MOST_PROCESSES = 4
MakeReader = Callable[[], BlockReader]
_NFDUMP = (b"\x0c\xa5", b"\xa5\x0c")
_EXPORTS = {5: "NetFlow v5", 9: "NetFlow v9", 10: "IPFIX"}


def open_flows(descriptor: int, head: bytes, name: str, columns: str = "") -> FlowSource | None:
    """The flow log behind this descriptor, by its first (unpacked) bytes; None if it is none. The source owns the
    descriptor then. `columns` is a column map for a table. Raises WrongUse for what is known and can't be read.
    """
    if columns:
        layout = choose_columns(columns, _first_line(head).decode("utf-8", "backslashreplace"))
        return _make(descriptor, layout.kind, partial(TableLines, layout))
    if head[:2] in _NFDUMP:
        raise WrongUse("nfdump's own format is not read", where=name, advice="convert it: nfdump -r FILE -o csv")
    version = int.from_bytes(head[:2], "big")
    if version in _EXPORTS and len(head) >= 16:
        if not has_decoder():
            advice = "pip install 'codered-detect[capture]', or convert it to CSV"
            raise WrongUse("NetFlow is read only with the netflow package", where=name, advice=advice)
        return FlowSource(descriptor, f"a flow export ({_EXPORTS[version]})", read_exports)
    found = _recognise_lines(head, name)
    return None if found is None else _make(descriptor, *found)


def _recognise_lines(head: bytes, name: str) -> tuple[str, MakeReader] | None:
    line = _first_line(head)
    if head.startswith((b"#separator", b"#fields", b"#path")):
        table = _read_zeek_header(head)
        if missing := table.list_missing():
            what = f"a {table.path.decode()}.log of Zeek without {' and '.join(missing)}"
            raise WrongUse(what, where=name, advice="give it with Zeek's own columns, under Zeek's own names")
        if not table.log:
            shown = table.path.decode(errors="backslashreplace") or "without a header that is whole"
            advice = "give its conn.log, http.log and dns.log"
            raise WrongUse(f"a log of Zeek that says nothing of attempts ({shown})", where=name, advice=advice)
        return f"a flow log (Zeek {table.log})", ZeekTable
    if line.lstrip().startswith(b"{"):
        if is_zeek_line(line):
            return "a flow log (Zeek, JSON)", ZeekLines
        return ("a flow log (Suricata EVE)", EveLines) if is_eve_line(line) else None
    layout: Layout | None = recognise_table(line.decode("utf-8", "backslashreplace"))
    return None if layout is None else (layout.kind, partial(TableLines, layout))


def _make(descriptor: int, kind: str, make_reader: MakeReader) -> FlowSource:
    status = os.fstat(descriptor)
    packed = detect_packing(os.pread(descriptor, 8, 0)) != "plain"
    large = status.st_size * (8 if packed else 1) >= SHARE_FROM
    processes = min(os.cpu_count() or 1, MOST_PROCESSES) if large else 1
    return FlowSource(descriptor, kind, partial(read_chunks, make_reader=make_reader, processes=processes))


def _first_line(head: bytes) -> bytes:
    return head.lstrip(b"\r\n").partition(b"\n")[0].rstrip(b"\r")


def _read_zeek_header(head: bytes) -> ZeekTable:
    table = ZeekTable()
    table.follow(Block(head[:MOST_HEAD], 1))
    return table
