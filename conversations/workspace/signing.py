"""Signing in and out of the workspace, and its language."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
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


class SignIn(LoginView):
    """The sign-in page; ten tries a minute from one address, and for one account."""

    template_name = "workspace/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            limits.spend("sign-in", limits.address_of(request))
            limits.spend("sign-in", fingerprint(request.POST.get("username", "").strip().lower()))
        except TooManyRequests as error:
            form = self.get_form()
            form.add_error(None, str(error.text))
            return self.render_to_response(self.get_context_data(form=form), status=429)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


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
