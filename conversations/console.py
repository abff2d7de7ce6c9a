"""The ground of every app's admin pages: whose rows an admin sees, and that each change is recorded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, cast

from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.core.paginator import Paginator
from django.db.models import BooleanField, ForeignKey, Model, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import delete_configuration, save_configuration
from conversations.changes import keep_before
from conversations.errors import ConversationsError
from conversations.events import Actor
from conversations.models import Brand, Role, User
from conversations.permissions import Permission
from conversations.queries import Place, Viewer, viewer_of
from conversations.stamps import StampedForm
from conversations.templatetags.workspace import icon

Row = TypeVar("Row", bound=Model)
# How many of what uses a row are told by name before it is deleted.
NAMED = 10
Words = str | Promise
# Fields that their models leave without a name of their own, as both languages call them.
NAMES: dict[str, Words] = {
    "brand": _("brand"),
    "channel": _("channel"),
    "created_at": _("made on"),
    "next": _("passes on to"),
    "position": _("position in the log"),
}
HELPS: dict[str, Words] = {
    "brand": _("Which of your businesses it belongs to. Nothing of one brand is visible in another."),
}


def console_viewer(request: HttpRequest) -> Viewer:
    """Give who asks and what they may do in each brand; a superuser everything in all. One query a request."""
    if not hasattr(request, "_console_viewer"):
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            found = Viewer(User(), {})
        elif user.is_superuser:
            place = Place.of_role(Role.ADMIN)
            found = Viewer(user, dict.fromkeys(Brand.objects.values_list("pk", flat=True), place))
        else:
            found = viewer_of(user)
        request._console_viewer = found  # type: ignore[attr-defined]  # kept for this request only
    return request._console_viewer  # type: ignore[attr-defined, no-any-return]


def console_brands(request: HttpRequest, permission: Permission = Permission.CONFIGURE) -> list[int]:
    """Give the brands in which the one who asks may do this: by default, configure everything."""
    return console_viewer(request).brands_where(permission)


def actor_of(request: HttpRequest) -> Actor:
    """Give who changes something here."""
    assert isinstance(request.user, User)
    return Actor.of_user(request.user)


class CountlessPaginator(Paginator):  # type: ignore[type-arg]  # its stub's parameter is the page's rows, any here
    """Page without counting a table that only grows: the log ends at what a person may page through."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Model]", self.object_list)
        return len(rows.order_by()[:1000].values_list("pk", flat=True))


@dataclass(frozen=True)
class Once:
    """What is shown once and never again: a secret or a sign-in link. `lines` are (name, value), each to copy."""

    title: Words
    text: Words
    lines: Sequence[tuple[Words, str]]
    back: str
    howto: str = ""

    def page(self, request: HttpRequest, site: admin.AdminSite) -> HttpResponse:
        """Answer with it; no cache and no history of the browser keeps it."""
        context = {**site.each_context(request), "title": self.title, "once": self}
        response = TemplateResponse(request, "admin/once.html", context)
        response["Cache-Control"] = "no-store"
        return response


def name_fields(model: type[Model]) -> None:
    """Give the fields of a model that have no name of their own one of NAMES. Migrations do not see it."""
    for field in model._meta.fields:
        if field.name in NAMES and field._verbose_name is None:  # type: ignore[attr-defined]  # what its model said
            field.verbose_name = NAMES[field.name]  # type: ignore[assignment]  # a lazy string is one


