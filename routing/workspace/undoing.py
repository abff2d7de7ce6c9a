"""Taking back what was done to one ticket or to many at once."""

from collections.abc import Sequence
from typing import Any

from django.core import signing
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from conversations.access import AgentRequest, agents_only
from conversations.errors import ConversationsError, NotFound
from conversations.events import Actor
from conversations.models import User
from conversations.permissions import Permission
from routing import queries
from routing.actions.many import Changed, restore_ticket

SALT = "routing.undo"
# Longer than any toast shows; shorter than a day's work.
VALID_S = 3600


def undo_token(user: User, done: Sequence[Changed]) -> str:
    """Give what takes these changes back: signed, for this person only, for an hour."""
    rows = [(changed.ticket.public_id, changed.before, changed.after) for changed in done]
    return signing.dumps({"user": user.pk, "rows": rows}, salt=SALT, compress=True)


def _rows(user: User, token: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    try:
        kept = signing.loads(token, salt=SALT, max_age=VALID_S)
    except signing.BadSignature:
        raise NotFound from None
    if kept["user"] != user.pk:
        raise NotFound
    return [(row[0], row[1], row[2]) for row in kept["rows"]]


@require_POST
@agents_only
def undo(request: AgentRequest) -> HttpResponse:
    """Set each ticket back as far as nobody changed it since; answers JSON with the words to say."""
    rows = _rows(request.user, request.POST.get("token", ""))
    names = [name for name, _before, _after in rows]
    found = {each.public_id: each for each in queries.tickets_for_viewer(request.viewer, names)}
    kept = 0
    for name, before, after in rows:
        ticket = found.get(name)
        if ticket is None:
            raise NotFound
        request.require(ticket.brand_id, Permission.CHANGE_TICKETS)
        try:
            kept += not restore_ticket(ticket=ticket, before=before, after=after, by=Actor.of_user(request.user))
        except ConversationsError:
            kept += 1
    text = _("Taken back.")
    if kept:
        also = ngettext("%(n)s was changed since and stays.", "%(n)s were changed since and stay.", kept)
        text = f"{text} {also % {'n': kept}}"
    return JsonResponse({"text": text})
