"""What ansible is given: an inventory whose names are ours alone, and plays of as few tasks as can be.

A host is h0, h1, …: its real name is hostile and would be a pattern or a template. Addresses and variables are let
through only in forms that can't be an option of ssh or a template.
"""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from codered_hq.config import AnsibleConfig
from codered_hq.engines.host_script import Order, read_script
from codered_hq.model.engine import EngineHost

HOST_VARIABLES = {
    "ansible_user": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63}\$?"),
    "ansible_port": re.compile(r"[1-9][0-9]{0,4}"),
    "ansible_become": re.compile(r"true|false"),
    "ansible_become_user": re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}"),
    "ansible_become_method": re.compile(r"sudo|su|doas"),
    "ansible_python_interpreter": re.compile(r"/[A-Za-z0-9_./-]{1,200}|python3(\.\d{1,2})?"),
    "ansible_ssh_private_key_file": re.compile(r"/[A-Za-z0-9_./ -]{1,300}"),
}
Play = list[dict[str, Any]]
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})")
_INPUT = "{{ lookup('ansible.builtin.file', codered_inputs ~ '/' ~ inventory_hostname) }}"


def why_unfit(host: EngineHost) -> str:
    """Why this host can't be given to ansible, or ""."""
    try:
        ipaddress.ip_address(host.address)
    except ValueError:
        if not _NAME.fullmatch(host.address):
            return "its address is neither an IP address nor a host name"
    for name, value in host.variables.items():
        form = HOST_VARIABLES.get(name)
        if form is None:
            return f"the variable {name} is not one that a host may set"
        if not form.fullmatch(value):
            return f"the variable {name} has a value that is not let through"
    return ""


def make_inventory(hosts: Mapping[str, EngineHost], config: AnsibleConfig, common: Mapping[str, Any]) -> dict[str, Any]:
    """The inventory. Every text in it is marked as data, never a template."""
    known = f' -o UserKnownHostsFile="{config.known_hosts}" -o GlobalKnownHostsFile=none' if config.known_hosts else ""
    shared: dict[str, Any] = {
        "ansible_connection": "ssh",
        "ansible_user": config.user,
        "ansible_port": config.port,
        "ansible_become": config.become,
        "ansible_python_interpreter": "python3",
        "ansible_ssh_common_args": "-o StrictHostKeyChecking=yes -o UpdateHostKeys=no" + known,
    }
    if config.private_key:
        shared["ansible_ssh_private_key_file"] = config.private_key
        shared["ansible_ssh_extra_args"] = "-o IdentitiesOnly=yes"
    if not config.become:
        shared["ansible_remote_tmp"] = f"{config.folder}/arriving"
    shared |= {**config.variables, **common}
    each = {name: {"ansible_host": host.address, **host.variables} for name, host in hosts.items()}
    marked = {name: _mark(variables) for name, variables in each.items()}
    return {"all": {"hosts": marked, "vars": _mark(shared)}}


def make_ask_play(order: Order, folder: str) -> Play:
    """One task: the script, with the host's input on its stdin. Nothing of the input is on a command line."""
    words = ["/bin/sh", "-c", read_script(), "codered", *order.arguments(folder, "-")]
    task: dict[str, Any] = {"ansible.builtin.command": {"argv": words, "stdin": _INPUT}, "changed_when": False}
    return _make_play(task, order.task.seconds + 60)


def make_bring_play(script: str, order: Order, folder: str) -> Play:
    """One task: the script with the program at its end is sent there and started."""
    words = " ".join(["{{ codered_script | quote }}", *order.arguments(folder, str(order.task.program.size))])
    task = {"ansible.builtin.script": {"cmd": words, "executable": "/bin/sh"}, "vars": {"codered_script": script}}
    return _make_play(task, order.task.seconds + 60)


def _make_play(task: dict[str, Any], seconds: float) -> Play:
    play = {"name": "codered", "hosts": "all", "gather_facts": False, "any_errors_fatal": False, "strategy": "free"}
    return [play | {"tasks": [{"name": "codered", "timeout": round(seconds), **task}]}]


def _mark(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"__ansible_unsafe": one} if isinstance(one, str) else one for name, one in variables.items()}
