"""Providers of identities: named in headquarters.toml, they open accounts that were joined to them, no others."""

import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.command import SOURCE

ROOT = Path(__file__).parents[3]

ASK = """
import time
from codered_hq.opening import open_headquarters
open_headquarters("codered_hq.console_settings")
from allauth.core import context
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from django.test.utils import setup_test_environment
from django.urls import reverse
from codered_hq.ledger.models import LedgerEntry
from tests.fixtures.console_desk import make_account, make_person, sign_in
setup_test_environment()
settings.ALLOWED_HOSTS.append("testserver")
print(type(get_adapter()).__name__, get_adapter().is_open_for_signup(None, None))
page = Client().get("/account/login/").content.decode()
print(reverse("openid_connect_login", args=["oidc-0"]) in page, "Corp &lt;SSO&gt;" in page, "very-secret" in page)

def come(uid, process="login", user=None):
    account = SocialAccount(provider="oidc-0", uid=uid)
    provider = get_adapter().get_provider(RequestFactory().get("/"), "oidc-0")
    login = SocialLogin(user=User(username="cora", email="cora@corp.example"), account=account, provider=provider)
    login.state = {"process": process}
    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), user or AnonymousUser()
    request._messages = FallbackStorage(request)
    if user:
        request.session["account_authentication_methods_user"] = str(user.pk)
        request.session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
    with context.request_context(request):
        answer = complete_social_login(request, login)
    return answer, request

account = make_account(make_person("Cora", "incident_commander"))
account.user.set_password("correct horse battery")
account.user.save()
answer, request = come("stranger-1")
told = answer.content.decode()
print(answer.status_code, "No account here" in told, request.user.is_authenticated, User.objects.count())
answer, request = come("cora-1", "connect", account.user)
print(answer.headers["Location"], SocialAccount.objects.get().user)
print(LedgerEntry.objects.filter(what__contains="Cora joined his account to Corp <SSO>").count())
answer, request = come("cora-1")
print(answer.headers["Location"], request.user.is_authenticated)
cora = sign_in(Client(), account.person)
page = cora.get("/account/providers/").content.decode()
print("Corp &lt;SSO&gt;: cora-1" in page, page.count("<h1"))
number = SocialAccount.objects.get().pk
print(sign_in(Client(), make_person("Nora")).post("/account/providers/", {"account": number}).status_code, end=" ")
print(SocialAccount.objects.count(), cora.post("/account/providers/", {"account": number}).status_code, end=" ")
print(SocialAccount.objects.count(), LedgerEntry.objects.filter(what__contains="Cora parted").count())
ends = ("cancelled", "failed", "signup", "nosuch")
print(*[Client().get(f"/account/providers/{end}/").status_code for end in ends])
failed = Client().get("/account/providers/failed/").content.decode()
print("Third" in failed, Client().get("/account/providers/").status_code)
"""


def test_a_provider_is_offered_and_lets_no_stranger_in(headquarters: Path) -> None:
    headquarters.mkdir(mode=0o700)
    place = headquarters / "headquarters.toml"
    place.write_text(
        '[[oidc]]\nname = "Corp <SSO>"\nissuer = "https://sso.corp.example"\nclient_id = "codered"\n'
        'client_secret = "very-secret"\n'
    )
    place.chmod(0o600)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(SOURCE), str(ROOT)))}
    done = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        "Providers False", "True True False",
        "200 True False 1",  # a stranger, who calls himself as somebody here does
        "/account/providers/ cora", "1",
        "/account/factors/authenticate/ False",  # whose account was joined shows his second factor, too
        "True 1",
        "200 1 302 0 1",  # nobody parts another's
        "200 401 302 404", "False 302",
    ], done.stderr  # fmt: skip
