"""One ssh line: words arrive as they are, and a line that breaks is told and begun anew."""

from pathlib import Path

import msgspec
import pytest

from codered_hq.devices import ssh_line
from codered_hq.devices.ssh_line import SshLine
from codered_hq.model.device import DeviceFailed, DeviceSilent
from tests.fixtures.ssh_devices import running_ssh_device


def test_words_answers_and_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_ssh_device(tmp_path / "ssh") as config:
        line = SshLine(config)
        assert line.demand(["printf", "%s", "$(id); 'a' | b"]) == b"$(id); 'a' | b"
        assert line.demand(["cat"], b"x" * 300_000) == b"x" * 300_000
        said = line.run(["sh", "-c", "echo no >&2; exit 3"])
        assert (said.code, said.out, said.error) == (3, b"", "no\n")
        with pytest.raises(DeviceFailed, match="rt1: false: 1"):
            line.demand(["false"])
        with monkeypatch.context() as small:
            small.setattr(ssh_line, "MOST_BYTES", 1000)
            with pytest.raises(DeviceFailed, match="says too much"):
                line.demand(["cat"], b"x" * 300_000)
        assert line.demand(["echo", "anew"]) == b"anew\n"
        line._client.get_transport().close()
        with pytest.raises(DeviceFailed, match="the line broke"):
            line.demand(["true"])
        assert line.demand(["echo", "again"]) == b"again\n"
        line.close()
        with pytest.raises(DeviceFailed):
            SshLine(msgspec.structs.replace(config, password="another one")).demand(["true"])
    with pytest.raises(DeviceSilent):
        SshLine(config).demand(["true"])
