"""disable_service: the links that switch a service on go, and a link that masks it comes where its name is free. A
running systemd is told to read its units again and to stop it.
"""

import os

from codered.model.plan import Action, LinksState
from codered.model.target import Target
from codered.remediate.service_links import links_of, read_links, remember_link, return_links, set_links
from codered.remediate.systemd import tell_systemd
from codered.remediate.vault import Vault

says = "switch the service off; its links can be put back"


def state(action: Action, target: Target) -> LinksState:
    """The links as they are now. Some done and the others as expected is half-way, which counts as not yet begun."""
    before, after = links_of(action)
    now = read_links(before, target)
    known = zip(now.links, before.links, after.links, strict=True)
    if now != after and all(link in (old, new) for link, old, new in known):
        return before
    return now


def outcome(action: Action) -> LinksState:
    """The links as the plan wants them. Raises ChangeFailed if it does not say."""
    return links_of(action)[1]


def back_up(action: Action, target: Target, vault: Vault) -> str:
    """Remember each link and its folder; the backup's name. Raises OSError, ChangeFailed."""
    before, _ = links_of(action)
    return vault.keep_links(action, tuple(remember_link(link, target) for link in before.links))


def change(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Take links away, put the mask in place; what systemd had to say. Raises OSError, ChangeFailed."""
    vault.read_links(backup)
    set_links(action, target)
    return tell_systemd(target, _name_units(action, links_of(action)[0]))


def undo(action: Action, target: Target, vault: Vault, backup: str) -> str:
    """Put every link and the times of its folder back; what could not come back. Raises OSError, ChangeFailed."""
    return_links(action, vault.read_links(backup), target)
    return tell_systemd(target)


def _name_units(action: Action, links: LinksState) -> set[str]:
    """The unit and, of a template, the instances that links name; of an init script the unit systemd makes of it."""
    paths = [action.path, *(link.path for link in links.links)]
    names = {os.fsdecode(os.path.basename(path.to_bytes())) for path in paths}
    return {name if "." in name else f"{name}.service" for name in names}
