"""Your apps: the tokens with which apps act as one, made, shown once, and taken away."""

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from conversations.access import AgentRequest, agents_only
from conversations.actions.personal_tokens import NAME_CHARS, make_token, revoke_token
from conversations.errors import InvalidContent, NotFound
from conversations.models import PersonalToken, User
from conversations.workspace.told import told

# How long a token holds, in days; empty is until it is taken away.
LENGTHS = (
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("1 year")),
    ("", gettext_lazy("Until I take it away")),
)


class TokenForm(forms.Form):
    """A name, how long it holds, and the password: a page that was left open makes no token for somebody else."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=NAME_CHARS)
    days = forms.ChoiceField(label=gettext_lazy("Holds for"), choices=LENGTHS, required=False, initial="90")
    password = forms.CharField(label=gettext_lazy("Your password"), widget=forms.PasswordInput, max_length=4096)

    def __init__(self, user: User, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # the data, or nothing
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your password."))
        return password


@require_http_methods(["GET", "HEAD", "POST"])
@agents_only
def apps(request: AgentRequest) -> HttpResponse:
    """Show the viewer's apps, or make a token: its secret is in this answer alone."""
    if request.method != "POST":
        return _page(request, TokenForm(request.user))
    form = TokenForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    days = form.cleaned_data["days"]
    expires_at = timezone.now() + timedelta(days=int(days)) if days else None
    try:
        token, secret = make_token(user=request.user, name=form.cleaned_data["name"], expires_at=expires_at)
    except InvalidContent as error:
        form.add_error("name", str(error.text))
        return _page(request, form, status=422)
    response = _page(request, TokenForm(request.user), made=token, secret=secret, status=201)
    response["Cache-Control"] = "no-store"
    return response


def _page(request: HttpRequest, form: TokenForm, *, status: int = 200, **more: object) -> HttpResponse:
    tokens = PersonalToken.objects.filter(user=form.user).order_by("-pk")
    return render(request, "workspace/apps.html", {"form": form, "tokens": tokens, **more}, status=status)


@require_POST
@agents_only
def revoke(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take one of the viewer's tokens away; answers with the page."""
    token = PersonalToken.objects.select_related("user").filter(user=request.user, public_id=public_id).first()
    if token is None:
        raise NotFound
    name = str(token)
    revoke_token(token=token)
    page = _page(request, TokenForm(request.user), gone=name)
    return told(page, _("Taken away: %(name)s") % {"name": name})
