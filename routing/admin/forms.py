"""The page of ticket forms, each with the address and the snippet of its page on the web."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from routing.actions.forms import check_form, delete_form, save_form
from routing.admin.concerns import WarnedRows
from routing.errors import InvalidChange
from routing.models import CustomField, TicketForm

PLACE = "place_"
PLACED = _("Its place, 1 comes first. Empty: not in this form.")
HIDDEN = _("Its place, 1 comes first. Empty: not in this form. Customers do not see it: its web page leaves it out.")
MOST = 100


def ordered_keys(places: dict[str, int | None]) -> list[str]:
    """Give the keys that have a place, in the order of their places; equal ones stay as they stand."""
    return sorted((key for key, place in places.items() if place), key=lambda key: places[key] or 0)


class TicketFormForm(forms.ModelForm[TicketForm]):
    """A form with a place for each of its brand's fields, checked by the action that saves it."""

    # By the name of an input: the field whose place it is.
    places: dict[str, CustomField] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        at = {key: place for place, key in enumerate(self.instance.field_keys, start=1)}
        for name, field in self.places.items():
            if self.instance.pk and field.brand_id == self.instance.brand_id:
                self.initial[name] = at.get(field.key)

    @property
    def changed_fields(self) -> list[str]:
        """What changed, as the audit trail names it."""
        names = ["field_keys" if name.startswith(PLACE) else name for name in self.changed_data]
        return list(dict.fromkeys(names))

    def _get_validation_exclusions(self) -> set[str]:
        # The action says it at the name, also where the brand is only shown.
        return {*super()._get_validation_exclusions(), "brand", "is_default"}  # type: ignore[misc]  # not in the stubs

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        if self.errors:
            return
        own = {name: field for name, field in self.places.items() if field.brand_id == self.instance.brand_id}
        self.instance.field_keys = ordered_keys({own[name].key: self.cleaned_data.get(name) for name in own})
        try:
            check_form(self.instance)
        except InvalidChange as error:
            self.add_error(error.field if error.field in self.fields else None, str(error.text))


@admin.register(TicketForm)
class TicketFormPage(WarnedRows[TicketForm]):
    """Which fields a ticket shows, and pages on the web for customers."""

    intro = _(
        "Which of your fields a ticket shows, in which order. Switched on for the web, a form is also a page on which"
        " customers write to you: what they send becomes a ticket."
    )
    empty = _("No form yet: every ticket shows all fields. Add one for each kind of request, or for your website.")
    gone = _("Its page goes. Tickets that have it show the fields of the default form; what stands in fields is kept.")
    form = TicketFormForm
    change_form_template = "admin/ticket_form.html"
    list_display = ("name", "brand", "is_default", "for_agents", "for_customers", "page", "attention")
    list_select_related = ("brand",)
    ordering = ("brand", "name")
    search_fields = ("name",)
    helps = {
        "name": _("How agents find it; also the heading of its page where that has none of its own."),
        "for_agents": _("On: agents find it in the list of forms beside a ticket."),
        "is_default": _("Tickets that were given no form show the fields of this one. Each brand has one such form."),
        "for_customers": _("On: everybody who has the address can write. Off: the page is gone; its tickets stay."),
        "title_en": _("The heading of its page. One language empty: the other. Both empty: the name."),
        "title_ko": _("For example: 문의하기"),
        "intro_en": _("Stands below the heading: what to write, or when you answer."),
        "intro_ko": _("The same in Korean. Where one language is empty, everybody reads the other."),
        "takes_files": _("At most 5 files of 10 MB each."),
    }

    def get_form(self, request: HttpRequest, obj: TicketForm | None = None, change: bool = False, **kwargs: Any) -> Any:
        brands = [obj.brand_id] if obj else self.brands(request)
        own = CustomField.objects.select_related("brand").filter(brand__in=brands, of=CustomField.Of.TICKET)
        places = {f"{PLACE}{field.pk}": field for field in own.order_by("brand", "order", "pk")}
        fields: dict[str, Any] = {
            name: forms.IntegerField(
                label=field.label if len(brands) == 1 else f"{field.brand}: {field.label}",
                required=False,
                min_value=1,
                max_value=MOST,
                help_text=PLACED if field.shown_to_customer else HIDDEN,
            )
            for name, field in places.items()
        }
        kwargs["form"] = type("TicketFormForm", (TicketFormForm,), {**fields, "places": places})
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: TicketForm | None = None) -> Any:
        brands = [obj.brand_id] if obj else self.brands(request)
        own = CustomField.objects.filter(brand__in=brands, of=CustomField.Of.TICKET).order_by("brand", "order", "pk")
        names = [f"{PLACE}{pk}" for pk in own.values_list("pk", flat=True)]
        told = _("Which fields this form has.") if names else _("Add fields first: then they can be chosen here.")
        return (
            (_("Form"), {"fields": ("brand", "name", "for_agents", "is_default")}),
            (_("Fields of the form"), {"fields": names, "description": told}),
            (
                _("Page on the web"),
                {"fields": ("for_customers", "title_en", "title_ko", "intro_en", "intro_ko", "takes_files")},
            ),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: TicketForm | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        form: TicketForm | None = context.get("original")
        if form is not None and form.for_customers:
            context["address"] = request.build_absolute_uri(reverse("forms:form", args=[form.public_id]))
            context["snippet"] = format_html(
                '<iframe src="{}" title="{}" width="100%" height="900" loading="lazy"></iframe>',
                context["address"],
                form.title_in(get_language() or ""),
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: TicketForm, form: Any, change: bool) -> None:
        if not change or form.changed_data:
            save_form(form=obj, fields=form.changed_fields if change else (), by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: TicketForm) -> None:
        delete_form(form=obj, by=actor_of(request))

    def response_add(self, request: HttpRequest, obj: TicketForm, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to a new form that is on the web, where its address is."""
        if not obj.for_customers:
            return super().response_add(request, obj, post_url_continue)
        self.message_user(request, _("The form is made. Link to its page, or paste the snippet into your website."))
        self.warn(request, self.keys_of(obj))
        return HttpResponseRedirect(reverse("admin:routing_ticketform_change", args=[obj.pk]))

    @admin.display(description=_("page"))
    def page(self, form: TicketForm) -> str:
        if not form.for_customers:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("forms:form", args=[form.public_id]), _("Open the page"))
