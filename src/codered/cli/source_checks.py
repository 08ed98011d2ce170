"""Where known-good files are to come from, checked before anything starts: shared by `plan` and `respond`."""

import os
from typing import Protocol

from codered.cli.running import existing_path
from codered.model.errors import WrongUse


class Sources(Protocol):
    """What `source_options` of `cli.options` gave."""

    @property
    def baseline(self) -> str | None:
        """A file."""
        ...

    @property
    def restore_from(self) -> str | None:
        """A folder or a file."""
        ...

    @property
    def packages(self) -> tuple[str, ...]:
        """Folders."""
        ...

    @property
    def keyring(self) -> str | None:
        """A file."""
        ...

    @property
    def lists(self) -> str | None:
        """A folder."""
        ...


def refuse_missing_sources(asked: Sources) -> None:
    """Raises WrongUse for a source that is not there, or is a file where a folder is wanted, or the other way round."""
    if asked.restore_from:
        existing_path(asked.restore_from)
    for option, name in (("--keyring", asked.keyring), ("--baseline", asked.baseline)):
        if name and os.path.isdir(existing_path(name)):
            raise WrongUse("is a folder", where=name, advice=f"{option} takes a file")
    for option, name in (*(("--packages", folder) for folder in asked.packages), ("--lists", asked.lists)):
        if name and not os.path.isdir(existing_path(name)):
            raise WrongUse("is no folder", where=name, advice=f"{option} takes a folder")
