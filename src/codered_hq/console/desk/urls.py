"""Where the pages of this room are: signing in, one's own account, and the administrator's desk."""

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from codered_hq.console.desk import joining, outbox, overview, own, people, programs

PROVIDERS = own.find_providers()
_LOGIN = RedirectView.as_view(pattern_name="account_login")

urlpatterns: list[URLPattern | URLResolver] = [
    path("join/<str:secret>/", joining.show_invitation, name="join"),
    path("account/", own.show_account, name="own_account"),
    path("account/login/", account.LoginView.as_view(extra_context={"providers": PROVIDERS}), name="account_login"),
    path("account/logout/", own.sign_out, name="account_logout"),
    path("account/signup/", _LOGIN, name="account_signup"),  # allauth names it; there is none
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/again/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", own.change_password, name="account_change_password"),
    path("account/sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("account/factors/", factors.index, name="mfa_index"),
    path("account/factors/authenticate/", factors.authenticate, name="mfa_authenticate"),
    path("account/factors/again/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("account/factors/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/factors/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/factors/codes/make/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/factors/keys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/factors/keys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("account/factors/keys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("account/factors/keys/again/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/factors/keys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("account/factors/keys/<int:pk>/remove/", own.remove_passkey, name="mfa_remove_webauthn"),
    path("admin/", overview.show_desk, name="desk"),
    path("admin/accounts/", people.show_accounts, name="desk_accounts"),
    path("admin/accounts/invite/", people.invite_somebody, name="desk_invite"),
    path("admin/accounts/<int:pk>/disable/", people.disable_account, name="desk_disable"),
    path("admin/accounts/<int:pk>/reset/", people.reset_account, name="desk_reset"),
    path("admin/sessions/", people.show_sessions, name="desk_sessions"),
    path("admin/sessions/<int:pk>/end/", people.end_session, name="desk_end_session"),
    path("admin/programs/", programs.show_programs, name="desk_programs"),
    path("admin/programs/token/", programs.add_token, name="desk_token"),
    path("admin/programs/token/revoke/", programs.end_token, name="desk_token_revoke"),
    path("admin/programs/agent/", programs.enter_agent, name="desk_agent"),
    path("admin/programs/agent/revoke/", programs.end_agent, name="desk_agent_revoke"),
    path("admin/outbox/", outbox.show_outbox, name="desk_outbox"),
]
if apps.is_installed("allauth.socialaccount"):
    from allauth.socialaccount import views as providers

    urlpatterns += [
        path("account/providers/", providers.connections, name="socialaccount_connections"),
        path("account/providers/cancelled/", providers.login_cancelled, name="socialaccount_login_cancelled"),
        path("account/providers/failed/", providers.login_error, name="socialaccount_login_error"),
        path("account/providers/signup/", _LOGIN, name="socialaccount_signup"),  # allauth names it; there is none
        path("account/", include("allauth.socialaccount.providers.openid_connect.urls")),
    ]
