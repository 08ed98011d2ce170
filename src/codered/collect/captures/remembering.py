"""A table that stays bounded whatever is put into it: what was touched least lately is forgotten, and counted."""

from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST_REMEMBERED = 1 << 17  # entries of a generation; there are two: about 60 MB for connections


class Remembered(Generic[Value]):
    """Values by key, in two generations: when the younger is full, the elder is forgotten. `forgotten` counts what is
    no longer known.
    """

    __slots__ = ("_elder", "_most", "_younger", "forgotten")

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._younger: dict[bytes, Value] = {}
        self._elder: dict[bytes, Value] = {}
        self.forgotten = 0

    def find(self, key: bytes) -> Value | None:
        """What is known under this key."""
        found = self._younger.get(key)
        if found is not None or not self._elder:
            return found
        found = self._elder.get(key)
        if found is not None:
            self.keep(key, found)
        return found

    def keep(self, key: bytes, value: Value) -> None:
        """Know this under the key from now on."""
        if len(self._younger) >= self._most and key not in self._younger:
            self.forgotten += sum(old not in self._younger for old in self._elder)
            self._elder, self._younger = self._younger, {}
        self._younger[key] = value
