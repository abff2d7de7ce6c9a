"""The page of people: who signs in, what they may do, and the groups they work in."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.actions.people import check_access, make_sign_in_link, roles_of, save_person
from conversations.console import Once, actor_of, console_brands
from conversations.errors import ConversationsError
from conversations.models import Brand, CustomRole, Membership, Role, User
from conversations.permissions import Permission
from routing.actions.groups import join_groups
from routing.admin.concerns import WarnedRows
from routing.admin.equipment import RULE, equipment_fields, equipment_sets, is_skill, save_equipment
from routing.models import Agent, Group

# What is shown of a person whose name and roles one may not change: words, where the form has choices.
LOOKED_AT, POWERS = ("name", "email", "is_active", "last_sign_in"), ("roles", "group_names")
WORK = Permission.CONFIGURE_ROUTING
NO_ROLE = ("", _("No access"))


class PersonForm(forms.ModelForm[User]):
    """A person, their groups, and their role in each brand of the one who asks where they may change it.

    Made by `person_form`.
    """

    request: HttpRequest
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label=_("groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Groups share work: a ticket of a group can be taken by everyone in it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brand_ids = console_brands(self.request, WORK)
        field: Any = self.fields["groups"]
        field.queryset = Group.objects.filter(brand_id__in=brand_ids).select_related("brand").order_by("brand", "name")
        if len(brand_ids) > 1:
            field.label_from_instance = lambda group: f"{group.brand}: {group.name}"
        if self.instance.pk:
            for brand_id, role in roles_of(self.instance, brand_ids).items():
                self.initial[f"role_{brand_id}"] = role
            self.initial["groups"] = list(
                Group.objects.filter(members__user=self.instance, brand_id__in=brand_ids).values_list("pk", flat=True)
            )

    @property
    def roles(self) -> dict[int, str]:
        return {
            int(name.removeprefix("role_")): str(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("role_")
        }

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        if self.instance._state.adding and not any(self.roles.values()):
            raise forms.ValidationError(_("Give this person a role in at least one brand."))
        now = roles_of(self.instance, console_brands(self.request, WORK)) if self.instance.pk else {}
        roles = {**now, **self.roles}
        outside = [group for group in cleaned["groups"] if not roles.get(group.brand_id)]
        if outside:
            self.add_error("groups", _("A role in %(brand)s is needed for this group.") % {"brand": outside[0].brand})
        person = copy(self.instance)
        person.is_active = cleaned.get("is_active", self.instance.is_active)
        try:
            check_access(person=person, roles=self.roles, by=actor_of(self.request))
        except ConversationsError as error:
            raise forms.ValidationError(str(error.text)) from None
        return cleaned


def _choices(custom: Sequence[CustomRole]) -> list[Any]:
    """Give the roles of a brand to choose from: the standard ones, and beneath them its own."""
    own = [(gettext("Roles of your own"), [(role.public_id, role.name) for role in custom])] if custom else []
    return [NO_ROLE, *Role.choices, *own]


def person_form(request: HttpRequest, person: User | None, role_brands: Sequence[int]) -> type[PersonForm]:
    """Give the form with one role field for each of these brands, and the person's capacity and skills."""
    own = Prefetch("custom_roles", CustomRole.objects.order_by("name"))
    brands = Brand.objects.filter(pk__in=role_brands).order_by("name").prefetch_related(own)
    fields: dict[str, Any] = {
        f"role_{brand.pk}": forms.ChoiceField(
            label=_("role in %(brand)s") % {"brand": brand},
            choices=_choices(list(brand.custom_roles.all())),
            required=False,
            help_text=_("Admins configure, supervisors lead, agents answer, light agents read and write notes."),
        )
        for brand in brands
    }
    more = equipment_fields(console_brands(request, WORK), person)
    return type("PersonForm", (PersonForm,), {**fields, **more, "request": request})


