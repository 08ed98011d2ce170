"""The web servers of all machines: one process, which listens in many namespaces."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lab import services
from lab.namespaces import run_words
from lab.plan import ANSWERS, Enterprise, Machine, read_answers


def make_certificate(folder: Path) -> None:
    """Key and certificate of those that speak TLS, in `folder`/web."""
    home = folder / "web"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    words += ["-days", "3650", "-subj", "/CN=secure.corp.example", "-keyout", f"{home}/key"]
    run_words([*words, "-out", f"{home}/certificate"])


def give_servers(folder: Path, enterprise: Enterprise, namespace: Callable[[str], str]) -> list[str]:
    """The command line of the process; what each machine answers is written to `folder`/web/farm.json."""
    home = folder / "web"
    farms = [_give_farm(one, namespace(one.name)) for one in enterprise.machines if one.personality]
    settings = {
        "log": f"{folder}/logs/requests.jsonl",
        "certificate": f"{home}/certificate",
        "key": f"{home}/key",
    }
    (home / "farm.json").write_text(json.dumps({**settings, "answers": str(ANSWERS), "farms": farms}))
    return [services.PYTHON, str(Path(__file__).with_name("web_server.py")), str(home / "farm.json")]


def _give_farm(machine: Machine, namespace: str) -> dict[str, Any]:
    answer = read_answers()[machine.personality]
    return {
        "namespace": f"/run/netns/{namespace}",
        "port": answer.get("port", 80),
        "tls": answer.get("tls", False),
        "default": machine.personality,
        "addresses": dict(machine.more),
    }
