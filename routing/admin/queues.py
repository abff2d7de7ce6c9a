"""The page of queues: where work waits, and who takes it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from conversations.permissions import Permission
from routing.actions.queues import MAX_SHARES, ShareEntry, check_groups, delete_queue, save_queue
from routing.admin.concerns import WarnedRows
from routing.admin.conditions import ConditionRows, ConditionsForm
from routing.admin.moving import MovableRows
from routing.errors import InvalidChange
from routing.models import Group, Queue, Waiting

NUMBERS = range(1, MAX_SHARES + 1)


class QueueForm(ConditionsForm[Queue]):
    """A queue with its groups and shares, of which five have a place."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shares = self.instance.shares.order_by("pk").prefetch_related("groups") if self.instance.pk else ()
        for number, share in zip(NUMBERS, shares, strict=False):
            self.initial[f"share_{number}_percent"] = share.percent
            self.initial[f"share_{number}_groups"] = [group.pk for group in share.groups.all()]

    def _get_validation_exclusions(self) -> set[str]:
        # `clean` compares names, also where the brand is only shown, and says so at the name.
        return {*super()._get_validation_exclusions(), "name"}  # type: ignore[misc]  # not in the stubs

    @property
    def shares(self) -> list[ShareEntry]:
        """The shares as they were written: rows where anything stands."""
        rows = (
            (self.cleaned_data.get(f"share_{number}_percent"), self.cleaned_data.get(f"share_{number}_groups"))
            for number in NUMBERS
        )
        return [
            ShareEntry(percent or 0, frozenset(group.pk for group in groups or ()))
            for percent, groups in rows
            if percent or groups
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        brand, name = cleaned.get("brand") or getattr(self.instance, "brand", None), cleaned.get("name")
        at_groups = ("primary_groups", "secondary_groups", "share_")
        if brand is None or any(name.startswith(at_groups) for name in self.errors):
            return cleaned
        if name and Queue.objects.filter(brand=brand, name=name).exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("There is a queue of this name already."))
        first, second = ({group.pk for group in cleaned.get(f"{each}_groups", ())} for each in ("primary", "secondary"))
        try:
            check_groups(brand.pk, first, second, self.shares)
        except InvalidChange as error:
            self.add_error(self._first_fault() if error.field == "shares" else error.field, str(error.text))
        return cleaned

    def _first_fault(self) -> str:
        """Give the field of the first share that is none by itself; of the first one where they all are."""
        for number in NUMBERS:
            percent, groups = f"share_{number}_percent", f"share_{number}_groups"
            if not self.cleaned_data.get(percent) and self.cleaned_data.get(groups):
                return percent
            if self.cleaned_data.get(percent) and not self.cleaned_data.get(groups):
                return groups
        return "share_1_percent"


