"""The forms of inventory files, one explicit list: how each is told from its content, and how it is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from codered.model.errors import WrongUse
from codered_hq.importing.arp_tables import is_arp, read_arp
from codered_hq.importing.csv_files import is_csv, read_csv
from codered_hq.importing.dnsmasq import is_dnsmasq, read_dnsmasq
from codered_hq.importing.harvest import Harvest, Options
from codered_hq.importing.isc_dhcpd import is_dhcpd, read_dhcpd
from codered_hq.importing.kea import is_kea, read_kea
from codered_hq.importing.source_files import SourceFile, open_source
from codered_hq.importing.values import show
from codered_hq.importing.windows_dhcp import is_windows_dhcp, read_windows_dhcp
from codered_hq.importing.yaml_files import is_yaml, read_yaml
from codered_hq.importing.zone_files import is_zone_file, read_zone_file
from codered_hq.model.inventory import Inventory, Source, SourceKind


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A form: what it holds, whether the first lines of a file are of it, and how it is read. A `general` one is
    meant only where no other is.
    """

    kind: SourceKind
    holds: str
    is_meant: Callable[[list[str]], bool]
    read: Callable[[SourceFile, Harvest], None]
    general: bool = False


_ALL: Final = (
    Form(
        kind="csv",
        holds="hosts, subnets, owners, zones or scan points, by its header",
        is_meant=is_csv,
        read=read_csv,
        general=True,
    ),
    Form(kind="yaml", holds="everything, in one document", is_meant=is_yaml, read=read_yaml),
    Form(kind="isc-dhcpd", holds="leases or declared hosts of ISC dhcpd", is_meant=is_dhcpd, read=read_dhcpd),
    Form(kind="kea", holds="leases of Kea, its file or its answer", is_meant=is_kea, read=read_kea),
    Form(kind="dnsmasq", holds="leases of dnsmasq", is_meant=is_dnsmasq, read=read_dnsmasq),
    Form(
        kind="windows-dhcp",
        holds="leases of Windows, by PowerShell, console or netsh",
        is_meant=is_windows_dhcp,
        read=read_windows_dhcp,
    ),
    Form(kind="zone-file", holds="names and addresses of a DNS zone", is_meant=is_zone_file, read=read_zone_file),
    Form(kind="arp", holds="neighbours, and MAC tables of switches", is_meant=is_arp, read=read_arp),
)
FORMS: Final[dict[str, Form]] = {form.kind: form for form in _ALL}


def read_inventory(path: Path, form: str = "", options: Options | None = None) -> Inventory:
    """What a file says; its form is told from its content if it is not named. Raises WrongUse if it can't be read, may
    be of several forms or of none, or holds no record that can be used.
    """
    source = open_source(path)
    try:
        return read_source(source, form, options)
    finally:
        source.close()


def read_source(source: SourceFile, form: str = "", options: Options | None = None) -> Inventory:
    """As read_inventory, of a file that is open."""
    chosen = FORMS.get(form) if form else find_form(source)
    if chosen is None:
        raise WrongUse(f"no such form: {show(form)}", advice=f"known are {', '.join(FORMS)}")
    harvest = Harvest(options)
    chosen.read(source, harvest)
    if source.odd:
        harvest.note("encoding", f"{source.odd} lines are not UTF-8: read as Windows-1252")
    return harvest.finish(Source(kind=chosen.kind, name=show(source.name, 255)))


def find_form(source: SourceFile) -> Form:
    """The form that a file is of. Raises WrongUse."""
    lines = source.sample()
    fitting = [form for form in _ALL if form.is_meant(lines)]
    fitting = [form for form in fitting if not form.general] or fitting
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        choices = " or ".join(form.kind for form in fitting)
        raise WrongUse(f"may be {choices}", where=source.name, advice="name its form")
    raise WrongUse("of no form that is known", where=source.name, advice=f"name its form: {', '.join(FORMS)}")
