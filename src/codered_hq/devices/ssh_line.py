"""One ssh connection to a router: a command as a list of words, its answer. The device's key must be known already; no
agent, no keys but the one that is given, nothing interactive. Opened when it is needed, and again after it broke.
"""

import shlex
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from codered.model.errors import WrongUse
from codered_hq.config import DeviceConfig
from codered_hq.model.device import DeviceFailed, DeviceSilent

MOST_BYTES = 32 << 20
_PART = 1 << 16
_PAUSE = 0.005


class Said(NamedTuple):
    """What a command said, and its exit code."""

    code: int
    out: bytes
    error: str


def load_library() -> Any:  # noqa: ANN401 - it may be missing
    """The ssh library. Raises WrongUse if it is not installed."""
    try:
        import paramiko
    except ImportError:
        raise WrongUse("paramiko is not installed", where="ssh", advice="install codered-detect[devices]") from None
    return paramiko


def check_access(config: DeviceConfig) -> None:
    """Raises WrongUse if it cannot be meant so: without known keys, anybody in the way could be the device."""
    where = f"device {config.name}"
    if not config.user or not (config.password or config.private_key):
        raise WrongUse("ssh needs a user, and a password or private_key", where=where, advice="see headquarters.toml")
    if not config.known_hosts or not Path(config.known_hosts).is_file():
        raise WrongUse(
            "known_hosts names no file", where=where, advice="put the device's key there (ssh-keyscan, compared)"
        )


class SshLine:
    """Raises DeviceFailed from every method, DeviceSilent if nobody answers."""

    def __init__(self, config: DeviceConfig) -> None:
        check_access(config)
        self._config = config
        self._library = load_library()
        self._client: Any = None

    def run(self, words: Sequence[str], given: bytes = b"") -> Said:
        """Run a command on the device and wait for its end."""
        client = self._client or self._connect()
        try:
            channel = client.get_transport().open_session(timeout=self._config.seconds)
            channel.settimeout(self._config.seconds)
            channel.exec_command(shlex.join(words))
            channel.sendall(given)
            channel.shutdown_write()
            return self._read(channel)
        except (self._library.SSHException, OSError, EOFError) as error:
            self.close()
            raise self.fail(f"ssh: the line broke ({str(error)[:200] or type(error).__name__})") from None

    def demand(self, words: Sequence[str], given: bytes = b"") -> bytes:
        """What it says. Raises DeviceFailed with its complaint if it did not do it."""
        said = self.run(words, given)
        if said.code:
            raise self.fail(
                f"{words[0]}: {said.error.strip().splitlines()[0][:200] if said.error.strip() else said.code}"
            )
        return said.out

    def _read(self, channel: Any) -> Said:  # noqa: ANN401 - of the optional library
        out, error = bytearray(), bytearray()
        until = time.monotonic() + max(20.0, self._config.seconds * 4)
        while True:
            ended = channel.exit_status_ready() or channel.closed  # asked first: what came until then is read below
            while channel.recv_ready():
                out += channel.recv(_PART)
            while channel.recv_stderr_ready():
                error += channel.recv_stderr(_PART)
            if len(out) + len(error) > MOST_BYTES or time.monotonic() > until:
                channel.close()
                self.close()
                raise self.fail("ssh: a command that does not end, or says too much")
            if ended and not channel.recv_ready() and (channel.eof_received or channel.closed):
                return Said(channel.recv_exit_status(), bytes(out), error.decode("utf-8", "replace"))
            time.sleep(_PAUSE)

    def _connect(self) -> Any:  # noqa: ANN401
        library, config = self._library, self._config
        client = library.SSHClient()
        client.load_host_keys(config.known_hosts)
        client.set_missing_host_key_policy(library.RejectPolicy())
        try:
            client.connect(
                config.address, port=config.port or 22, username=config.user, password=config.password or None,
                key_filename=config.private_key or None, allow_agent=False, look_for_keys=False,
                timeout=config.seconds, banner_timeout=config.seconds, auth_timeout=config.seconds,
            )  # fmt: skip
        except (library.SSHException, OSError, EOFError) as error:
            client.close()
            silent = isinstance(error, OSError) and not isinstance(error, library.SSHException)
            what = f"ssh: {str(error)[:200] or type(error).__name__}"
            raise self.fail(what, DeviceSilent if silent else DeviceFailed) from None
        self._client = client
        return client

    def fail(self, what: str, kind: type[DeviceFailed] = DeviceFailed) -> DeviceFailed:
        """The failure with the name of the device."""
        return kind(f"{self._config.name}: {what}")

    def close(self) -> None:
        """End the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None
