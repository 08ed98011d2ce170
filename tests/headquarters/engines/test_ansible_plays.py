"""What ansible is given: no name, address or variable of a host is a pattern, an option or a template."""

import json
import string

from hypothesis import given
from hypothesis import strategies as st

from codered_hq.config import AnsibleConfig
from codered_hq.engines.ansible_plays import HOST_VARIABLES, make_ask_play, make_inventory, why_unfit
from codered_hq.engines.host_script import Order
from codered_hq.model.engine import EngineHost, Program, Task


def test_addresses_and_variables_that_say_more_than_they_should_are_unfit() -> None:
    fit = {"ansible_user": "deploy", "ansible_port": "2222", "ansible_become": "true"}
    assert why_unfit(EngineHost(name="x", address="2001:db8::1", variables=fit)) == ""
    for address in ("", "-oProxyCommand=x", "a b", "{{ x }}", "a;b", "a\n", "é", "h" * 300):
        assert why_unfit(EngineHost(name="x", address=address))
    for name, value in (
        ("ansible_connection", "local"),
        ("ansible_user", "{{x}}"),
        ("ansible_port", "22 -o"),
        ("a", ""),
    ):
        assert name in why_unfit(EngineHost(name="x", address="a", variables={name: value}))


@given(st.text(max_size=30), st.sampled_from(sorted(HOST_VARIABLES)))
def test_no_template_gets_through(text: str, name: str) -> None:
    host = EngineHost(name="x", address=text, variables={name: text})
    if not why_unfit(host):
        assert not set(text) & set("{}%#'\"\n$;&|<>` \t") - ({"$"} if name == "ansible_user" else set())
        assert set(text) <= set(string.printable)


def test_the_inventory_names_hosts_itself_checks_keys_and_marks_all_text_as_data() -> None:
    config = AnsibleConfig(known_hosts="/k", private_key="/p", variables={"ansible_timeout": "{{ x }}"})
    hosts = {"h0": EngineHost(name="*:!{{ x }}", address="192.0.2.1", variables={"ansible_user": "u"})}
    made = make_inventory(hosts, config, {"codered_inputs": "/i"})
    assert "*:!" not in json.dumps(made)
    assert made["all"]["hosts"] == {
        "h0": {"ansible_host": {"__ansible_unsafe": "192.0.2.1"}, "ansible_user": {"__ansible_unsafe": "u"}}
    }
    shared = made["all"]["vars"]
    assert shared["ansible_timeout"] == {"__ansible_unsafe": "{{ x }}"}
    assert shared["ansible_port"] == 22
    words = shared["ansible_ssh_common_args"]["__ansible_unsafe"]
    assert "StrictHostKeyChecking=yes" in words
    assert 'UserKnownHostsFile="/k"' in words


def test_a_play_is_one_task_whose_command_line_holds_nothing_of_the_input() -> None:
    program = Program(path="/p", sha256="0" * 64, size=1)
    task = Task(id="t", program=program, arguments=("answer",), inputs={"a": b"secret"})
    (play,) = make_ask_play(Order(task=task, mode="run", inputs=task.inputs), "/var/lib/x")
    (asked,) = play["tasks"]
    assert play["gather_facts"] is False
    assert "answer" in asked["ansible.builtin.command"]["argv"]
    assert "secret" not in json.dumps(play)