@admin.register(Queue)
class QueuePage(ConditionRows[Queue], MovableRows[Queue], WarnedRows[Queue]):
    """Where work waits, in the order in which it is looked at."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _(
        "Work enters the first queue whose conditions it meets, in this order, and waits there for an agent of the"
        " queue's groups. Work that meets none waits for its own group."
    )
    empty = _("No queue yet: all work waits for its own group. Add one to send some of it to others.")
    gone = _("What waits in it goes into the first other queue that it meets, or to its own group. Nothing is lost.")
    form = QueueForm
    list_display = (
        "name",
        "conditions_told",
        "who",
        "priority",
        "waiting_now",
        "is_active",
        "attention",
        "brand",
        "places",
    )
    list_select_related = ("brand",)
    list_per_page = 200
    search_fields = ("name", "description")
    helps = {
        "name": _("For example 'Urgent' or 'Korean customers'."),
        "description": _("A line for your team: what this queue is for."),
        "is_active": _("Off: no work enters it; what waits in it goes elsewhere."),
        "conditions": _("Which work enters: tickets, customers and conversations that meet them."),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Queue]:
        waiting = Waiting.objects.filter(lane__queue=OuterRef("pk")).order_by().values("lane__queue")
        counted = Subquery(waiting.annotate(n=Count("pk")).values("n"))
        return (
            super()
            .get_queryset(request)
            .annotate(waits=counted)
            .prefetch_related("primary_groups", "secondary_groups", "shares__groups")
        )

    def get_form(self, request: HttpRequest, obj: Queue | None = None, change: bool = False, **kwargs: Any) -> Any:
        groups = self._groups(request)
        fields: dict[str, Any] = {}
        for number in NUMBERS:
            fields[f"share_{number}_percent"] = forms.IntegerField(
                label=_("share %(n)s, percent") % {"n": number},
                required=False,
                min_value=1,
                max_value=100,
                widget=forms.NumberInput(attrs={"data-share": number}),
                help_text=_("How much of the work. Empty: no such share."),
            )
            fields[f"share_{number}_groups"] = forms.ModelMultipleChoiceField(
                groups,
                label=_("groups of share %(n)s") % {"n": number},
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Who takes this share."),
            )
        kwargs["form"] = type("QueueForm", (QueueForm,), fields)
        return super().get_form(request, obj, change=change, **kwargs)

    def _groups(self, request: HttpRequest) -> QuerySet[Group]:
        return Group.objects.filter(brand__in=self.brands(request)).order_by("brand", "name")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs |= {"queryset": self._groups(request), "widget": forms.CheckboxSelectMultiple}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Queue | None = None) -> Any:
        # One by one: Django opens a folded section for an error only at a field that it names itself.
        shares = [f"share_{number}_{what}" for number in NUMBERS for what in ("percent", "groups")]
        is_split = obj is not None and obj.shares.exists()
        return (
            (None, {"fields": ("brand", "name", "description", "is_active")}),
            (
                _("Which work enters"),
                {"fields": ("conditions",), "description": _("Without conditions, all work that comes this far.")},
            ),
            (
                _("Who takes it"),
                {
                    "fields": ("primary_groups", "secondary_groups", "priority"),
                    "description": _("Without any group, everybody who answers for the brand takes it."),
                },
            ),
            (
                _("Shares in percent"),
                {
                    "fields": shares,
                    "classes": ("shares",) if is_split else ("shares", "collapse"),
                    "description": _shares_told(),
                },
            ),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Queue | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Let a queue be deleted in which work waits: it goes elsewhere."""
        gone, counted, missing, _protected = super().get_deleted_objects(objs, request)
        return gone, counted, missing, []

    def save_model(self, request: HttpRequest, obj: Queue, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        given = form.cleaned_data
        fields = dict.fromkeys("shares" if name.startswith("share_") else name for name in form.changed_data)
        save_queue(
            queue=obj,
            primary=given["primary_groups"],
            secondary=given["secondary_groups"],
            shares=form.shares,
            fields=list(fields) if change else (),
            by=actor_of(request),
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave it: groups and shares are kept by the action above."""

    def delete_model(self, request: HttpRequest, obj: Queue) -> None:
        delete_queue(queue=obj, by=actor_of(request))

    @admin.display(description=_("who takes it"))
    def who(self, queue: Queue) -> str:
        shares = [f"{share.percent} % {_named(share.groups.all())}" for share in queue.shares.all()]
        first, second = _named(queue.primary_groups.all()), _named(queue.secondary_groups.all())
        said = " · ".join(shares) or first or gettext("Everybody")
        return gettext("%(first)s, then %(second)s") % {"first": said, "second": second} if second else said

    @admin.display(description=_("waiting now"))
    def waiting_now(self, queue: Any) -> str:
        return format_html('<span class="num">{}</span>', queue.waits or 0)


def _shares_told() -> str:
    """Say what shares are, and keep a place for what they are together while somebody writes them."""
    text = _(
        "Splits the work between groups, for example 70 and 30. Together the shares are 100, or there are none. Which"
        " work falls to which share is fixed by the ticket. They take the place of the groups above."
    )
    place = '{} <output class="share-sum" data-share-sum data-text="{}"></output>'
    return format_html(place, text, _("Together: {sum} of 100 percent."))


def _named(groups: Any) -> str:
    return ", ".join(sorted(group.name for group in groups))
