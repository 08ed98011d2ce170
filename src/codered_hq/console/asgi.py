"""The console as an ASGI application; headquarters must be open."""

from django.core.asgi import get_asgi_application

application = get_asgi_application()
