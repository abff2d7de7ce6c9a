"""Rows in an order of the admin's own: two buttons each, which send the form of the list around them."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from conversations.console import BrandRows, actor_of
from conversations.events import Actor
from routing.actions.ordering import move

Row = TypeVar("Row", bound=Model)


class MovableRows(BrandRows[Row]):
    """A page whose rows have an `order`; its list shows `places`, where each is moved up or down."""

    ordering = ("brand", "order", "pk")
    sortable_by = ()

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        return [path("<int:pk>/move/", self.admin_site.admin_view(self.move), name=name), *super().get_urls()]

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Move a row up or down; by POST only."""
        row: Any = self.get_object(request, str(pk))
        if row is None or request.method != "POST":
            raise Http404
        self.move_row(row, is_up=request.POST.get("to") == "up", by=actor_of(request))
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{back}#move-{row.pk}")

    def move_row(self, row: Any, *, is_up: bool, by: Actor) -> None:
        """Have a row change places with the one above or below it."""
        move(row=row, is_up=is_up, by=by)

    @admin.display(description=_("place"))
    def places(self, row: Any) -> str:
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_move", args=[row.pk])
        return render_to_string("routing/_move.html", {"row": row, "move": address})