class BrandRows(admin.ModelAdmin[Row]):
    """Shows the rows of the brands in which one has the page's `permission`.

    A subclass must say in `intro` what its page does, and in `empty` what to do first where there is nothing; in `gone`
    what deleting does, where it may be done. It may set `brand_path`, which leads to the brand, explain in `helps` the
    fields whose model does not, and say in `called` what people call one row and many, where the code's word is no word
    of theirs.
    """

    intro: ClassVar[Words] = ""
    empty: ClassVar[Words] = ""
    gone: ClassVar[Words] = ""
    called: ClassVar[tuple[Words, Words] | None] = None
    helps: ClassVar[dict[str, Words]] = {}
    permission: ClassVar[Permission] = Permission.CONFIGURE
    brand_path = "brand_id"
    may_add = True
    may_change = True
    may_delete = True
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_max_show_all = 0
    actions: Any = ()

    def __init__(self, model: type[Row], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        if self.called:
            # Migrations do not see it: they read what the model itself says.
            self.opts.verbose_name, self.opts.verbose_name_plural = self.called  # type: ignore[assignment]  # lazy
        name_fields(model)
        if self.may_change:
            keep_before(model)
        for inline in self.inlines:
            name_fields(inline.model)

    def brands(self, request: HttpRequest) -> list[int]:
        """Give the brands whose rows one may see and change here."""
        return console_brands(request, self.permission)

    def title_of(self, row: Row) -> str:
        """Give what stands above the page of one row."""
        return str(row)

    def get_urls(self) -> list[URLPattern]:
        """Leave Django's history page out: the event log is the audit trail."""
        return [url for url in super().get_urls() if not (url.name or "").endswith("_history")]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Have whether something is so be said in words and a calm sign, not in a red or green one."""
        flags = {field.name: field for field in self.opts.fields if isinstance(field, BooleanField)}
        shown = super().get_list_display(request)
        return [_flag(flags[name]) if isinstance(name, str) and name in flags else name for name in shown]

    def get_actions(self, request: HttpRequest) -> Any:
        """Leave deleting many at once out: deleting asks, and says what it does, one by one."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the form; what an action refuses after all is said at its field, and nothing written is lost."""
        title = {"subtitle": None} if object_id else {}
        try:
            return super().changeform_view(request, object_id, form_url, {**title, **(extra_context or {})})
        except ConversationsError as error:
            if request.method == "POST" and "_refused" not in request.__dict__:
                request.__dict__["_refused"] = error
                return self.changeform_view(request, object_id, form_url, extra_context)
            messages.error(request, str(error.text))
            return HttpResponseRedirect(request.get_full_path())

    def get_form(self, request: HttpRequest, obj: Row | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Have the page's form say what somebody else changed while it was open, and what an action refused of it."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (StampedForm, form), {"refused": request.__dict__.get("_refused")})

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        original = context.get("original")
        if original is not None:
            context["title"] = self.title_of(original)
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: Row, post_url_continue: str | None = None) -> HttpResponse:
        return self._done(request, _("%(kind)s added: %(name)s"), self.title_of(obj))

    def response_change(self, request: HttpRequest, obj: Row) -> HttpResponse:
        return self._done(request, _("%(kind)s saved: %(name)s"), self.title_of(obj))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        return self._done(request, _("%(kind)s deleted: %(name)s"), obj_display)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Say that nothing is at this address, instead of going home: Django's own place for this answer."""
        raise Http404

    def _done(self, request: HttpRequest, text: Words, name: object) -> HttpResponse:
        """Say what happened, and go back to the list."""
        messages.success(request, str(text) % {"kind": capfirst(str(self.opts.verbose_name)), "name": name})
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    def used_by(self, row: Row) -> list[str]:
        """Say what a row is used for now, a sentence each, at most NAMED of a kind: whoever deletes it reads them."""
        return []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        found = self.get_object(request, object_id)
        used_by = self.used_by(found) if found is not None else []
        more = {"gone": self.gone, "used_by": used_by, "title": gettext("Delete %(name)s?") % {"name": found}}
        return super().delete_view(request, object_id, {**more, **(extra_context or {})})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        return super().get_queryset(request).filter(**{f"{self.brand_path}__in": self.brands(request)}).distinct()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(self.brands(request))

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return bool(self.brands(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and bool(self.brands(request))

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.may_change and bool(self.brands(request))

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self.may_delete and bool(self.brands(request))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and not field.help_text:
            helps: dict[str, Any] = {**HELPS, **self.helps}
            field.help_text = helps.get(db_field.name, "")
        return field

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", own_rows(db_field.remote_field.model, self.brands(request)))
        if db_field.remote_field.model is Brand and len(self.brands(request)) == 1:
            kwargs |= {"initial": self.brands(request)[0], "empty_label": None}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def brands_of(self, row: Row) -> list[int]:
        """Say in which brands' audit trails a change of this row stands."""
        brand_id = getattr(row, "brand_id", None)
        return [brand_id] if brand_id else []

    def save_model(self, request: HttpRequest, obj: Row, form: ModelForm[Any], change: bool) -> None:
        fields = form.changed_data if change else []
        if change and not fields:
            return
        save_configuration(row=obj, brand_ids=self.brands_of(obj), fields=fields, by=actor_of(request))

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        delete_configuration(row=obj, brand_ids=self.brands_of(obj), by=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave Django's own log alone: the event log is the audit trail."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Leave Django's own log alone: the event log is the audit trail."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Leave Django's own log alone: the event log is the audit trail."""


def _flag(field: Any) -> Any:
    """Give a column of a list that says whether a flag is set."""

    @admin.display(description=field.verbose_name, ordering=field.name)
    def shown(row: Model) -> str:
        is_on = bool(getattr(row, field.name))
        sign = icon("check") if is_on else "–"
        words = gettext("Yes") if is_on else gettext("No")
        text = '<span class="flag" title="{}"><span aria-hidden="true">{}</span><span class="vh">{}</span></span>'
        return format_html(text, words, sign, words)

    shown.__name__ = field.name
    return shown


class Picks(CheckboxSelectMultiple):
    """Many to choose from, each a box to tick; a long list is narrowed by words (`picks.js`)."""

    def __init__(self) -> None:
        super().__init__(attrs={"class": "picks", "data-find": _("Find by name")})


class ReadOnly(BrandRows[Any]):
    """What happened: looked at, never edited."""

    may_add = may_change = may_delete = False


def own_rows(model: type[Model], brand_ids: Collection[int]) -> QuerySet[Any]:
    """Give what a field may choose from: rows of these brands."""
    rows = model._default_manager.all()
    if model is Brand:
        return rows.filter(pk__in=brand_ids)
    if any(field.name == "brand" for field in model._meta.fields):
        return rows.filter(brand_id__in=brand_ids)
    if model is User:
        return rows.filter(memberships__brand_id__in=brand_ids).distinct()
    return rows


class OwnInline(InlineModelAdmin[Any, Any]):
    """An inline whose choices stay within the brands one configures."""

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", own_rows(db_field.remote_field.model, console_brands(request)))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(console_brands(request))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(console_brands(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(console_brands(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(console_brands(request))
