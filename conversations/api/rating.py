"""The page of a rating, for whoever has its address: without a script, a sign-in or the messenger."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from conversations import limits
from conversations.actions.ratings import COMMENT_CHARS, answer_rating
from conversations.content.points import words_of
from conversations.errors import ConversationsError, InvalidContent
from conversations.incoming import number_in
from conversations.models import Message
from conversations.tokens import message_of_rating_token

# Worst first.
FACES = {2: ("frown", "smile"), 3: ("frown", "meh", "smile"), 5: ("frown", "frown2", "meh", "smile", "grin")}


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponse:
    """Show the question with what was answered so far, or take an answer in."""
    message = _message(token)
    if request.method != "POST":
        return _page(request, message)
    try:
        limits.spend("address", limits.address_of(request))
        answered = answer_rating(
            message=message,
            score=number_in(request.POST.get("score", "")) or 0,
            reasons=request.POST.getlist("reasons")[:10],
            comment=request.POST.get("comment", ""),
            by=message.conversation.contact,
        )
    except ConversationsError as error:
        if isinstance(error, InvalidContent) and error.field == "score":
            error = InvalidContent(_("Choose one."), field="score")
        return _page(request, message, error=error)
    return _page(request, answered, is_saved=True)


def _message(token: str) -> Message:
    found = Message.objects.select_related("conversation__contact", "conversation__brand")
    message = found.filter(public_id=message_of_rating_token(token)).first()
    if message is None or message.content["type"] != "rating":
        raise Http404
    return message


def _page(
    request: HttpRequest, message: Message, *, error: ConversationsError | None = None, is_saved: bool = False
) -> HttpResponse:
    asked = message.content
    answer = asked.get("answer") or {}
    given = cast("dict[str, object]", answer)
    if error and request.method == "POST":
        reasons = request.POST.getlist("reasons")
        given = {"score": number_in(request.POST.get("score", "")), "reasons": reasons}
        given["comment"] = request.POST.get("comment", "")
    context = {
        "asked": asked,
        "brand": message.conversation.brand,
        "look": asked.get("look", "faces"),
        "points": [
            (score, word, face)
            for score, (word, face) in enumerate(
                zip(words_of(asked["scale"], asked.get("words", ())), FACES[asked["scale"]], strict=True), start=1
            )
        ],
        "given": given,
        "error": error,
        "is_saved": is_saved,
        "limit": COMMENT_CHARS,
    }
    response = render(request, "conversations/rate.html", context, status=error.status if error else 200)
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