@admin.register(User)
class PersonPage(WarnedRows[User]):
    """People who sign in: their role in each brand, their groups, and whether they are there."""

    intro = _(
        "Everyone of your team who signs in: their role in each brand, their groups and when they were last here."
    )
    empty = _("Nobody is here yet. Add the first person who answers.")
    permission = WORK
    brand_path = "memberships__brand_id"
    may_delete = False
    ordering = ("name",)
    list_display = ("name", "email", "roles", "group_names", "status", "is_active", "last_sign_in")
    list_filter = ("is_active", "memberships__role")
    search_fields = ("name", "email")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        own = self.brands(request)
        places = Membership.objects.filter(brand_id__in=own).order_by("brand__name")
        memberships = places.select_related("brand", "custom_role")
        groups = Group.objects.filter(brand_id__in=own).order_by("name")
        return (
            super()
            .get_queryset(request)
            .select_related("agent__custom_status")
            .prefetch_related(Prefetch("memberships", memberships), Prefetch("agent__groups", groups))
        )

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = person_form(request, obj, self.role_brands(request, obj))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if self.owns(request, obj):
            return ()
        return (*LOOKED_AT, "roles") if self.has_change_permission(request, obj) else (*LOOKED_AT, *POWERS)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if not self.has_change_permission(request, obj):
            return ((_("Person"), {"fields": LOOKED_AT}), (_("What they may do"), {"fields": POWERS}))
        more = equipment_sets(self.brands(request))
        if not self.owns(request, obj):
            return (
                (_("Person"), {"fields": (*LOOKED_AT, "roles"), "description": _("Admins change these.")}),
                (_("Where they work"), {"fields": ("groups",)}),
                *more,
            )
        roles = [f"role_{pk}" for pk in self.role_brands(request, obj)]
        person = ("name", "email", "locale") if obj is None else ("name", "email", "locale", "is_active")
        return (
            (_("Person"), {"fields": person}),
            (_("What they may do"), {"fields": (*roles, "groups")}),
            *more,
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the people; say where a brand has nobody who may configure it."""
        found = Membership.objects.filter(role=Role.ADMIN, user__is_active=True, brand_id__in=console_brands(request))
        lost = set(console_brands(request)) - set(found.values_list("brand_id", flat=True))
        for brand in Brand.objects.filter(pk__in=lost).order_by("name"):
            text = gettext("%(brand)s has no active admin. Give somebody the role Admin.") % {"brand": brand}
            messages.warning(request, text)
        return super().changelist_view(request, extra_context)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "locale":
            kwargs["widget"] = forms.Select(choices=[("", _("As their browser")), ("en", "English"), ("ko", "한국어")])
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(console_brands(request))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let nobody change a person with more power than theirs: superusers, and people of brands not their own."""
        return super().has_change_permission(request, obj) and self._is_within(request, obj, self.brands(request))

    def owns(self, request: HttpRequest, obj: User | None) -> bool:
        """Say whether one may change who the person is and what they may do, and not only where they work."""
        return bool(console_brands(request)) and self._is_within(request, obj, console_brands(request))

    def role_brands(self, request: HttpRequest, obj: User | None) -> list[int]:
        """Give the brands in which one may change the person's role."""
        return console_brands(request) if self.owns(request, obj) else []

    def _is_within(self, request: HttpRequest, obj: User | None, brand_ids: Sequence[int]) -> bool:
        if obj is None or getattr(request.user, "is_superuser", False):
            return True
        elsewhere = Membership.objects.filter(user=obj).exclude(brand_id__in=brand_ids).exists()
        return not obj.is_superuser and not elsewhere

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        context["may_link"] = context.get("original") is not None and self.owns(request, context["original"])
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        by, among = actor_of(request), self.brands(request)
        about = [name for name in form.changed_data if not name.startswith("role_") and name not in {RULE, "groups"}]
        about = [name for name in about if not is_skill(name)]
        if self.owns(request, obj if change else None):
            save_person(person=obj, roles=form.roles, fields=about if change else (), by=by)
        join_groups(person=obj, groups=form.cleaned_data["groups"], among=among, by=by)
        if any(name == RULE or is_skill(name) for name in form.changed_data):
            save_equipment(person=obj, given=form.cleaned_data, among=among, by=by)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave it: roles and groups are kept by the actions above."""

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        return self.show_link(request, obj)

    def get_urls(self) -> list[URLPattern]:
        link = path("<int:pk>/link/", self.admin_site.admin_view(self.link), name="conversations_user_link")
        return [link, *super().get_urls()]

    def link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make a new one-time sign-in link; by POST only."""
        person = self.get_object(request, str(pk))
        if person is None or request.method != "POST" or not self.owns(request, person):
            messages.error(request, _("You may not make a sign-in link for this person."))
            return HttpResponseRedirect(reverse("admin:conversations_user_changelist"))
        return self.show_link(request, person)

    def show_link(self, request: HttpRequest, person: User) -> HttpResponse:
        uid, token = make_sign_in_link(person=person, by=actor_of(request))
        url = request.build_absolute_uri(reverse("admin:join", args=[uid, token]))
        once = Once(
            title=_("A sign-in link for %(name)s") % {"name": person.name},
            text=_(
                "Madang sends no mail by itself: give this link to the person. Whoever opens it sets the password and"
                " is signed in. It works once, for three days, and is not shown again."
            ),
            lines=((_("Link"), url),),
            back=reverse("admin:conversations_user_changelist"),
        )
        return once.page(request, self.admin_site)

    @admin.display(description=_("roles"))
    def roles(self, person: User) -> str:
        rows = ((each.role_name, each.brand) for each in person.memberships.all())
        return format_html_join(" ", '<span class="m-chip">{} · {}</span>', rows)

    @admin.display(description=_("groups"))
    def group_names(self, person: Any) -> str:
        agent = getattr(person, "agent", None)
        return ", ".join(group.name for group in agent.groups.all()) if agent else ""

    @admin.display(description=_("status"))
    def status(self, person: Any) -> str:
        agent = getattr(person, "agent", None)
        state = agent.status if agent else Agent.Status.OFFLINE
        shown = {"online": "online", "away": "away", "transfers_only": "transfer"}.get(state, "offline")
        label = (agent.custom_status.name if agent and agent.custom_status else "") or Agent.Status(state).label
        return format_html('<span class="m-status"><span class="m-dot" data-p="{}"></span>{}</span>', shown, label)

    @admin.display(description=_("last sign-in"), ordering="last_login")
    def last_sign_in(self, person: User) -> Any:
        return person.last_login or gettext("never")
