"""The views that agents make for themselves."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from conversations.access import AgentRequest, agents_only
from conversations.events import Actor
from conversations.models import Brand
from routing import queries
from routing.actions import agents
from routing.actions.saved_views import NAME_CHARS, change_own_view, delete_view, make_own_view
from routing.editor import ConditionsField, take_conditions
from routing.errors import InvalidChange
from routing.models import View
from routing.queries.columns import columns_of
from routing.queries.compiled import view_fields

VALUES = ("name", "conditions", "order", "columns")


class OwnViewForm(forms.Form):
    """A view of one's own; a new one asks for its brand where there are several."""

    name = forms.CharField(max_length=NAME_CHARS, label=gettext_lazy("Name"))
    brand = forms.ModelChoiceField(Brand.objects.none(), empty_label=None, label=gettext_lazy("Brand"))
    order = forms.ChoiceField(choices=View.Order.choices, label=gettext_lazy("Order"))
    columns = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Also show in each row"),
    )

    def __init__(self, *args: Any, brand_ids: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brand: Any = self.fields["brand"]
        brand.queryset = Brand.objects.filter(pk__in=brand_ids).order_by("name")
        self.brand_id = brand_ids[0] if len(brand_ids) == 1 else None
        if self.brand_id:
            del self.fields["brand"]
        columns: Any = self.fields["columns"]
        columns.choices = columns_of(*brand_ids)
        self.fields["conditions"] = ConditionsField(fields={each: view_fields(each) for each in brand_ids})
        for name in ("name", "order", "brand"):
            if name in self.fields:
                self.fields[name].widget.attrs["class"] = "m-select" if name != "name" else "m-input"

    def clean(self) -> dict[str, Any]:
        super().clean()
        chosen = self.cleaned_data.get("brand")
        take_conditions(self, self.brand_id or (chosen.pk if chosen else None))
        return self.cleaned_data

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in VALUES}


@require_http_methods(["GET", "POST"])
@agents_only
def new(request: AgentRequest) -> HttpResponse:
    """Show the form of a new view of one's own, or make it and open it."""
    form = OwnViewForm(request.POST or None, brand_ids=request.viewer.brand_ids)
    if request.method == "POST" and form.is_valid():
        brand_id = form.brand_id or form.cleaned_data["brand"].pk
        owner, by = agents.agent_of(request.user), Actor.of_user(request.user)
        try:
            return _open(make_own_view(owner=owner, brand_id=brand_id, values=form.values, by=by))
        except InvalidChange as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.text))
    return _form(request, form)


@require_http_methods(["GET", "POST"])
@agents_only
def edit(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show the form of a view of one's own, or change it."""
    view = queries.own_view_for_viewer(request.viewer, public_id)
    initial = {name: getattr(view, name) for name in VALUES}
    form = OwnViewForm(request.POST or None, initial=initial, brand_ids=[view.brand_id])
    if request.method == "POST" and form.is_valid():
        try:
            return _open(change_own_view(view=view, values=form.values, by=Actor.of_user(request.user)))
        except InvalidChange as error:
            form.add_error(error.field if error.field in form.fields else None, str(error.text))
    return _form(request, form, view)


@require_POST
@agents_only
def delete(request: AgentRequest, public_id: str) -> HttpResponse:
    """Delete a view of one's own, and go to the agent's inbox."""
    view = queries.own_view_for_viewer(request.viewer, public_id)
    delete_view(view=view, by=Actor.of_user(request.user))
    messages.success(request, _("Deleted: %(name)s") % {"name": view.name})
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("routing:inbox", args=["mine"])})


def _open(view: View) -> HttpResponse:
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("routing:inbox", args=[view.public_id])})


def _form(request: AgentRequest, form: OwnViewForm, view: View | None = None) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, "routing/_own_view.html", {"form": form, "saved": view}, status=status)
