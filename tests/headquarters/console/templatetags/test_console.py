"""Words, numbers, times and states as the console's pages show them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template

AT = datetime(2001, 7, 19, 14, 5, tzinfo=UTC)
HOSTILE = "<script>x</script>"


def show(template: str, **named: object) -> str:
    return Template("{% load console %}" + template).render(Context(named)).strip()


@pytest.mark.parametrize(
    ("template", "value", "shown"),
    [
        ("{{ x|word }}", "not_reached", "not reached"),
        ("{{ x|word }}", "", "–"),
        ("{{ x|number }}", 50_000, "50,000"),
        ("{{ x|number }}", HOSTILE, "&lt;script&gt;x&lt;/script&gt;"),
        ("{{ x|moment }}", AT, '<time datetime="2001-07-19T14:05:00Z">2001-07-19 14:05 UTC</time>'),
        ("{{ x|moment }}", None, "–"),
        ("{{ x|seconds_word }}", 20, "20 s"),
        ("{{ x|seconds_word }}", 260, "4 min"),
        ("{{ x|seconds_word }}", -7500, "2 h 5 min"),
        ("{{ x|seconds_word }}", 300_000, "3 days"),
        ("{{ x|seconds_word }}", HOSTILE, "–"),
        ("{{ x|cut_tlp }}", "AMBER+STRICT", "AMBER"),
    ],
)
def test_read_by_people(template: str, value: object, shown: str) -> None:
    assert show(template, x=value) == shown


def test_a_state_is_never_a_colour_alone() -> None:
    assert show("{% badge x %}", x="infected") == '<span class="badge is-bad state-infected">infected</span>'
    assert show("{% badge x text='in place' %}", x="holding") == (
        '<span class="badge is-held state-holding">in place</span>'
    )
    assert ">in place<" in show("{% badge x %}", x="holding")
    assert show("{{ x|state_word }}, {{ y|state_word }}", x="taken", y="not_reached") == "carried out, not reached"
    assert "unknown" in show("{% badge x %}", x="")
    assert "<script>" not in show("{% badge x %}", x=HOSTILE)
    assert "severity" in show("{% badge x 'severity' %}", x="high")


@pytest.mark.parametrize(
    ("left", "told", "name"),
    [
        (timedelta(hours=2), "in 2 h 0 min", ""),
        (timedelta(seconds=250), "in 4 min", "soon"),
        (-timedelta(minutes=3), "3 min late", "late"),
    ],
)
def test_time_left_needs_no_script(left: timedelta, told: str, name: str) -> None:
    shown = show("{% countdown until at %}", until=AT + left, at=AT)
    assert told in shown
    assert f'data-until="{int((AT + left).timestamp())}"' in shown
    assert name in shown
    assert show("{% countdown until at %}", until=None, at=AT) == "–"
