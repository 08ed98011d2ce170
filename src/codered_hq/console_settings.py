"""Django's settings for the console and its server: those of the words, and what a browser needs. `codered serve` says
by two variables under which names it is reached:

    CODERED_CONSOLE_NAMES    host names and addresses, with commas between them; loopback is always one
    CODERED_CONSOLE_ORIGIN   https://NAME of the proxy before it, if there is one

A browser keeps cookies by name, whatever the port: of two consoles on one machine (a drill's beside the real one) one
has CODERED_CONSOLE_COOKIES, a word (letters, digits, . _ -) that its cookies are named after.
"""

import os
import re
from typing import Any
from urllib.parse import urlsplit

from codered_hq.config import headquarters_folder, read_config
from codered_hq.settings import *  # noqa: F403
from codered_hq.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [
    *_APPS,
    "codered_hq.console",  # before allauth: our templates are found first
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
ROOT_URLCONF = "codered_hq.console.urls"
ASGI_APPLICATION = "codered_hq.console.asgi.application"
MIDDLEWARE = [
    "codered_hq.console.headers.Headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "codered_hq.console.statics.Statics",
    "codered_hq.console.away.Away",
    "codered_hq.console.away.Sessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "codered_hq.console.entry.Entry",
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
                "codered_hq.console.frame.frame",
            ],
            "builtins": ["codered_hq.console.templatetags.carrying"],
        },
    }
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "codered_hq.console.statics.HashedFiles"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Under which names
_ORIGIN = os.environ.get("CODERED_CONSOLE_ORIGIN", "")
_NAMES = [name for name in os.environ.get("CODERED_CONSOLE_NAMES", "").split(",") if name]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *_NAMES, *filter(None, [urlsplit(_ORIGIN).hostname])]
CSRF_TRUSTED_ORIGINS = [_ORIGIN] if _ORIGIN else []

# Cookies and sessions. They are in the database, so that an administrator can end them; it is written when somebody
# signs in or chooses another incident, not at each look. What is said once ("messages") goes by a cookie of its own.
_COOKIES = re.sub(r"[^A-Za-z0-9._-]", "", os.environ.get("CODERED_CONSOLE_COOKIES", ""))[:80]
SESSION_COOKIE_NAME = "__Host-session" + (f"-{_COOKIES}" if _COOKIES else "")
CSRF_COOKIE_NAME = "__Host-csrf" + (f"-{_COOKIES}" if _COOKIES else "")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # Strict: a link in a notice would find nobody signed in
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
CSRF_FAILURE_VIEW = "codered_hq.console.failing.show_forged"

# What a browser may do with our pages
SECURE_HSTS_SECONDS = 365 * 86400
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# What somebody may send; codered_hq.console.bodies ends longer ones before they are kept
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

# Signing in: user name and password, then always a second factor; accounts come from invitations alone
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "codered_hq.console.signing_in.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/account/login/"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_ADAPTER = "codered_hq.console.signing_in.Factors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "CodeRed headquarters"
MFA_FORMS = {
    "authenticate": "codered_hq.console.codes.CodeForm",
    "reauthenticate": "codered_hq.console.codes.CodeAgainForm",
    "activate_totp": "codered_hq.console.codes.AppForm",
}
MFA_TOTP_TOLERANCE = 1  # clocks of phones: half a minute more on each side
PASSWORD_HASHERS = [  # scrypt: of those in Python itself, the one that costs memory too
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_CHECKS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_CHECKS}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_CHECKS}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_CHECKS}.CommonPasswordValidator"},
]

# Providers of identities that headquarters.toml names; an account is joined to one by its owner, once signed in
if _OIDC := read_config(headquarters_folder()).oidc:
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    SOCIALACCOUNT_ADAPTER = "codered_hq.console.providers.Providers"
    SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
    SOCIALACCOUNT_LOGIN_ON_GET = True  # a form that leads elsewhere is what the CSP forbids
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": f"oidc-{number}",
                    "name": each.name,
                    "client_id": each.client_id,
                    "secret": each.client_secret,
                    "settings": {"server_url": each.issuer},
                }
                for number, each in enumerate(_OIDC)
            ]
        }
    }
