"""Django's settings for the words of headquarters; what a site may choose is in headquarters.toml (codered_hq.config).
The console's stand on top of them: codered_hq.console_settings.
"""

from typing import Any

from codered_hq.config import headquarters_folder, make_databases, read_config, read_console_secret

_FOLDER = headquarters_folder()
DATABASES: dict[str, dict[str, Any]] = make_databases(read_config(_FOLDER), _FOLDER)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "codered_hq.hosts",
    "codered_hq.sweeps",
    "codered_hq.ledger",
    "codered_hq.incidents",
    "codered_hq.accounts",
    "codered_hq.gate",
    "codered_hq.fleet",
    "codered_hq.containment",
    "codered_hq.drills",
]
SECRET_KEY = read_console_secret(_FOLDER)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING_CONFIG = None  # talk is ours: codered.cli.output
