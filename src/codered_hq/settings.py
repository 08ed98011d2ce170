"""Django's settings; what a site may choose is in headquarters.toml (codered_hq.config)."""

import secrets
from typing import Any

from codered_hq.config import headquarters_folder, make_databases, read_config

_FOLDER = headquarters_folder()
DATABASES: dict[str, dict[str, Any]] = make_databases(read_config(_FOLDER), _FOLDER)
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "codered_hq.hosts",
    "codered_hq.sweeps",
    "codered_hq.ledger",
    "codered_hq.incidents",
    "codered_hq.gate",
    "codered_hq.fleet",
    "codered_hq.containment",
]
ROOT_URLCONF = "codered_hq.urls"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
SECRET_KEY = secrets.token_urlsafe(48)  # nothing outlives the process yet that is signed with it
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING_CONFIG = None  # talk is ours: codered.cli.output
