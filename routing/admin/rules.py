"""The pages of triggers and automations: what is done by itself, trying it on a ticket, and what it did."""

from typing import Any, TypeVar

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of, console_viewer
from conversations.incoming import MAX_KEY, number_in
from conversations.permissions import Permission
from routing.actions.rules import check_ends, delete_rule, save_rule, switch_rule
from routing.admin.concerns import WarnedRows
from routing.admin.conditions import ConditionRows, ConditionsForm
from routing.admin.moving import MovableRows
from routing.decide.conditions import Field, read
from routing.decide.occasions import OCCASIONS
from routing.decide.step_words import told, words
from routing.decide.steps import WHY, Why, read_steps
from routing.errors import InvalidChange
from routing.models import Automation, Firing, Rule, Trigger
from routing.queries.compiled import automation_fields
from routing.queries.rules import PAGE, history_of, known_of, ticket_of_number, trial_of
from routing.step_editor import StepsField, take_steps

Row = TypeVar("Row", Trigger, Automation)
MOST_NUMBER = 2**31 - 1


class RuleForm(ConditionsForm[Any]):
    """A trigger or an automation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget: Any = self.fields["steps"].widget
        widget.brand_id = getattr(self.instance, "brand_id", None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        brand, name = cleaned.get("brand") or getattr(self.instance, "brand", None), cleaned.get("name")
        if brand is None:
            return cleaned
        take_steps(self, brand.pk)
        same = Rule.objects.filter(brand=brand, kind=self.instance.kind, name=name).exclude(pk=self.instance.pk)
        if name and same.exists():
            self.add_error("name", _("There is one of this name already."))
        return cleaned


class TriggerForm(RuleForm):
    """A trigger, with the occasions it answers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["events"] = forms.MultipleChoiceField(
            label=_("when this happens"),
            choices=[(each.name, each.label) for each in OCCASIONS.values()],
            widget=forms.CheckboxSelectMultiple,
            help_text=_("At least one. With any of them the conditions are looked at."),
        )


