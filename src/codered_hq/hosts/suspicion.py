"""Where a host looked infected from outside: only a look at the machine that has this address clears it of that."""

from codered_hq.hosts.models import Host, Identifier


def note_suspicion(host: Host, address: str) -> None:
    """Remember at which address a host that is suspect, or cut off, looked infected."""
    known = Host.objects.select_for_update().get(pk=host.pk)
    if known.state in ("suspect", "contained") and address not in known.suspected_at:
        known.suspected_at = [*known.suspected_at, address]
        known.save(update_fields=["suspected_at"])


def is_suspected(host: Host) -> bool:
    """Whether it looked infected from outside and that is not settled. Call it within a transaction."""
    return bool(Host.objects.select_for_update().get(pk=host.pk).suspected_at)


def settle_suspicion(host: Host, asked: str) -> bool:
    """Whether a whole clean look at the machine that was asked at this address leaves nothing suspected elsewhere. An
    address that the host's own card has left for another one does not count any more.
    """
    known = Host.objects.select_for_update().get(pk=host.pk)
    left = [address for address in known.suspected_at if address != asked and not _has_left(known, address)]
    if left != known.suspected_at:
        known.suspected_at = left
        known.save(update_fields=["suspected_at"])
    return not left


def _has_left(host: Host, address: str) -> bool:
    use = host.addresses.filter(address=address, current=False).exclude(mac="").first()
    if use is None or not Identifier.objects.filter(host=host, kind="mac", value=use.mac, shared=False).exists():
        return False
    return bool(host.addresses.filter(mac=use.mac, current=True).exists())
