"""What the threat packs know: each with its signs by layer, what to do, and the hosts that have it."""

from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from codered.export.writing.escaping import legible
from codered.model.errors import WrongUse
from codered.model.indicators import Indicator
from codered.model.pack import LoadedPack, ThreatPack
from codered.packs.loading import choose_packs_folder, list_packs, load_packs
from codered.packs.strict_yaml import read_bytes
from codered.packs.updating.current import find_home, read_current
from codered_hq.console.acting import page
from codered_hq.console.viewing import Viewer
from codered_hq.fleet.models import StoredFinding
from codered_hq.incidents.models import Incident

LAYERS = ("files", "content", "logs", "traffic", "settings", "autostart", "processes", "scripts")
README = "README.md"
MOST_README = 1 << 18
MOST_HOSTS = 50
_PLAIN = frozenset(Indicator.__struct_fields__)


class Sign(NamedTuple):
    """A sign of a threat: what it is, and what is looked for (pairs of name and text)."""

    indicator: Indicator
    looked_for: tuple[tuple[str, str], ...]


class Row(NamedTuple):
    """A pack in the list, with how many hosts have an open finding of it, and in which open incidents it stands."""

    pack: ThreatPack
    signs: int
    hosts: int
    incidents: tuple[str, ...]


@page
def show_packs(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """All packs that are in use."""
    del viewer
    folder, warning = choose_packs_folder()
    hosts = dict(
        StoredFinding.objects.filter(gone_at=None).order_by().values_list("pack").annotate(Count("host", distinct=True))
    )
    named = list(Incident.objects.filter(closed_at=None).values_list("name", "packs"))
    rows = [
        Row(
            each.pack, len(each.pack.indicators()), hosts.get(each.pack.name, 0),
            tuple(name for name, packs in named if each.pack.name in packs),
        )
        for each in load_packs(folder)
    ]  # fmt: skip
    return render(request, "console/rulebook/packs.html", {"rows": rows, "warning": warning, **_tell_set(folder)})


@page
def show_pack(request: HttpRequest, viewer: Viewer, name: str) -> HttpResponse:
    """One pack."""
    del viewer
    folder, warning = choose_packs_folder()
    if name not in list_packs(folder):
        raise WrongUse("there is no pack of this name", where=legible(name, 60), advice="the list shows them")
    loaded = load_packs(folder, (name,))[0]
    layers = [(layer, [_show(each) for each in getattr(loaded.pack, layer)]) for layer in LAYERS]
    context = {
        "loaded": loaded, "pack": loaded.pack, "layers": [each for each in layers if each[1]], "warning": warning,
        "attack": _list_attack(loaded.pack), "readme": _read_readme(loaded), **_find_hosts(name),
        **_tell_set(folder, name),
    }  # fmt: skip
    return render(request, "console/rulebook/pack.html", context)


def _show(indicator: Indicator) -> Sign:
    """What a sign looks for: the fields that say something."""
    told = ((field, getattr(indicator, field)) for field in indicator.__struct_fields__ if field not in _PLAIN)
    return Sign(indicator, tuple((field.replace("_", " "), _write(value)) for field, value in told if value))


def _write(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_write, value))
    fields = getattr(value, "__struct_fields__", None)
    if fields is None:
        return str(value)
    return " ".join(_write(getattr(value, field)) for field in fields)


def _list_attack(pack: ThreatPack) -> list[str]:
    """The ids of MITRE ATT&CK, of the pack and of its signs."""
    return sorted({*pack.attack, *(each for sign in pack.indicators() for each in sign.attack)})


def _find_hosts(name: str) -> dict[str, Any]:
    """The hosts with an open finding of it, those with the most first."""
    rows = StoredFinding.objects.filter(pack=name, gone_at=None)
    numbers = rows.order_by().values("host").annotate(number=Count("pk"))
    shown = numbers.values_list("host", "host__label", "host__state", "number").order_by("-number", "host")
    return {"hosts": list(shown[:MOST_HOSTS]), "hosts_of": numbers.count()}


def _read_readme(loaded: LoadedPack) -> list[str]:
    if README not in loaded.files:
        return []
    text = read_bytes(Path(loaded.folder) / README, MOST_README).decode(errors="replace")
    return [legible(line) for line in text.splitlines()]


def _tell_set(folder: Path, name: str = "") -> dict[str, Any]:
    """Where the packs in use come from: an update that was signed, the tool itself, or a folder of somebody's own."""
    home = find_home()
    current = read_current(home) if home else None
    if current is None or current.folder != folder:
        return {"updated": None, "source": "", "folder": str(folder)}
    source = next((each.source for each in current.record.packs if each.name == name), "")
    return {"updated": current.record, "source": source, "folder": str(folder)}
