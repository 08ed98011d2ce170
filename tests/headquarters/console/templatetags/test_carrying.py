"""Forms name the incident of their page, as words."""

from types import SimpleNamespace

from django.template import Context, Template

FORM = Template("{% csrf_token %}")


def test_the_incident_stands_beside_the_token_and_nowhere_else() -> None:
    shown = {"csrf_token": "t" * 64, "viewer": "Nora", "incident": SimpleNamespace(name='"><b>')}
    form = FORM.render(Context(shown))
    assert 'name="csrfmiddlewaretoken"' in form
    assert '<input type="hidden" name="shown_incident" value="&quot;&gt;&lt;b&gt;">' in form
    for missing in ("viewer", "incident"):
        assert "shown_incident" not in FORM.render(Context(shown | {missing: None}))
