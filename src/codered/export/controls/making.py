"""Controls for what was asked: one explicit table of who makes which."""

from collections.abc import Callable
from functools import partial

from codered.export.controls.devices import make_device_control
from codered.export.controls.openc2 import make_openc2_control
from codered.export.controls.orders import LISTED, CheckedOrder, Control, ControlsOrder, Platform, check_order
from codered.export.controls.rate_limits import make_rate_control
from codered.export.controls.windows_hosts import make_nt4_control, make_old_windows_control, make_windows_control
from codered.model.errors import WrongUse

Maker = Callable[[CheckedOrder], Control]

_MAKERS: dict[Platform, Maker] = {
    **{platform: partial(make_device_control, platform) for platform in LISTED},
    "openc2": make_openc2_control,
    "cisco_rate": partial(make_rate_control, "cisco_rate"),
    "juniper_rate": partial(make_rate_control, "juniper_rate"),
    "nftables_rate": partial(make_rate_control, "nftables_rate"),
    "windows": make_windows_control,
    "windows_2003": partial(make_old_windows_control, "windows_2003"),
    "windows_2000": partial(make_old_windows_control, "windows_2000"),
    "windows_nt4": make_nt4_control,
}
_ON_THE_HOST: frozenset[Platform] = frozenset(["windows", "windows_2003", "windows_2000"])


def make_controls(order: ControlsOrder) -> tuple[Control, ...]:
    """A control for each platform asked for, in that order. Raises WrongUse for what can't stand in one, and
    CoverageIncomplete for lists that Aerleon can't write or is not there to write.
    """
    checked = check_order(order)
    platforms = tuple(dict.fromkeys(order.platforms))
    if not (checked.infected or checked.attackers) and not _ON_THE_HOST.issuperset(platforms):
        advice = "name a report with findings, or --address"
        raise WrongUse("no address that controls could be about", advice=advice)
    return tuple(_MAKERS[platform](checked) for platform in platforms)
