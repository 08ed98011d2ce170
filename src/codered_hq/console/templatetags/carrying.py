"""Forms that act carry the incident that their page shows (built in: settings name this library)."""

from typing import Final

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString

from codered_hq.console.viewing import SHOWN

register: Final = template.Library()


class _Carried(CsrfTokenNode):
    """Django's own field, and beside it the name of the incident."""

    def render(self, context: Context) -> SafeString:
        """The hidden fields; without an incident, Django's alone."""
        field = super().render(context)
        name = getattr(context.get("incident"), "name", "") if context.get("viewer") else ""
        shown = format_html('<input type="hidden" name="{}" value="{}">', SHOWN, name) if name else ""
        return format_html("{}{}", field, shown)


@register.tag("csrf_token")
def carry(parser: Parser, token: Token) -> _Carried:  # noqa: ARG001 - as Django calls it
    """In place of Django's tag: no form can forget it."""
    return _Carried()
