"""The pages of skills: the kinds there are, and who holds each."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.console import NAMED, Picks, actor_of
from conversations.permissions import Permission
from routing.actions.skills import (
    MAX_SKILLS,
    SKILL_CHARS,
    SkillEntry,
    check_skills,
    delete_skill,
    delete_skill_type,
    save_skill_type,
    set_holders,
)
from routing.admin.concerns import WarnedRows
from routing.errors import InvalidChange
from routing.models import Agent, AgentSkill, Skill, SkillRule, SkillType
from routing.models.skill import MAX_LEVEL
from routing.queries.work import ANSWERING, answering

LEVELS = [(str(level), str(level)) for level in range(1, MAX_LEVEL + 1)]
NOT_HELD = ("", "–")


class SkillTypeForm(forms.ModelForm[SkillType]):
    """A type with its skills: those there are, each to rename, and new ones, one a line. Made by `type_form`."""

    new_skills = forms.CharField(
        label=_("new skills"),
        required=False,
        max_length=MAX_SKILLS * (SKILL_CHARS + 2),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, for example Korean. A type has at most 30 skills."),
    )

    def _get_validation_exclusions(self) -> set[str]:
        # `clean` compares names, also where the brand is only shown, and says so at the name.
        return {*super()._get_validation_exclusions(), "name"}  # type: ignore[misc]  # not in the stubs

    @property
    def skills(self) -> list[SkillEntry]:
        """The skills as they were written."""
        kept = {name: value for name, value in self.cleaned_data.items() if name.startswith("skill_")}
        lines = str(self.cleaned_data.get("new_skills", "")).splitlines()
        return [
            *(SkillEntry(value, int(name.removeprefix("skill_"))) for name, value in kept.items()),
            *(SkillEntry(line.strip()) for line in lines if line.strip()),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            check_skills(self.skills)
        except InvalidChange as error:
            self.add_error("new_skills", str(error.text))
        brand, name = cleaned.get("brand") or getattr(self.instance, "brand", None), cleaned.get("name")
        same = SkillType.objects.filter(brand=brand, name=name).exclude(pk=self.instance.pk)
        if brand and name and same.exists():
            self.add_error("name", _("There is a type of this name already."))
        return cleaned


@admin.register(SkillType)
class SkillTypePage(WarnedRows[SkillType]):
    """Kinds of skills, each with its skills."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _("What agents can be good at: types, such as Language, each with its skills, such as Korean.")
    empty = _("No skills yet. Add a type, such as Language, and write its skills.")
    gone = _("Its skills go with it: agents hold them no more, and work asks for them no more.")
    form = SkillTypeForm
    list_display = ("name", "skill_names", "brand")
    list_select_related = ("brand",)
    search_fields = ("name", "skills__name")
    ordering = ("brand", "name")
    concern_kind = "skill"
    helps = {"name": _("For example 'Language' or 'Product'.")}

    def keys_of(self, row: SkillType) -> set[int]:
        return set(row.skills.values_list("pk", flat=True))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SkillType]:
        return super().get_queryset(request).prefetch_related(Prefetch("skills", Skill.objects.order_by("name")))

    def get_form(self, request: HttpRequest, obj: SkillType | None = None, change: bool = False, **kwargs: Any) -> Any:
        fields = {
            f"skill_{skill.pk}": forms.CharField(
                label=_("skill"),
                max_length=SKILL_CHARS,
                initial=skill.name,
                error_messages={"required": _("A skill needs a name. To delete it, open it under Skills.")},
            )
            for skill in (obj.skills.all() if obj else ())
        }
        kwargs["form"] = type("SkillTypeForm", (SkillTypeForm,), fields)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: SkillType | None = None) -> Any:
        kept = [f"skill_{skill.pk}" for skill in obj.skills.all()] if obj else []
        return ((None, {"fields": ("brand", "name")}), (_("Skills"), {"fields": (*kept, "new_skills")}))

    def get_readonly_fields(self, request: HttpRequest, obj: SkillType | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def save_model(self, request: HttpRequest, obj: SkillType, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        is_skill = ("skill_", "new_skills")
        fields = dict.fromkeys("skills" if name.startswith(is_skill) else name for name in form.changed_data)
        save_skill_type(kind=obj, skills=form.skills, fields=list(fields) if change else (), by=actor_of(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave it: skills are kept by the action above."""

    def delete_model(self, request: HttpRequest, obj: SkillType) -> None:
        delete_skill_type(kind=obj, by=actor_of(request))

    @admin.display(description=_("skills"))
    def skill_names(self, kind: SkillType) -> str:
        rows = ((reverse("admin:routing_skill_change", args=[skill.pk]), skill.name) for skill in kind.skills.all())
        return format_html_join(" ", '<a class="m-chip" href="{}">{}</a>', rows) or gettext("None yet")


class HoldersForm(forms.ModelForm[Skill]):
    """Who holds a skill: the level of each, and more people to put to them. Made by `SkillPage.get_form`."""

    add = forms.ModelMultipleChoiceField(
        Agent.objects.none(),
        label=_("people who hold it too"),
        required=False,
        widget=Picks,
        help_text=_("Whoever is ticked holds it from now on, with the level below."),
    )
    add_level = forms.TypedChoiceField(
        label=_("their level"),
        choices=LEVELS,
        coerce=int,
        initial="3",
        help_text=_("1 knows a little, 5 knows it best."),
    )

    class Meta:
        model = Skill
        fields: tuple[str, ...] = ()

    @property
    def levels(self) -> dict[int, int]:
        """The level of each holder, by the agent's key."""
        given = self.cleaned_data
        kept = {
            int(name.removeprefix("level_")): int(level)
            for name, level in given.items()
            if name.startswith("level_") and level
        }
        return kept | {agent.pk: given["add_level"] for agent in given["add"]}


@admin.register(Skill)
class SkillPage(WarnedRows[Skill]):
    """Who holds each skill, and how well."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _("Who holds each skill, and how well. Work that requires it goes to them alone.")
    empty = _("No skills yet. Add a type of skills first, and write its skills there.")
    gone = _("Agents hold it no more, and rules ask for it no more.")
    form = HoldersForm
    brand_path = "type__brand_id"
    may_add = False
    list_display = ("name", "type", "holder_count", "attention", "brand")
    list_select_related = ("type__brand",)
    search_fields = ("name", "type__name")
    ordering = ("type__brand", "type__name", "name")
    list_per_page = 300

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Say where skills are made: a skill belongs to a type."""
        made_at = {"url": reverse("admin:routing_skilltype_changelist"), "text": _("Add skills under Types of skills")}
        return super().changelist_view(request, {"elsewhere": made_at, **(extra_context or {})})

    def brands_of(self, row: Skill) -> list[int]:
        return [row.type.brand_id]

    def title_of(self, row: Skill) -> str:
        return f"{row.type.name}: {row.name}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Skill]:
        found = super().get_queryset(request).select_related("type__brand")
        active = Q(held_by__agent__user__is_active=True, held_by__agent__user__memberships__role__in=ANSWERING)
        return found.annotate(holding=Count("held_by", filter=active, distinct=True))

    def get_form(self, request: HttpRequest, obj: Skill | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            return super().get_form(request, obj, change=change, **kwargs)
        fields: dict[str, Any] = {
            f"level_{row.agent_id}": forms.ChoiceField(
                label=str(row.agent), choices=[NOT_HELD, *LEVELS], initial=str(row.level), required=False
            )
            for row in self._held(obj)
        }
        people = answering(obj.type.brand_id).exclude(held_skills__skill=obj).select_related("user")
        fields["add"] = forms.ModelMultipleChoiceField(
            people.order_by("user__name", "pk").distinct(),
            label=HoldersForm.base_fields["add"].label,
            help_text=HoldersForm.base_fields["add"].help_text,
            required=False,
            widget=HoldersForm.base_fields["add"].widget,
        )
        kwargs["form"] = type("HoldersForm", (HoldersForm,), fields)
        return super().get_form(request, obj, change=change, **kwargs)

    def _held(self, skill: Skill) -> QuerySet[AgentSkill]:
        return AgentSkill.objects.filter(skill=skill).select_related("agent__user").order_by("agent__user__name", "pk")

    def get_fieldsets(self, request: HttpRequest, obj: Skill | None = None) -> Any:
        kept = [f"level_{row.agent_id}" for row in self._held(obj)] if obj else []
        holders = {"fields": kept, "description": _("1 knows a little, 5 knows it best. – takes the skill away.")}
        more = (_("More holders"), {"fields": ("add", "add_level")})
        return ((_("Holders"), holders), more) if kept else (more,)

    def save_model(self, request: HttpRequest, obj: Skill, form: Any, change: bool) -> None:
        if form.changed_data:
            set_holders(skill=obj, levels=form.levels, by=actor_of(request))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave it: holders are kept by the action above."""

    def used_by(self, row: Skill) -> list[str]:
        rules = SkillRule.objects.filter(Q(requires=row) | Q(prefers=row)).distinct().order_by("name")[:NAMED]
        return [gettext("Skill rule %(name)s asks for it.") % {"name": each} for each in rules]

    def delete_model(self, request: HttpRequest, obj: Skill) -> None:
        delete_skill(skill=obj, by=actor_of(request))

    @admin.display(description=_("holders"), ordering="holding")
    def holder_count(self, skill: Any) -> str:
        return format_html('<span class="num">{}</span>', skill.holding)

    @admin.display(description=_("brand"))
    def brand(self, skill: Skill) -> str:
        return str(skill.type.brand)
