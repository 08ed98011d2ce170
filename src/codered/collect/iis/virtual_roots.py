"""The virtual roots of IIS 4 and 5 in the registry, which IIS takes into its metabase when it starts."""

import hashlib

from codered.collect.iis.gathering import Gathering, cut
from codered.collect.iis.words import parse_mask, plain_path, rights_of
from codered.model.paths import FilePath
from codered.model.registry import HiveSeen, Registry, RegistryValue
from codered.model.windows import ConfigPlace, VirtualDirectory

KEYS = (
    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\W3SVC\\Parameters\\Virtual Roots",
    "HKLM\\SYSTEM\\CurrentControlSet\\Services\\MSFTPSVC\\Parameters\\Virtual Roots",
)
_VERSIONS = ("HKLM\\SOFTWARE\\Microsoft\\InetStp", "HKLM\\SYSTEM\\CurrentControlSet\\Services\\W3SVC\\Parameters")


def read_virtual_roots(registry: Registry, gathering: Gathering) -> None:
    """Take the virtual roots of every ControlSet."""
    for key in KEYS:
        site = "ftp" if "MSFTPSVC" in key else ""
        for concrete in registry.expand(key):
            hive = registry.hive_of(concrete)
            for value in registry.values(concrete):
                gathering.add_directory(_make_directory(value, concrete, hive, site))


def read_version(registry: Registry) -> str:
    """The version of IIS that the registry names (`5.0`); "" if it names none."""
    for key in _VERSIONS:
        for concrete in registry.expand(key):
            major = registry.value(concrete, "MajorVersion")
            minor = registry.value(concrete, "MinorVersion")
            if major is not None and major.number() is not None:
                return f"{major.number()}.{minor.number() or 0 if minor is not None else 0}"
    return ""


def _make_directory(value: RegistryValue, key: str, hive: HiveSeen | None, site: str) -> VirtualDirectory:
    """`/scripts` or `/scripts,<address>` = `path,user,mask`; the path may hold commas, the end does not."""
    place = ConfigPlace(
        path=hive.path if hive is not None and hive.path is not None else FilePath(key),
        shown=hive.shown if hive is not None else None,
        data=value.data[:256],
        sha256=hashlib.sha256(value.data).hexdigest(),
    )
    fields = cut(value.text()).rsplit(",", 2)
    flags = parse_mask(fields[2]) if len(fields) == 3 else None
    url = cut(value.name).partition(",")[0]
    return VirtualDirectory(
        site=site,
        url=url if url.startswith("/") else f"/{url}",
        physical=plain_path(fields[0]),
        place=place,
        rights=rights_of(flags),
        access_flags=flags,
        key=key,
        value=value.name,
        hive_state=hive.state if hive is not None else "",
    )
