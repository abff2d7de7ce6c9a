"""The page of groups: agents who share work."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.console import NAMED, Picks, actor_of
from conversations.permissions import Permission
from routing.actions.groups import check_escalation, delete_group, save_group
from routing.admin.concerns import WarnedRows
from routing.errors import InvalidChange
from routing.models import Agent, Group, Queue

NAMES_SHOWN = 5


class GroupForm(forms.ModelForm[Group]):
    """A group whose members belong to its brand; that another gets new tickets so far is moved here by saving."""

    def _get_validation_exclusions(self) -> set[str]:
        return {*super()._get_validation_exclusions(), "is_default", "name"}  # type: ignore[misc]  # not in the stubs

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        brand, members = cleaned.get("brand"), cleaned.get("members")
        same = Group.objects.filter(brand=brand, name=cleaned.get("name")).exclude(pk=self.instance.pk)
        if brand and same.exists():
            self.add_error("name", _("There is a group of this name already."))
        if brand and members is not None:
            own = set(members.filter(user__memberships__brand=brand).values_list("pk", flat=True))
            outside = [str(agent) for agent in members if agent.pk not in own]
            if outside:
                text = _("%(names)s: no role in %(brand)s. Give them one under People first.")
                self.add_error("members", text % {"names": ", ".join(outside), "brand": brand})
        if brand and cleaned.get("escalates_to"):
            try:
                check_escalation(Group(pk=self.instance.pk, brand=brand, escalates_to=cleaned["escalates_to"]))
            except InvalidChange as error:
                self.add_error(error.field, str(error.text))
        return cleaned


@admin.register(Group)
class GroupPage(WarnedRows[Group]):
    """Agents who share work of one brand."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _("Groups share work. One of them gets new tickets; every member can take what waits there.")
    empty = _("No group yet. Add one, choose who is in it, and let it get new tickets.")
    gone = _(
        "Its tickets stay, without a group, in Unassigned. Its members stay too. A queue that has no other group is"
        " everybody's then."
    )
    form = GroupForm
    list_display = ("name", "brand", "is_default", "member_names", "escalates_to", "attention")
    list_select_related = ("brand", "escalates_to")
    search_fields = ("name",)
    fields = ("brand", "name", "is_default", "members", "escalates_to")
    helps = {"is_default": _("New tickets of the brand come to this group. One group of each brand gets them.")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        people = Agent.objects.select_related("user").order_by("user__name")
        return super().get_queryset(request).prefetch_related(Prefetch("members", people))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        own = Agent.objects.filter(user__memberships__brand_id__in=self.brands(request))
        kwargs |= {"widget": Picks(), "help_text": _("Whoever is ticked is in the group.")}
        kwargs["queryset"] = own.select_related("user").order_by("user__name").distinct()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        fields = form.changed_data if change else ()
        save_group(group=obj, members=form.cleaned_data["members"], fields=fields, by=actor_of(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave it: members are kept by the action above."""

    def used_by(self, row: Group) -> list[str]:
        takes = Q(primary_groups=row) | Q(secondary_groups=row) | Q(shares__groups=row)
        queues = Queue.objects.filter(takes).distinct().order_by("name")[:NAMED]
        below = Group.objects.filter(escalates_to=row).order_by("name")[:NAMED]
        return [
            *([gettext("It gets new tickets: after that no group does.")] if row.is_default else []),
            *(gettext("Queue %(name)s gives it work.") % {"name": each} for each in queues),
            *(gettext("Tickets of %(name)s escalate to it.") % {"name": each} for each in below),
        ]

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        delete_group(group=obj, by=actor_of(request))

    @admin.display(description=_("members"))
    def member_names(self, group: Group) -> str:
        names = [str(agent) for agent in group.members.all()]
        if not names:
            return format_html('<span class="c3">{}</span>', gettext("Nobody yet"))
        shown, more = ", ".join(names[:NAMES_SHOWN]), len(names) - NAMES_SHOWN
        return shown if more <= 0 else f"{shown} {ngettext('and %(n)s more', 'and %(n)s more', more) % {'n': more}}"
