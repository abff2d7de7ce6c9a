"""Pointing out where it is made what is wrong with a brand's routing: after saving, and on the row in the list."""

from collections.abc import Collection
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.console import BrandRows
from routing.told import mendable, place_of, words_of

Row = TypeVar("Row", bound=Model)
SAID_AT_ONCE = 5


class WarnedRows(BrandRows[Row]):
    """A page of routing: saving says what is wrong with the row, and what went wrong elsewhere by it.

    A subclass may put `attention` into its list. `concern_kind` is the kind of its rows where that is not the model.
    """

    concern_kind = ""

    @property
    def kind(self) -> str:
        return self.concern_kind or str(self.opts.model_name)

    def keys_of(self, row: Row) -> set[int]:
        """Give the keys for which a concern of this page's kind is the row's."""
        return {row.pk}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the form, or save it; what is wrong after saving and was not before is told apart."""
        self._remember(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        self._remember(request)
        return super().delete_view(request, object_id, extra_context)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Show the form, and above it what is wrong with its row."""
        row = context.get("original")
        if row is not None and request.method == "GET" and "attention" in self.list_display:
            keys = self.keys_of(row)
            found = [each for _brand, each in mendable(request, self.brands_of(row))]
            context["concerns"] = [each for each in found if each.kind == self.kind and each.key in keys]
        return super().render_change_form(request, context, *args, **kwargs)

    def _remember(self, request: HttpRequest) -> None:
        if request.method == "POST":
            known = {(each.code, each.kind, each.key) for _brand, each in mendable(request, self.brands(request))}
            request._known_concerns = known  # type: ignore[attr-defined]  # kept for this request only

    def response_add(self, request: HttpRequest, obj: Row, post_url_continue: str | None = None) -> HttpResponse:
        answer = super().response_add(request, obj, post_url_continue)
        self.warn(request, self.keys_of(obj))
        return answer

    def response_change(self, request: HttpRequest, obj: Row) -> HttpResponse:
        answer = super().response_change(request, obj)
        self.warn(request, self.keys_of(obj))
        return answer

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        answer = super().response_delete(request, obj_display, obj_id)
        self.warn(request, set())
        return answer

    def warn(self, request: HttpRequest, keys: Collection[int]) -> None:
        """Say what is wrong with these rows, and what is wrong only since the request."""
        known: set[Any] = getattr(request, "_known_concerns", set())
        found = [
            each
            for _brand, each in mendable(request, self.brands(request))
            if (each.kind == self.kind and each.key in keys) or (each.code, each.kind, each.key) not in known
        ]
        for each in found[:SAID_AT_ONCE]:
            text, link = words_of(each), _("Mend it")
            messages.warning(request, format_html('{} <a class="link" href="{}">{}</a>', text, place_of(each), link))
        if more := len(found) - SAID_AT_ONCE:
            text = ngettext("%(n)s more thing needs attention: see Home.", "%(n)s more need attention: see Home.", more)
            if more > 0:
                messages.warning(request, text % {"n": more})

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Give the list, each row with what is wrong with it; a fixed number of queries for each brand in it."""
        listed = super().get_changelist_instance(request)
        if "attention" not in self.list_display:
            return listed
        brand_ids = sorted({brand for row in listed.result_list for brand in self.brands_of(row)})
        found = [each for _brand, each in mendable(request, brand_ids) if each.kind == self.kind]
        for row in listed.result_list:
            row.concerns = [each for each in found if each.key in self.keys_of(row)]
        return listed

    @admin.display(description=_("attention"))
    def attention(self, row: Any) -> str:
        return format_html_join(
            " ", '<span class="m-chip warn wrap">{}</span>', ((each.text,) for each in row.concerns)
        )
