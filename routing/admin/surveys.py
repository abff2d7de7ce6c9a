"""The page of the satisfaction survey. There is one for each brand, made by the first save."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from conversations.console import BrandRows, actor_of
from conversations.models import Brand
from conversations.permissions import Permission
from routing.actions.ratings import save_survey
from routing.models import Survey


class ReasonsField(forms.CharField):
    """A list, one a line."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class SurveyForm(forms.ModelForm[Survey]):
    """How a brand asks for ratings; the reasons are written one a line."""

    words_en = ReasonsField(
        label=_("words of the points (English)"),
        required=False,
        max_length=400,
        help_text=_(
            "One a line, worst first, as many as there are points, at most 40 characters each. Empty: bad, okay, good, "
            "and with five points very bad and great. With faces and numbers, the first and the last stand beneath."
        ),
    )
    words_ko = ReasonsField(
        label=_("words of the points (Korean)"),
        required=False,
        max_length=400,
        help_text=_("The same ones. Where one language is empty, everybody reads the other."),
    )
    reasons_en = ReasonsField(
        label=_("reasons for a low rating (English)"),
        required=False,
        max_length=1000,
        help_text=_("One a line, at most 10 of 60 characters. They are offered with a low rating, to be ticked."),
    )
    reasons_ko = ReasonsField(
        label=_("reasons for a low rating (Korean)"),
        required=False,
        max_length=1000,
        help_text=_("The same ones. Where one language is empty, everybody reads the other."),
    )


@admin.register(Survey)
class SurveyPage(BrandRows[Survey]):
    """How customers are asked how it went."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _("Whether and when customers are asked how it went. Nobody is asked twice of one ticket.")
    empty = _("No brand asks for ratings yet.")
    form = SurveyForm
    may_delete = False
    list_display = ("brand", "is_on", "when", "scale", "look")
    list_select_related = ("brand",)
    fields = (
        "brand",
        "is_on",
        "when",
        "scale",
        "look",
        "words_en",
        "words_ko",
        "text_en",
        "text_ko",
        "reasons_en",
        "reasons_ko",
    )
    helps = {
        "is_on": _(
            "Asked in the conversation itself, where an agent answered. Not of snoozed or closed tickets, nor where an "
            "agent switched it off. Customers have 28 days, and may change their rating until then."
        ),
        "scale": _("How many points the customer chooses from."),
        "when": _("A session also ends by itself, after the brand's time of silence."),
        "text_en": _("Empty in both languages: “How did we do?” in the customer's language."),
        "text_ko": _("For example: 상담은 어떠셨나요?"),
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Survey | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let one be added while a brand has none; other pages, which only list this one, are not made to ask."""
        at = request.resolver_match.url_name if request.resolver_match else ""
        is_here = (at or "").startswith("routing_survey")
        return super().has_add_permission(request) and (not is_here or self._free(request).exists())

    def _free(self, request: HttpRequest) -> Any:
        return Brand.objects.filter(pk__in=self.brands(request), survey=None)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "brand":
            kwargs["queryset"] = self._free(request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        first = self._free(request).order_by("pk").values_list("pk", flat=True).first()
        return {"brand": first, "is_on": True, **super().get_changeform_initial_data(request)}

    def response_add(self, request: HttpRequest, obj: Survey, post_url_continue: str | None = None) -> HttpResponse:
        answer = super().response_add(request, obj, post_url_continue)
        return self._say_whether_off(request, obj, answer)

    def response_change(self, request: HttpRequest, obj: Survey) -> HttpResponse:
        return self._say_whether_off(request, obj, super().response_change(request, obj))

    def _say_whether_off(self, request: HttpRequest, survey: Survey, answer: HttpResponse) -> HttpResponse:
        if not survey.is_on:
            messages.warning(request, _("Nobody is asked: “Ask for ratings” is off."))
        return answer

    def save_model(self, request: HttpRequest, obj: Survey, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            save_survey(survey=obj, fields=form.changed_data if change else (), by=actor_of(request))
