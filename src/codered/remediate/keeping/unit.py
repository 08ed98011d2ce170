"""The unit of a containment that survives a reboot: it stands again before the network is there, and is kept."""

import os
import sys
from pathlib import Path

from codered.remediate.at_boot import quote_word
from codered.remediate.keeping.starting import python_command

_TEXT = """\
# Written by codered for containment {name}; it goes when that ends. `codered contain off {name}` removes it too.
[Unit]
Description=Containment of this host ({name})
DefaultDependencies=no
After=local-fs.target systemd-remount-fs.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
RequiresMountsFor={places}

[Service]
Type=notify
Environment={state}
ExecStart={command}
Restart=on-failure
RestartSec=1

[Install]
WantedBy=multi-user.target
"""


def name_unit(name: str) -> str:
    """The file name of the unit of this containment."""
    return f"codered-contain-{name}.service"


def make_unit_text(name: str, state: Path) -> bytes:
    """The unit that keeps this containment from the start of the host on. Raises Refused if a path can't be written in
    a unit.
    """
    words = [*python_command("codered"), "contain", "keep", name]
    return _TEXT.format(
        name=name,
        places=f"{quote_word(str(state))} {quote_word(os.path.dirname(sys.executable))}",
        state=quote_word(f"CODERED_STATE={state}"),
        command=" ".join([quote_word(words[0]), *(quote_word(word, command=True) for word in words[1:])]),
    ).encode()
