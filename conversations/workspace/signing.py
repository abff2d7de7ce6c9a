"""Signing in and out of the workspace, and its language."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from conversations import limits
from conversations.errors import TooManyRequests
from conversations.secrets import fingerprint

YEAR_S = 365 * 24 * 3600


class SignInForm(AuthenticationForm):
    """Email and password."""

    error_messages = {
        "invalid_login": _("That email and password do not match."),
        "inactive": _("This account is switched off."),
    }

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        """Check the password; after too many wrong ones it is not looked at. Only what was wrong is counted."""
        assert self.request is not None
        address, account = limits.address_of(self.request), fingerprint(self.cleaned_data.get("username", ""))
        tries = [
            ("sign-in", f"{account}:{address}"),
            ("sign-in-account", account),
            ("sign-in-address", address),
        ]
        try:
            for scope, who in tries:
                limits.check(scope, who)
            try:
                return super().clean()
            except ValidationError:
                for scope, who in tries:
                    limits.spend(scope, who)
                raise
        except TooManyRequests as error:
            raise ValidationError(str(error.text), code=error.code) from None


class SignIn(LoginView):
    """The sign-in page."""

    template_name = "workspace/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        is_too_often = form.has_error(NON_FIELD_ERRORS, TooManyRequests.code)
        return self.render_to_response(self.get_context_data(form=form), status=429 if is_too_often else 422)


class SignOut(LogoutView):
    """Ends the sign-in; by POST only."""


class ChangePassword(PasswordChangeView):
    """Changes one's own password; other places one is signed in at are signed out."""

    template_name = "workspace/password.html"
    success_url = "/workspace/"

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password is changed."))
        return super().form_valid(form)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and go back."""
    back = request.POST.get("next", "/workspace/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/workspace/"
    response = HttpResponseRedirect(back)
    language = request.POST.get("language", "en")
    if language in {"en", "ko"}:
        response.set_cookie("django_language", language, max_age=YEAR_S, samesite="Lax")
    return response
