"""A containment that survives a reboot: its systemd unit is written when it begins, and taken away when it ends."""

from codered import respond
from codered.cli.contain_orders import Wish
from codered.cli.output import say
from codered.model.errors import Refused
from codered.model.target import ChangeableTarget
from codered.monitor.unit import WatchUnit, install_unit, remove_unit
from codered.remediate.at_boot import check_boots
from codered.remediate.keeping.unit import make_unit_text, name_unit
from codered.remediate.systemd import tell_systemd


def check_survives(wish: Wish, target: ChangeableTarget) -> None:
    """Refuse what nobody would set again, or what would lock everybody out. Raises Refused."""
    check_boots(target)
    if wish.kind == "isolate_host" and not wish.order.management:
        what = "after a reboot your session is gone, and nobody could log in over the network"
        raise Refused(what, where="--survive-reboot", advice="name the network you come from: --allow CIDR")


def leave_unit(name: str, target: ChangeableTarget) -> None:
    """Write the unit; the containment stands in any case, so what fails is told. It starts with the host."""
    try:
        install_unit(_make_unit(name), target)
    except Refused as error:
        say(f"codered: it does not survive a reboot: {error.what}")
        return
    if said := tell_systemd(target):
        say(f"codered: {said}")


def take_unit_away(name: str, target: ChangeableTarget) -> None:
    """Remove the unit; what can't be removed is told."""
    try:
        remove_unit(_make_unit(name), target)
    except (OSError, Refused) as error:
        say(f"codered: its unit could not be removed: {error}")
    if said := tell_systemd(target):
        say(f"codered: {said}")


def _make_unit(name: str) -> WatchUnit:
    return WatchUnit(name_unit(name), make_unit_text(name, respond.state_folder()))
