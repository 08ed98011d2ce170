"""Providers of identities: named in headquarters.toml, they open accounts that were joined to them, no others."""

import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.command import SOURCE

ASK = """
from codered_hq.opening import open_headquarters
open_headquarters("codered_hq.console_settings")
from allauth.socialaccount.adapter import get_adapter
from django.test import Client
from django.urls import reverse
from django.test.utils import setup_test_environment
setup_test_environment()
print(type(get_adapter()).__name__, get_adapter().is_open_for_signup(None, None))
page = Client().get("/account/login/").content.decode()
print(reverse("openid_connect_login", args=["oidc-0"]) in page, "Corp &lt;SSO&gt;" in page, "very-secret" in page)
"""


def test_a_provider_is_offered_and_lets_no_stranger_in(headquarters: Path) -> None:
    headquarters.mkdir(mode=0o700)
    place = headquarters / "headquarters.toml"
    place.write_text(
        '[[oidc]]\nname = "Corp <SSO>"\nissuer = "https://sso.corp.example"\nclient_id = "codered"\n'
        'client_secret = "very-secret"\n'
    )
    place.chmod(0o600)
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=os.environ | {"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["Providers False", "True True False"], done.stderr
