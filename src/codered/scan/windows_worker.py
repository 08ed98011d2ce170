"""A worker's part in what a Windows system is set to do: its registry, what starts by itself, its web server."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from codered.collect.iis import collect_iis
from codered.collect.registry import open_registry
from codered.collect.windows.pack_settings import collect_pack_settings
from codered.collect.windows.system import identify_windows
from codered.detect.iis import find_leads as find_leads_of_iis
from codered.detect.iis import judge_iis
from codered.detect.settings import judge_settings
from codered.model.finding import Finding, Layer
from codered.model.registry import HiveSeen, Registry
from codered.model.ruleset import RuleSet
from codered.model.target import Target
from codered.model.windows import WindowsSystem
from codered.scan.request import ScanRequest
from codered.scan.tasks import Collected, Counted, Done, LiveTask, MemoryTask
from codered.scan.windows_leads import find_files, find_leads
from codered.scan.windows_patches import look_at_windows_patches
from codered.scan.windows_persistence import Windows, look_at_windows_accounts, look_at_windows_autostart
from codered.targets.windows_names import canonical_windows_path

REGISTRY = "registry"
SETTINGS = "settings that packs know"
IIS = "web server configuration"
NO_IIS = "no IIS: neither its settings in the registry nor a configuration of it is there"
REPLAYED = "was not written out to the end: its transaction logs were applied to a copy of it"
_BROKEN = {
    "dirty": "was not written out to the end, and no transaction log could be applied: what it says may be old",
    "carved": "is corrupt: what is left of it was searched for, and more may have been in it",
    "unreadable": "can't be read",
}


class WindowsWorker:
    """Serves the live tasks of a Windows system. Its registry is opened at the first task, and kept."""

    def __init__(self, target: Target, rules: RuleSet, request: ScanRequest) -> None:
        self._target = target
        self._rules = rules
        self._request = request
        self._opened: Registry | None = None
        self._identified: WindowsSystem | None = None
        self._kinds: dict[Collected, Callable[[int], Done]] = {
            "settings": self._look_at_settings,
            "autostart": self._look_at_autostart,
            "accounts": self._look_at_accounts,
            "iis": self._look_at_iis,
            "patches": self._look_at_patches,
        }

    def serve(self, task: LiveTask | MemoryTask) -> Done:
        """The answer to one task. Raises TypeError for one that is not about settings."""
        if isinstance(task, MemoryTask) or task.what not in self._kinds:
            raise TypeError(f"not a task for a Windows system that does not run: {task}")
        return self._kinds[task.what](task.number)

    @property
    def _registry(self) -> Registry:
        if self._opened is None:
            self._opened = open_registry(self._target)
        return self._opened

    @property
    def _system(self) -> WindowsSystem:
        if self._identified is None:
            self._identified = identify_windows(self._target, self._registry)
        return self._identified

    def _look_at_settings(self, number: int) -> Done:
        signs = [sign for loaded in self._rules.packs for sign in loaded.pack.settings]
        seen = collect_pack_settings(self._target, self._registry, signs)
        findings = judge_settings(seen.settings, self._rules.packs)
        system = self._system
        counted = [Counted("settings", SETTINGS, count=seen.asked)]
        counted += _count_unread("settings", SETTINGS, seen.unread)
        counted += count_hives(self._registry)  # last: what reading brought to light
        return self._done(number, findings, counted, system)

    def _look_at_iis(self, number: int) -> Done:
        seen = collect_iis(self._target, self._registry)
        findings = judge_iis(seen, self._rules, canonical_windows_path)
        counted = [Counted("settings", IIS, count=len(seen.directories) + len(seen.items))]
        counted += _count_unread("settings", IIS, (*seen.unread, *seen.undetermined))
        if not (seen.version or seen.files or seen.directories or seen.unread):
            counted = [Counted("settings", IIS, "skipped", NO_IIS)]
        done = self._done(number, findings, counted)
        folders = find_leads_of_iis(seen, findings)
        if self._target.info.kind == "live_windows":  # elsewhere all folders are walked
            folders += seen.logs
        return replace(done, leads=[*done.leads, *find_files(folders, self._target)])

    def _look_at_autostart(self, number: int) -> Done:
        windows = Windows(self._target, self._registry, self._system)
        return look_at_windows_autostart(number, windows, self._rules, self._request)

    def _look_at_accounts(self, number: int) -> Done:
        return look_at_windows_accounts(number, Windows(self._target, self._registry, self._system), self._rules)

    def _look_at_patches(self, number: int) -> Done:
        return look_at_windows_patches(number, self._target, self._registry, self._system, self._rules.packs)

    def _done(
        self, number: int, findings: Iterable[Finding], counted: list[Counted], system: WindowsSystem | None = None
    ) -> Done:
        found = list(findings)
        leads = find_leads(found, self._target)
        return Done(number, found, counted=counted, leads=leads, windows=system)


def count_hives(registry: Registry) -> Iterator[Counted]:
    """Every hive and how it was read; what could not be is a gap."""
    told: set[str] = set()
    for hive in registry.hives:
        name = _name_hive(hive)
        if hive.state in _BROKEN:
            told.add(hive.root)
            notes = f" ({'; '.join(hive.notes)})" if hive.notes and hive.state != "unreadable" else ""
            why = f"a hive {_BROKEN[hive.state]}{notes}"
            if hive.state == "unreadable":
                why = f"a hive can't be read: {_reason(hive, registry)}"
            yield Counted("settings", REGISTRY, "failed", why, example=name)
        else:
            why = f"a hive {REPLAYED}" if hive.state == "replayed" else ""
            yield Counted("settings", REGISTRY, why=why, example=name)
    for where, why in registry.unread():
        if where not in told:
            yield Counted("settings", REGISTRY, "failed", why, example=where)


def _reason(hive: HiveSeen, registry: Registry) -> str:
    reasons = [why for where, why in registry.unread() if where == hive.root] or list(hive.notes)
    return reasons[0] if reasons else "nothing in it could be made out"


def _name_hive(hive: HiveSeen) -> str:
    place = hive.shown or (hive.path.text if hive.path else "")
    return f"{hive.root} ({place})" if place else hive.root


def _count_unread(layer: Layer, where: str, unread: Iterable[tuple[str, str]]) -> list[Counted]:
    return [Counted(layer, where, "failed", why, example=name) for name, why in unread]
