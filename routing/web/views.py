"""Web forms: pages for customers, which any website may embed. They need neither script nor cookie."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from conversations.errors import Blocked, ConversationsError, NotFound, TooManyRequests
from conversations.limits import address_of, spend
from conversations.secrets import new_token
from routing.actions.opening import MAX_FILES, Written, send_form
from routing.errors import FormRefused
from routing.models import TicketForm
from routing.queries.custom_fields import public_fields_of, web_form
from routing.queries.ratings import survey_path_of
from routing.web.inputs import inputs_of

SALT = "web-form"
TOKEN_S = 24 * 60 * 60
# Nobody sees it, and no keyboard reaches it: what fills it in is no person.
TRAP = "website"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors *"
)


# A website's frame sends no cookie of ours: what a form sends is told to be its own by the signed token in it.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a form, or take what somebody wrote into it. `?lang=` chooses the language."""
    form = _form(public_id)
    with override(_language(request, form)):
        if request.method != "POST":
            answer = _page(request, form)
            add_never_cache_headers(answer)
            return answer
        answer = _take(request, form)
        # Whoever goes back to what was refused finds it, with what they wrote: a browser asks for it in vain.
        answer["Cache-Control"] = "private, max-age=0"
        return answer


@never_cache
@require_safe
def sent(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say that it arrived, with the ticket's number where the address carries one of ours, and once it is asked, how to
    rate what was done.
    """
    form = _form(public_id)
    try:
        number = signing.loads(request.GET.get("n", ""), salt=f"{SALT}-{public_id}")
    except signing.BadSignature:
        number = None
    language = _language(request, form)
    with override(language):
        again = f"{reverse('forms:form', args=[public_id])}?lang={language}"
        survey = survey_path_of(form.brand_id, number) if number else ""
        return _answer(request, "routing/web/sent.html", form, {"number": number, "again": again, "survey": survey})


def _take(request: HttpRequest, form: TicketForm) -> HttpResponse:
    address = address_of(request)
    try:
        spend("form", address)
    except TooManyRequests as error:
        return _page(request, form, said=error, status=error.status)
    language = _language(request, form)
    done = f"{reverse('forms:sent', args=[form.public_id])}?lang={language}"
    if request.POST.get(TRAP):
        return HttpResponseRedirect(done, status=303)
    token = _token_in(request, form)
    if token is None:
        late = ConversationsError(gettext("This page was open for a long time. Please send it once more."))
        return _page(request, form, said=late, status=422)
    try:
        ticket = send_form(form=form, written=_written(request, language), token=token, caller=address)
    except FormRefused as error:
        errors = {each.field: each for each in reversed(error.refused)}
        return _page(request, form, errors=errors, said=error, token=request.POST["token"], status=422)
    except Blocked as error:
        return _answer(request, "routing/web/sent.html", form, {"refused": error.text}, status=error.status)
    number = signing.dumps(ticket.number, salt=f"{SALT}-{form.public_id}")
    return HttpResponseRedirect(f"{done}&n={number}", status=303)


def _written(request: HttpRequest, language: str) -> Written:
    given = request.POST
    return Written(
        **{name: given.get(name, "").replace("\r\n", "\n") for name in ("name", "email", "subject", "text")},
        values={name.removeprefix("field:"): given[name] for name in given if name.startswith("field:")},
        files=[file for file in request.FILES.getlist("files") if file],
        language=language,
    )


def _token_in(request: HttpRequest, form: TicketForm) -> str | None:
    """Give the token that a page of this form was given within a day, or None."""
    try:
        page, token = signing.loads(request.POST.get("token", ""), salt=SALT, max_age=TOKEN_S)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return str(token) if page == form.public_id else None


def _page(
    request: HttpRequest,
    form: TicketForm,
    *,
    errors: dict[str, ConversationsError] | None = None,
    said: ConversationsError | None = None,
    token: str = "",
    status: int = 200,
) -> HttpResponse:
    inputs = inputs_of(public_fields_of(form), request.POST, errors or {}, _language(request, form))
    context = {
        "inputs": inputs,
        "wrong": [each for each in inputs if each.error],
        "files_error": (errors or {}).get("files"),
        "said": said,
        "token": token or signing.dumps([form.public_id, new_token()], salt=SALT),
        "trap": TRAP,
        "max_files": MAX_FILES,
        "language": _language(request, form),
    }
    return _answer(request, "routing/web/form.html", form, context, status=status)


def _answer(
    request: HttpRequest, template: str, form: TicketForm, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    language = _language(request, form)
    said = {"form": form, "heading": form.title_in(language), "intro": form.intro_in(language)}
    response = render(request, template, {**said, **context}, status=status)
    response["Content-Security-Policy"] = POLICY
    response["Referrer-Policy"] = "no-referrer"
    response.xframe_options_exempt = True  # frame-ancestors above says who may
    return response


def _form(public_id: str) -> TicketForm:
    try:
        return web_form(public_id)
    except NotFound:
        raise Http404 from None


def _language(request: HttpRequest, form: TicketForm) -> str:
    """Give the language asked for, or the first one of the browser's that there is, or the brand's."""
    known = dict(settings.LANGUAGES)
    wishes = [request.GET.get("lang", ""), *request.headers.get("Accept-Language", "").split(",")[:20]]
    for wish in (*wishes, form.brand.locale):
        tag = wish.split(";")[0].strip().lower().split("-")[0]
        if tag in known:
            return tag
    return str(settings.LANGUAGE_CODE)
