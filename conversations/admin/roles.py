"""Roles of a brand's own: what is permitted, and whose conversations they see."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.actions.roles import delete_role, save_role
from conversations.console import BrandRows, actor_of
from conversations.models import CustomRole
from conversations.permissions import AGENT, GRANTABLE, Sees

SEES_HELP = _("Everything else stays hidden from them: lists, search, customers, notifications.")


class RoleForm(forms.ModelForm[CustomRole]):
    """A role with its permissions as grouped boxes; a new one begins as the standard agent."""

    permissions = forms.MultipleChoiceField(
        label=_("permissions"),
        required=False,
        choices=[(title, [(each.value, each.label) for each in group]) for title, group in GRANTABLE],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What is not ticked is neither shown to them nor done by them. Everyone may read what they see."),
    )
    sees = forms.ChoiceField(
        label=_("sees"),
        choices=Sees.choices,
        widget=forms.RadioSelect,
        help_text=SEES_HELP,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["permissions"] = [each.value for each in AGENT]


@admin.register(CustomRole)
class RolePage(BrandRows[CustomRole]):
    """Roles of a brand's own."""

    intro = _(
        "Roles of your own, beside the four there always are: admins configure, supervisors lead, agents answer, light"
        " agents read and write notes. Give a role to people on the page People."
    )
    empty = _("No role of your own yet. Add one when none of the four fits, for example for people of one group only.")
    gone = _("Nobody has it any more. People keep the roles they have.")
    form = RoleForm
    list_display = ("name", "brand", "sees", "permitted", "people")
    list_select_related = ("brand",)
    search_fields = ("name",)
    fields = ("brand", "name", "sees", "permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomRole]:
        return super().get_queryset(request).annotate(holders=Count("memberships", distinct=True))

    def get_readonly_fields(self, request: HttpRequest, obj: CustomRole | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def save_model(self, request: HttpRequest, obj: CustomRole, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        permissions = form.cleaned_data["permissions"]
        save_role(role=obj, permissions=permissions, fields=form.changed_data if change else (), by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: CustomRole) -> None:
        delete_role(role=obj, by=actor_of(request))

    @admin.display(description=_("permissions"))
    def permitted(self, role: CustomRole) -> str:
        n = len(role.granted)
        return ngettext("%(n)s permission", "%(n)s permissions", n) % {"n": n} if n else gettext("Reads only")

    @admin.display(description=_("people"), ordering="holders")
    def people(self, role: Any) -> int:
        return int(role.holders)