class AutomationForm(RuleForm):
    """An automation, which must not do the same to a ticket every minute."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not {"conditions", "steps"} & self.errors.keys() and isinstance(cleaned.get("steps"), list):
            rule = Rule(kind=Rule.Kind.AUTOMATION, is_once=bool(cleaned.get("is_once")))
            conditions = read(cleaned.get("conditions"), automation_fields(self._brand()))
            try:
                check_ends(rule, conditions, read_steps(cleaned["steps"]))
            except InvalidChange as error:
                self.add_error("is_once", str(error.text))
        return cleaned

    def _brand(self) -> int:
        brand = self.cleaned_data.get("brand")
        return brand.pk if brand else getattr(self.instance, "brand_id", None) or 0


class RulePage(ConditionRows[Row], MovableRows[Row], WarnedRows[Row]):
    """What both pages have in common."""

    permission = Permission.CONFIGURE_ROUTING
    change_form_template = "admin/rule_form.html"
    list_select_related = ("brand",)
    list_per_page = 100
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "steps":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        known = {brand: known_of(brand) for brand in self.brands(request)}
        return StepsField(known=known, label=db_field.verbose_name, help_text=self.helps["steps"])

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Give the list, each row with its steps in words; a brand's choices are looked up once."""
        listed = super().get_changelist_instance(request)
        known = {brand: known_of(brand) for brand in {row.brand_id for row in listed.result_list}}
        for row in listed.result_list:
            row.steps_words = "; ".join(words(step, known[row.brand_id]) for step in read_steps(row.steps))
        return listed

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            save_rule(rule=obj, fields=form.changed_data if change else (), by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        delete_rule(rule=obj, by=actor_of(request))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Let a rule be deleted with the record of what it did."""
        gone, counted, _missing, _protected = super().get_deleted_objects(objs, request)
        return gone, counted, set(), []

    def _address(self, page: str, row: Rule) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=[row.pk])

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path("<int:pk>/switch/", self.admin_site.admin_view(self.switch), name=f"{name}_switch"),
            path("<int:pk>/firings/", self.admin_site.admin_view(self.firings), name=f"{name}_firings"),
            *super().get_urls(),
        ]

    def switch(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Switch a rule on or off; by POST only."""
        rule = self.get_object(request, str(pk))
        if rule is None or request.method != "POST":
            raise Http404
        switch_rule(rule=rule, is_active=request.POST.get("to") == "on", by=actor_of(request))
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{back}#switch-{rule.pk}")

    def firings(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a rule would do to the ticket that `ticket` numbers, and what it did, a page of it before
        `before`."""
        rule = self.get_object(request, str(pk))
        if rule is None:
            raise Http404
        asked = request.GET.get("ticket", "").strip().removeprefix("#")
        number = number_in(asked, MOST_NUMBER)
        viewer = console_viewer(request)
        ticket = ticket_of_number(viewer, rule.brand_id, number) if number is not None else None
        rows = history_of(viewer, rule, number_in(request.GET.get("before", ""), MAX_KEY))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": rule.name,
            "rule": rule,
            "change": self._address("change", rule),
            "asked": asked,
            "trial": trial_of(rule, ticket) if ticket else None,
            "rows": [_told(firing) for firing in rows[:PAGE]],
            "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
            "is_first": "before" not in request.GET,
        }
        return TemplateResponse(request, "admin/rule_firings.html", context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        if context.get("original") is not None:
            context["firings"] = self._address("firings", context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("steps"))
    def steps_told(self, rule: Any) -> str:
        return str(rule.steps_words)

    @admin.display(description=_("done"))
    def health(self, rule: Row) -> str:
        said = ngettext("%(n)s time", "%(n)s times", rule.firings_count) % {"n": rule.firings_count}
        link = format_html('<a class="link num" href="{}">{}</a>', self._address("firings", rule), said)
        if rule.last_error_at is None or (rule.last_fired_at and rule.last_fired_at > rule.last_error_at):
            return link
        when = date_format(localtime(rule.last_error_at), "SHORT_DATETIME_FORMAT")
        failed = gettext("Failed, %(when)s: %(error)s") % {"when": when, "error": rule.last_error}
        return format_html('{} <span class="m-chip warn wrap">{}</span>', link, failed)

    @admin.display(description=_("active"))
    def switched(self, rule: Row) -> str:
        return render_to_string("routing/_switch.html", {"row": rule, "switch": self._address("switch", rule)})


def _told(firing: Any) -> dict[str, Any]:
    """Give what a page of what was done shows of one time."""
    whys = {each.value: WHY[each] for each in Why}
    occasion = OCCASIONS.get(firing.occasion)
    return {
        "at": firing.at,
        "number": firing.number,
        "outcome": firing.outcome,
        "outcome_label": Firing.Outcome(firing.outcome).label,
        "error": firing.error,
        "occasion": occasion.label if occasion else firing.occasion,
        "steps": [(told(step), whys.get(step.get("why", ""), "")) for step in firing.steps],
        "chain": " → ".join(link["name"] for link in firing.chain),
    }


STEPS_HELP = _("Done in this order, all or none. A step that has nothing to change is passed over.")


@admin.register(Trigger)
class TriggerPage(RulePage[Trigger]):
    """Rules that answer what happens, in the order in which they are looked at."""

    intro = _(
        "When something happens to a ticket, the triggers that answer it are looked at in this order. Where the"
        " conditions hold, the steps are done; when that changed the ticket, the others are looked at anew. Each is"
        " done at most once for what happened and all that follows from it."
    )
    empty = _("No trigger yet. Add one: for example, give every ticket that asks for a refund to the group Money.")
    gone = _("It is not done any more, and the record of what it did goes. What it did to tickets stays.")
    form = TriggerForm
    list_display = (
        "name",
        "occasions",
        "conditions_told",
        "steps_told",
        "health",
        "switched",
        "attention",
        "brand",
        "places",
    )
    fieldsets = (
        (None, {"fields": ("brand", "name", "is_active")}),
        (_("When this happens"), {"fields": ("events",)}),
        (_("and this is so"), {"fields": ("conditions",)}),
        (_("do this"), {"fields": ("steps",)}),
    )
    helps = {
        "name": _("For example 'Refund to Money'. It stands in the conversation when it did something."),
        "is_active": _("Off: it is kept and not done."),
        "conditions": _("Which tickets. None: every ticket."),
        "steps": STEPS_HELP,
    }

    @admin.display(description=_("when this happens"))
    def occasions(self, rule: Trigger) -> str:
        return " · ".join(str(OCCASIONS[name].label) for name in rule.events if name in OCCASIONS)


@admin.register(Automation)
class AutomationPage(RulePage[Automation]):
    """Rules that look at the clock."""

    intro = _(
        "Every minute, tickets for which these conditions have come to hold are looked for, and the steps are done to"
        " them: at most 1,000 tickets a minute, and 100 times to one ticket."
    )
    empty = _("No automation yet. Add one: for example, close tickets that were solved four days ago.")
    gone = _("It is not done any more, and the record of what it did goes. What it did to tickets stays.")
    form = AutomationForm
    list_display = ("name", "conditions_told", "steps_told", "health", "switched", "attention", "brand", "places")
    fieldsets = (
        (None, {"fields": ("brand", "name", "is_active")}),
        (_("When this is so"), {"fields": ("conditions",)}),
        (_("do this"), {"fields": ("steps", "is_once")}),
    )
    helps = {
        "name": _("For example 'Close after four days'. It stands in the conversation when it did something."),
        "is_active": _("Off: it is kept and not done."),
        "conditions": _("Which tickets; closed ones are left alone. Ages are in minutes: a day has 1440."),
        "steps": STEPS_HELP,
        "is_once": _(
            "Needed where the steps leave the conditions true. Else a step must make one of 'All of these' false."
        ),
    }

    def condition_fields(self, brand_id: int) -> dict[str, Field]:
        return automation_fields(brand_id)
