"""The console as an ASGI application; headquarters must be open."""

from typing import cast

from django.core.asgi import get_asgi_application

from codered_hq.console.bodies import Application, Bodies

application = Bodies(cast(Application, get_asgi_application()))
