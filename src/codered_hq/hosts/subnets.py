"""Which subnet an address is in, and what is documented of it."""

from bisect import bisect_right
from collections.abc import Iterable

from codered_hq.hosts.models import Host, Owner, Subnet
from codered_hq.hosts.numbers import to_number


class SubnetIndex:
    """The known subnets, ready to be asked thousands of times. The narrowest one that holds an address is its."""

    def __init__(self, subnets: Iterable[Subnet]) -> None:
        # Widest first where several begin alike: walking back from an address meets the narrowest first.
        self._subnets = sorted(subnets, key=lambda each: (each.first, _flipped(each.last)))
        self._firsts = [each.first for each in self._subnets]
        self._reach: list[str] = []  # the largest last address up to here: where walking back may end
        for each in self._subnets:
            self._reach.append(max(each.last, self._reach[-1]) if self._reach else each.last)

    def find(self, address: str) -> Subnet | None:
        """The subnet of an address. Raises ValueError for what is no address."""
        return self.find_number(to_number(address))

    def find_number(self, number: str) -> Subnet | None:
        """The subnet of an address, by its number."""
        place = bisect_right(self._firsts, number) - 1
        while place >= 0 and self._reach[place] >= number:
            if self._subnets[place].last >= number:
                return self._subnets[place]
            place -= 1
        return None

    def find_all(self, number: str) -> list[Subnet]:
        """Every subnet that holds an address, by its number, the narrowest first."""
        place = bisect_right(self._firsts, number) - 1
        found = []
        while place >= 0 and self._reach[place] >= number:
            if self._subnets[place].last >= number:
                found.append(self._subnets[place])
            place -= 1
        return found


def find_owner(host: Host, subnet: Subnet | None) -> Owner | None:
    """Who answers for a host: its owner, else that of the subnet it is in."""
    return host.owner or (subnet.owner if subnet else None)


def read_subnets(documented_only: bool = False) -> SubnetIndex:
    """An index over the subnets in the database, as they are now."""
    found = Subnet.objects.select_related("zone", "owner")
    return SubnetIndex(found.filter(documented=True) if documented_only else found)


def _flipped(number: str) -> int:
    return -int(number, 16)
