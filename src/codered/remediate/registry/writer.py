"""The running system's registry, as far as changing it goes."""

from typing import Protocol

from codered.model.plan import KeyState, RegistryPlace, ValueState
from codered.model.target import Target
from codered.remediate.file_state import ChangeFailed
from codered.remediate.registry.live import LiveWriter
from codered.remediate.registry.trees import KeptKey


class RegistryWriter(Protocol):
    """What `live.py` offers. Everything raises OSError, and ChangeFailed with what to do."""

    def read_state(self, place: RegistryPlace) -> ValueState | KeyState:
        """The value, or the key with all below it, as a plan expects them."""
        ...

    def read_value(self, place: RegistryPlace) -> ValueState:
        """The value, or that there is none."""
        ...

    def read_tree(self, place: RegistryPlace) -> tuple[KeptKey, ...]:
        """The key with all below it, keys by name and values by name in upper case; () = there is none."""
        ...

    def set_value(self, place: RegistryPlace, becomes: ValueState) -> None:
        """Write the value; its key is there."""
        ...

    def delete_value(self, place: RegistryPlace) -> None:
        """Take the value away."""
        ...

    def delete_key(self, place: RegistryPlace) -> None:
        """Take the key away with all below it."""
        ...

    def put_key(self, place: RegistryPlace, tree: tuple[KeptKey, ...]) -> None:
        """Put a key back with all below it; what of it is there already stays."""
        ...


def open_writer(target: Target) -> RegistryWriter:
    """The writer for a running Windows. Raises ChangeFailed where there is none."""
    if target.info.kind != "live_windows":
        raise ChangeFailed("this target has no running registry")
    return LiveWriter()
