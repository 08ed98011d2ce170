"""upgrade_package: the system's package manager brings a package to the version with the fix. The packages that change
with it are fetched in their old versions first, into the vault, so that undoing installs them again.
"""

import os
import tempfile

from codered.model.plan import Action, PackageState
from codered.model.target import Target
from codered.remediate.file_state import ChangeFailed, Spot, open_regular, state_of_descriptor
from codered.remediate.package_programs import PackageProgram, choose_program, list_fetched
from codered.remediate.vault import Vault
from codered.remediate.vault_records import KeptPackage, PackageBefore

_MOST_NAMES = 8
says = "upgrade; the version before is kept and can be installed again, unless the plan says otherwise"


def state(action: Action, target: Target) -> PackageState:  # noqa: ARG001 - one shape for all actions
    """The package as it is now. Half-way between the two versions counts as not yet begun. Raises ChangeFailed."""
    before, after = _states_of(action)
    version, whole = choose_program(before.manager).read_version(before)
    if not whole and version in (before.version, after.version):
        return before
    return PackageState(manager=before.manager, name=before.name, architecture=before.architecture, version=version)


def outcome(action: Action) -> PackageState:
    """The package at the version with the fix. Raises ChangeFailed if the plan does not say."""
    return _states_of(action)[1]


def back_up(action: Action, target: Target, vault: Vault) -> str:  # noqa: ARG001 - one shape for all actions
    """Fetch what will change in its old version; the backup's name. Raises ChangeFailed if it can't be had, OSError."""
    before, after = _states_of(action)
    kept: tuple[KeptPackage, ...] = ()
    new: tuple[PackageState, ...] = ()
    if action.undoable:
        manager = choose_program(before.manager)
        changes = manager.list_changes(after)
        kept = tuple(_keep(manager, one, vault) for one in changes if one.version)
        new = tuple(one for one in changes if not one.version)
        if before.name not in {one.package.name for one in kept}:
            raise ChangeFailed("the version before can't be kept any more: make a new plan")
    return vault.keep_package(PackageBefore(action=action.id, package=before, kept=kept, new=new))


def change(action: Action, target: Target, vault: Vault, backup: str) -> None:  # noqa: ARG001 - one shape for all
    """Upgrade. Raises ChangeFailed, OSError."""
    vault.read_package(backup)
    before, after = _states_of(action)
    log = vault.open_log(action)
    try:
        choose_program(before.manager).upgrade(after, log)
    finally:
        os.close(log)


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:  # noqa: ARG001 - one shape for all
    """Install the old versions again; what could not come back. What came new with the upgrade stays, and is said:
    something else may need it by now. Raises ChangeFailed, OSError.
    """
    before, _ = _states_of(action)
    manager = choose_program(before.manager)
    record = vault.read_package(backup)
    log = vault.open_log(action)
    try:
        with tempfile.TemporaryDirectory(prefix="codered-") as folder:
            for number, one in enumerate(record.kept):
                _write_out(one, os.path.join(folder, f"{number}{one.ending}"), vault)
            manager.reinstall(list_fetched(folder), log)
    finally:
        os.close(log)
    names = [one.name for one in record.new if manager.read_version(one)[0]]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"what came new with it stays: {', '.join(names[:_MOST_NAMES])}{more}" if names else ""


def _keep(manager: PackageProgram, package: PackageState, vault: Vault) -> KeptPackage:
    """The file of a package in its old version, into the vault."""
    with tempfile.TemporaryDirectory(prefix="codered-") as folder:
        manager.fetch(package, folder)
        found = list_fetched(folder)
        if len(found) != 1:
            raise ChangeFailed(f"{package.name} {package.version} could not be fetched")
        dir_fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fd = open_regular(Spot(dir_fd, os.fsencode(os.path.basename(found[0]))))
        finally:
            os.close(dir_fd)
        try:
            content = state_of_descriptor(fd)
            vault.keep_content(fd, content)
        finally:
            os.close(fd)
    return KeptPackage(package=package, content=content, ending=os.path.splitext(found[0])[1])


def _write_out(kept: KeptPackage, path: str, vault: Vault) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        vault.copy_out(kept.content, fd)
    finally:
        os.close(fd)


def _states_of(action: Action) -> tuple[PackageState, PackageState]:
    before, after = action.expects, action.upgrade
    if not isinstance(before, PackageState) or after is None:
        raise ChangeFailed("the plan does not say what the package becomes")
    return before, after
