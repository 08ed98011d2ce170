"""disable_service: the links that switch a service on go, and a link that masks it comes where its name is free. A
running systemd is told to read its units again and to stop it.
"""

import os

from codered.model.plan import Action, LinksState
from codered.model.target import Target
from codered.remediate.file_state import ChangeFailed
from codered.remediate.service_links import read_links, remember_link, return_folder, return_link, set_link
from codered.remediate.systemd import tell_systemd
from codered.remediate.vault import Vault

says = "switch the service off; its links can be put back"


def state(action: Action, target: Target) -> LinksState:
    """The links as they are now. Some done and the others as expected is half-way, which counts as not yet begun."""
    before, after = _links_of(action)
    now = read_links(before, target)
    known = zip(now.links, before.links, after.links, strict=True)
    if now != after and all(link in (old, new) for link, old, new in known):
        return before
    return now


def outcome(action: Action) -> LinksState:
    """The links as the plan wants them. Raises ChangeFailed if it does not say."""
    return _links_of(action)[1]


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """Remember each link and its folder; the backup's name. Raises OSError, ChangeFailed."""
    before, _ = _links_of(action)
    return vault.keep_links(action, tuple(remember_link(link, target) for link in before.links))


def change(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Take links away, put the mask in place; what systemd had to say. Raises OSError, ChangeFailed."""
    vault.read_links(backup)
    before, after = _links_of(action)
    for old, new in zip(before.links, after.links, strict=True):
        set_link(old, new, target)
    return tell_systemd(target, _name_units(action, before))


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Put every link and the times of its folder back; what could not come back. Raises OSError, ChangeFailed."""
    _, after = _links_of(action)
    record = vault.read_links(backup)
    made = {link.path: link for link in after.links}
    for link in record.links:
        if link.path not in made:
            raise ChangeFailed("the vault remembers other links than the plan names")
        return_link(link, made[link.path], target)
    for link in record.links:
        return_folder(link, target)
    return tell_systemd(target)


def _links_of(action: Action) -> tuple[LinksState, LinksState]:
    before, after = action.expects, action.becomes
    if not isinstance(before, LinksState) or after is None:
        raise ChangeFailed("the plan does not say what the links become")
    if [link.path for link in before.links] != [link.path for link in after.links]:
        raise ChangeFailed("the plan does not say of every link what it becomes")
    return before, after


def _name_units(action: Action, links: LinksState) -> set[str]:
    """The unit and, of a template, the instances that links name; of an init script the unit systemd makes of it."""
    paths = [action.path, *(link.path for link in links.links)]
    names = {os.fsdecode(os.path.basename(path.to_bytes())) for path in paths}
    return {name if "." in name else f"{name}.service" for name in names}
