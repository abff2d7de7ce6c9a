"""What happened: the event log, and the facts that one reader could not take in."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations import relay
from conversations.console import CountlessPaginator, ReadOnly
from conversations.events import FACTS
from conversations.models import Contact, Conversation, DeadFact, Event, User
from conversations.trail import WHOLE, change_words, changes_told, fact_words, others_told, subject_words

ACTORS = {
    "contact": _("Customer"),
    "agent": _("Team member"),
    "bot": _("AI agent"),
    "system": _("System"),
    "api": _("API"),
    "rule": _("Rule"),
    "side": _("Side conversation"),
}
MAX_NAMED = 200


class KindOfFact(admin.SimpleListFilter):
    """Choices from the code: asking the log for its distinct types would read all of it."""

    title = _("what happened")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, fact_words(kind)) for kind in sorted(FACTS)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(type=self.value()) if self.value() else queryset


class WhoDidIt(admin.SimpleListFilter):
    """Kinds of actors, as `conversations.events.Actor` names them."""

    title = _("who")
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(ACTORS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(actor_kind=self.value()) if self.value() else queryset


class Since(admin.SimpleListFilter):
    """How far back. Found by walking back from the newest row, so that a long log costs no more than what is shown."""

    title = _("when")
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("1", _("Last 24 hours")), ("7", _("Last 7 days")), ("30", _("Last 30 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        if self.value() not in {"1", "7", "30"}:
            return queryset
        since = timezone.now() - timedelta(days=int(str(self.value())))
        older = Event.objects.filter(created_at__lt=since).order_by("-pk").values_list("pk", flat=True)[:1]
        return queryset.filter(pk__gt=older[0]) if older else queryset


class EventList(ChangeList):
    """A page of the log whose rows know the names behind their ids. Three queries a page, however long it is."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        name_rows(rows)
        self.result_list = rows


def name_rows(events: list[Event]) -> None:
    """Set on each event `who` and `thread` (a public id): three queries."""
    ids = {event.actor_id for event in events if event.actor_id}
    names = dict(User.objects.filter(public_id__in=ids).values_list("public_id", "name"))
    names |= {contact.public_id: str(contact) for contact in Contact.objects.filter(public_id__in=ids)}
    conversation_ids = {event.conversation_id for event in events if event.conversation_id}
    threads = dict(Conversation.objects.filter(pk__in=conversation_ids).values_list("pk", "public_id"))
    for event in events:
        named: Any = event
        named.who = names.get(event.actor_id, "")
        named.thread = threads.get(event.conversation_id or 0, "")


@admin.register(Event)
class EventPage(ReadOnly):
    """The event log: everything that happened, newest first."""

    intro = _("Everything that happened, newest first. It can be read and filtered, and never changed.")
    empty = _("Nothing is here. Clear the filters, or wait until something happens.")
    list_display = ("what", "who", "conversation", "when")
    list_filter = (KindOfFact, WhoDidIt, Since)
    search_fields = ("conversation_id",)
    search_help_text = _("A conversation's id, or the name or email of a customer.")
    fields = ("what", "when", "who", "conversation", "kind", "position", "contents")
    readonly_fields = fields
    ordering = ("-pk",)
    sortable_by = ()
    list_per_page = 50
    paginator = CountlessPaginator

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EventList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Event | None:
        event: Event | None = super().get_object(request, object_id, from_field)
        if event:
            name_rows([event])
        return event

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the facts of a conversation, or of a customer's conversations: both by an index."""
        term = search_term.strip()
        if not term:
            return queryset, False
        own = Conversation.objects.filter(brand_id__in=self.brands(request))
        found = list(own.filter(public_id=term).values_list("pk", flat=True))
        if not found:
            people = Contact.objects.filter(brand_id__in=self.brands(request))
            known = people.filter(name__icontains=term) | people.filter(email__icontains=term)
            contact_ids = list(known.values_list("pk", flat=True)[:MAX_NAMED])
            found = list(own.filter(contact_id__in=contact_ids).values_list("pk", flat=True)[:MAX_NAMED])
        return queryset.filter(conversation_id__in=found), False

    @admin.display(description=_("what happened"))
    def what(self, event: Event) -> str:
        if event.type == "configuration.changed":
            return f"{fact_words(event.type)}: {subject_words(event.payload)}, {change_words(event.payload)}"
        return fact_words(event.type)

    @admin.display(description=_("who"))
    def who(self, event: Any) -> str:
        kind = str(ACTORS.get(event.actor_kind, event.actor_kind))
        return f"{event.who} ({kind})" if event.who else kind

    @admin.display(description=_("conversation"), empty_value="")
    def conversation(self, event: Any) -> str:
        if not event.thread:
            return ""
        url = reverse("routing:inbox", args=["open", event.thread])
        return format_html('<a class="link" href="{}">{}</a>', url, gettext("Open in the workspace"))

    @admin.display(description=_("when"))
    def when(self, event: Event) -> str:
        return date_format(timezone.localtime(event.created_at), "DATETIME_FORMAT")

    def title_of(self, row: Event) -> str:
        return self.what(row)

    @admin.display(description=_("kind"))
    def kind(self, event: Event) -> str:
        return format_html('<code class="mono">{}</code>', event.type)

    @admin.display(description=_("contents"))
    def contents(self, event: Event) -> str:
        if event.type == "configuration.changed":
            return self.changes(event)
        rows = (
            (name, ", ".join(map(str, value)) if isinstance(value, list) else ("–" if value in ("", None) else value))
            for name, value in event.payload.items()
        )
        return format_html('<dl class="facts">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))

    def changes(self, event: Event) -> str:
        """Show each field before and after, and what else was changed."""
        payload = event.payload
        rows = [(label, f"{before} → {after}") for label, before, after in changes_told(payload)]
        if payload["change"] in WHOLE or not rows:
            rows.append((subject_words(payload), change_words(payload)))
        elif others := others_told(payload):
            rows.append((gettext("also changed"), ", ".join(others)))
        return format_html('<dl class="facts">{}</dl>', format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))


@admin.register(DeadFact)
class DeadFactPage(ReadOnly):
    """Facts that one reader could not take in; run them again once the cause is gone."""

    intro = _(
        "When one part of Madang cannot do its share of the work after many tries, that work is set aside here so that"
        " the rest goes on. Once the cause is gone, choose it and 'Run again'."
    )
    called = (_("piece of failed work"), _("work that failed"))
    empty = _("Nothing failed. There is nothing to do here.")
    brand_path = "event__brand_id"
    list_display = ("fact", "reader", "error", "created_at", "resolved_at")
    list_filter = ("reader",)
    list_select_related = ("event",)
    fields = ("fact", "reader", "error", "created_at", "resolved_at")
    readonly_fields = fields
    actions = ("run_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).order_by("-pk")

    def title_of(self, row: DeadFact) -> str:
        return self.fact(row)

    @admin.display(description=_("what happened"))
    def fact(self, dead: DeadFact) -> str:
        return fact_words(dead.event.type)

    @admin.action(description=_("Run again"), permissions=["view"])
    def run_again(self, request: HttpRequest, queryset: QuerySet[DeadFact]) -> None:
        for dead in queryset.filter(resolved_at=None).select_related("event"):
            try:
                relay.run_again(dead)
            except Exception as error:
                # Whatever a reaction raises is what the admin asked to see; the fact stays set aside.
                messages.error(request, f"{dead.reader}: {error!r}")
            else:
                messages.success(request, _("%(reader)s has taken it in.") % {"reader": dead.reader})
