"""The page of assignment: how a brand gives work to its agents. There is one for each brand, made by the first save."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from conversations.models import Brand
from conversations.permissions import Permission
from routing.actions.configuration import ABSENT, save_routing_config
from routing.admin.concerns import WarnedRows
from routing.decide.statuses import Availability
from routing.models import RoutingConfig, Ticket
from routing.models.queue import GONE

LOSES_OPENED = _("Statuses in which an agent loses work that the customer opens again. None: it stays with its agent.")
LETS_GO = _("Statuses whose choosing lets an agent's work go. An agent's status may also change by itself, see below.")
OF_ALL = _("None ticked: of all priorities.")
ABSENCES = [(each.value, each.label) for each in ABSENT]


def _checklist(
    label: Any, help_text: Any, choices: Any, coerce: Any = str, initial: Sequence[str] = ()
) -> forms.TypedMultipleChoiceField:
    """Give a list of values as boxes to tick; `initial` are ticked where nothing is saved yet."""
    return forms.TypedMultipleChoiceField(
        initial=initial,
        label=label,
        help_text=help_text,
        choices=choices,
        coerce=coerce,
        required=False,
        empty_value=[],
        widget=forms.CheckboxSelectMultiple,
    )


class AssignmentForm(forms.ModelForm[RoutingConfig]):
    """How a brand assigns work; lists of statuses and priorities are boxes to tick."""

    reassignment_reopened_tickets_messaging_statuses = _checklist(
        _("when the agent of a chat is"), LOSES_OPENED, Availability.choices, initial=GONE
    )
    reassignment_reopened_tickets_support_statuses = _checklist(
        _("when the agent of an email is"), LOSES_OPENED, Availability.choices, initial=GONE
    )
    reassignment_agent_status_change_messaging_agent_statuses = _checklist(
        _("chats when they become"), LETS_GO, Availability.choices, initial=GONE
    )
    reassignment_agent_status_change_messaging_ticket_priorities = _checklist(
        _("chats of these priorities"), OF_ALL, Ticket.Priority.choices, int
    )
    reassignment_agent_status_change_support_agent_statuses = _checklist(
        _("email when they become"), LETS_GO, Availability.choices, initial=GONE
    )
    reassignment_agent_status_change_support_ticket_priorities = _checklist(
        _("email of these priorities"), OF_ALL, Ticket.Priority.choices, int
    )
    idle_status = forms.ChoiceField(
        label=_("then they are"),
        choices=ABSENCES,
        initial=Availability.AWAY,
        help_text=_("What an agent becomes who was idle for so long; their work follows the rule above."),
    )
    disconnect_status = forms.ChoiceField(
        label=_("then they are"),
        choices=ABSENCES,
        initial=Availability.OFFLINE,
        help_text=_("What an agent becomes whose workspace is closed, or whose connection is lost."),
    )
    auto_idle_status = forms.ChoiceField(
        label=_("then they are"),
        choices=ABSENCES,
        initial=Availability.AWAY,
        help_text=_("What an agent becomes who let so many offers run out; one click brings them back."),
    )


@admin.register(RoutingConfig)
class AssignmentPage(WarnedRows[RoutingConfig]):
    """How work finds an agent."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _("How work finds an agent: who is chosen, whether they are asked, and what happens to work they leave.")
    empty = _("Nothing is assigned automatically yet: work waits until somebody takes it. Add the brand's assignment.")
    form = AssignmentForm
    may_delete = False
    list_display = (
        "brand",
        "enabled",
        "assignment_method",
        "auto_accept_messaging_enabled",
        "skills_enabled",
        "attention",
    )
    list_select_related = ("brand",)
    helps = {
        "assignment_method": _(
            "Most room first: whoever has most room left. In turn: whoever waits longest for work, whatever their room."
        ),
        "ticket_sorting_prioritize_sla": _(
            "Off: the highest priority first, then the longest wait. On: before both, what has to be answered soonest."
        ),
        "reassignment_messaging_enabled": _(
            "Off: a chat stays offered to the same agent until they accept or leave. It is never lost either way."
        ),
        "reassignment_messaging_timeout": _("From 5 to 3600. After that the chat is offered to the next one."),
        "reassignment_talk_timeout": _("From 5 to 3600. After that the call is offered to the next one."),
        "auto_idle_reassignments": _("From 1 to 20. What they accept or decline in between begins the count anew."),
        "skills_enabled": _("Off: skill rules are ignored, and work goes to whoever is free."),
        "skills_timeout_messaging": _("How long a chat waits for somebody who holds all the skills it requires."),
        "skills_timeout_support": _("How long email waits for somebody who holds all the skills it requires."),
        "skills_timeout_talk": _("How long a call waits for somebody who holds all the skills it requires."),
        "reassignment_reopened_tickets_enabled": _("Off: it always goes back to the agent who had it."),
        "reassignment_reopened_tickets_messaging_enabled": _(
            "Off: a chat or a call goes back to the agent who had it."
        ),
        "reassignment_reopened_tickets_support_enabled": _("Off: email goes back to the agent who had it."),
        "reassignment_agent_status_change_messaging_enabled": _("Off: who leaves keeps their chats and calls."),
        "reassignment_agent_status_change_support_enabled": _("Off: who leaves keeps their email."),
        "reassignment_agent_status_change_enabled": _(
            "Off: an agent who leaves keeps their work, and customers wait until they are back."
        ),
        "reassignment_through_queues_enabled": _("Off: work that is put back waits for its own group."),
        "transform_to_email_enabled": _("Off: a chat whose session ended takes no room until its customer writes."),
    }

    def get_fieldsets(self, request: HttpRequest, obj: RoutingConfig | None = None) -> Any:
        return (
            (None, {"fields": ("brand", "enabled")}),
            (
                _("Who gets it, and what comes first"),
                {
                    "fields": ("assignment_method", "ticket_sorting_prioritize_sla", "autorouting_tag"),
                    "description": _(
                        "Work is given to somebody who is available for it, in a group that takes it, and has room."
                    ),
                },
            ),
            (
                _("Offers"),
                {
                    "fields": (
                        "auto_accept_messaging_enabled",
                        "reassignment_messaging_enabled",
                        "reassignment_messaging_timeout",
                        "reassignment_talk_timeout",
                        "auto_idle_enabled",
                        "auto_idle_reassignments",
                        "auto_idle_status",
                    ),
                    "description": _(
                        "An offer asks an agent to accept; whoever does not answer in time is passed over."
                    ),
                },
            ),
            (
                _("What takes room"),
                {
                    "fields": (
                        "messaging_activity_routing_enabled",
                        "transform_to_email_enabled",
                        "focus_mode_enabled",
                    ),
                    "description": _("How much fits is said by capacity rules; this says what counts."),
                },
            ),
            (
                _("Skills"),
                {
                    "fields": (
                        "skills_enabled",
                        "skills_timeout_enabled",
                        "skills_timeout_messaging",
                        "skills_timeout_support",
                        "skills_timeout_talk",
                    ),
                    "description": _(
                        "Skill rules ask for skills. Work does not wait for ever for somebody who has them."
                    ),
                },
            ),
            (
                _("Work that comes back"),
                {
                    "fields": (
                        "reassignment_reopened_tickets_enabled",
                        "reassignment_reopened_tickets_messaging_enabled",
                        "reassignment_reopened_tickets_messaging_statuses",
                        "reassignment_reopened_tickets_support_enabled",
                        "reassignment_reopened_tickets_support_statuses",
                        "reassignment_through_queues_enabled",
                    ),
                    "description": _("What a customer opens again, chats and email each by their own rule."),
                },
            ),
            (
                _("Work of agents who leave"),
                {
                    "fields": (
                        "reassignment_agent_status_change_enabled",
                        "reassignment_agent_status_change_messaging_enabled",
                        "reassignment_agent_status_change_messaging_agent_statuses",
                        "reassignment_agent_status_change_messaging_ticket_priorities",
                        "reassignment_agent_status_change_support_enabled",
                        "reassignment_agent_status_change_support_agent_statuses",
                        "reassignment_agent_status_change_support_ticket_priorities",
                    ),
                    "description": _("For chats but not for email, or the other way round; calls go as chats do."),
                },
            ),
            (
                _("Coming, idling, leaving"),
                {
                    "fields": (
                        "fair_start_seconds",
                        "idle_after_minutes",
                        "idle_status",
                        "disconnect_after_seconds",
                        "disconnect_status",
                    )
                },
            ),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: RoutingConfig | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the form at once where there is one brand, and so one row at most."""
        brands = self.brands(request)
        if len(brands) != 1 or request.method == "POST":
            return super().changelist_view(request, extra_context)
        config = RoutingConfig.objects.filter(brand=brands[0]).first()
        if config is None:
            return self.changeform_view(request, None, reverse("admin:routing_routingconfig_add"), extra_context)
        address = reverse("admin:routing_routingconfig_change", args=[config.pk])
        return self.changeform_view(request, str(config.pk), address, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let one be added while a brand has none; other pages, which only list this one, are not made to ask."""
        at = request.resolver_match.url_name if request.resolver_match else ""
        is_here = (at or "").startswith("routing_routingconfig")
        return super().has_add_permission(request) and (not is_here or self._free(request).exists())

    def _free(self, request: HttpRequest) -> Any:
        return Brand.objects.filter(pk__in=self.brands(request), routing_config=None)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "brand":
            kwargs["queryset"] = self._free(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with the first brand that has none."""
        given = super().get_changeform_initial_data(request)
        return {"brand": self._free(request).order_by("pk").values_list("pk", flat=True).first(), **given}

    def save_model(self, request: HttpRequest, obj: RoutingConfig, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            save_routing_config(config=obj, fields=form.changed_data if change else (), by=actor_of(request))
