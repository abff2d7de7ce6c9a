"""The page of capacity rules: how much work agents have at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.console import Picks, actor_of
from conversations.permissions import Permission
from routing.actions.capacity import check_members, delete_capacity_rule, save_capacity_rule
from routing.admin.concerns import WarnedRows
from routing.errors import InvalidChange
from routing.models import Agent, CapacityRule
from routing.queries.work import ANSWERING


class CapacityForm(forms.ModelForm[CapacityRule]):
    """A rule with its members; that another is the default so far is moved here by saving."""

    members = forms.ModelMultipleChoiceField(
        Agent.objects.none(),
        label=_("members"),
        required=False,
        widget=Picks,
        help_text=_("An agent is in one rule: putting them here takes them out of the other one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["members"] = list(self.instance.agents.values_list("pk", flat=True))

    def _get_validation_exclusions(self) -> set[str]:
        # `clean` compares names, also where the brand is only shown, and says so at the name.
        return {*super()._get_validation_exclusions(), "is_default", "name"}  # type: ignore[misc]  # no stub

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        brand, members = cleaned.get("brand") or getattr(self.instance, "brand", None), cleaned.get("members")
        same = CapacityRule.objects.filter(brand=brand, name=cleaned.get("name")).exclude(pk=self.instance.pk)
        if brand and same.exists():
            self.add_error("name", _("There is a capacity rule of this name already."))
        if brand and members is not None:
            new = {
                agent.pk for agent in members if self.instance.pk is None or agent.capacity_rule_id != self.instance.pk
            }
            try:
                check_members(brand.pk, new)
            except InvalidChange as error:
                self.add_error("members", str(error.text))
        return cleaned


@admin.register(CapacityRule)
class CapacityRulePage(WarnedRows[CapacityRule]):
    """How much work agents have at once."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _(
        "How much work an agent is given at once. Who is in no rule follows the brand's default one. Agents may take"
        " more by hand; nobody is given more automatically."
    )
    empty = _("No rule yet: everybody is given up to 5 chats, 10 emails and one call at once. Add one to change that.")
    gone = _("Its members follow the default rule then. Work that they have stays with them.")
    form = CapacityForm
    list_display = ("name", "is_default", "chats", "emails", "calls", "total", "member_count", "attention", "brand")
    list_select_related = ("brand",)
    search_fields = ("name",)
    ordering = ("brand", "-is_default", "name")
    helps = {
        "name": _("For example 'Newcomers'."),
        "is_default": _("Holds for everybody who has no rule of their own. Each brand has one such rule."),
        "max_messaging": _("0: no chats are given automatically. At most 500."),
        "max_email": _("0: no email is given automatically. At most 500."),
        "max_voice": _("0: no calls are given automatically. Nobody has two calls at once."),
        "weight_messaging": _("How much a chat counts in the total. 0: it does not."),
        "weight_email": _("How much an email counts in the total. 0: it does not."),
        "weight_voice": _("How much a call counts in the total. 0: it does not."),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[CapacityRule]:
        return super().get_queryset(request).annotate(under=Count("agents", distinct=True))

    def get_form(
        self, request: HttpRequest, obj: CapacityRule | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        made = super().get_form(request, obj, change=change, **kwargs)
        own = {"user__memberships__brand__in": self.brands(request), "user__memberships__role__in": ANSWERING}
        people = Agent.objects.filter(**own, user__is_active=True) | Agent.objects.filter(
            capacity_rule__isnull=False, capacity_rule=obj
        )
        members: Any = made.base_fields["members"]
        members.queryset = people.select_related("user").order_by("user__name", "pk").distinct()
        return made

    def get_fieldsets(self, request: HttpRequest, obj: CapacityRule | None = None) -> Any:
        more = ("max_total", "weight_messaging", "weight_email", "weight_voice")
        return (
            (None, {"fields": ("brand", "name", "is_default")}),
            (_("At once"), {"fields": ("max_messaging", "max_email", "max_voice")}),
            (_("Who is in it"), {"fields": ("members",)}),
            (
                _("More"),
                {
                    "fields": more,
                    "classes": ("collapse",),
                    "description": _("A total over everything, in which each kind of work can weigh more or less."),
                },
            ),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: CapacityRule | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        has_one = CapacityRule.objects.filter(brand__in=self.brands(request), is_default=True).exists()
        return {"is_default": not has_one, **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: CapacityRule, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            members, fields = form.cleaned_data["members"], form.changed_data if change else ()
            save_capacity_rule(rule=obj, members=members, fields=fields, by=actor_of(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave it: members are kept by the action above."""

    def delete_model(self, request: HttpRequest, obj: CapacityRule) -> None:
        delete_capacity_rule(rule=obj, by=actor_of(request))

    @admin.display(description=_("chats"), ordering="max_messaging")
    def chats(self, rule: CapacityRule) -> int:
        return rule.max_messaging

    @admin.display(description=_("emails"), ordering="max_email")
    def emails(self, rule: CapacityRule) -> int:
        return rule.max_email

    @admin.display(description=_("calls"), ordering="max_voice")
    def calls(self, rule: CapacityRule) -> int:
        return rule.max_voice

    @admin.display(description=_("in all"), ordering="max_total")
    def total(self, rule: CapacityRule) -> str:
        return str(rule.max_total) if rule.max_total is not None else "–"

    @admin.display(description=_("members"), ordering="under")
    def member_count(self, rule: Any) -> str:
        if rule.is_default:
            return format_html('{} <span class="c3">{}</span>', rule.under, gettext("and everybody without a rule"))
        return str(rule.under)
