"""The page of skill rules: which work asks for which skills."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.console import actor_of
from conversations.permissions import Permission
from routing.actions.skills import check_asked, delete_skill_rule, save_skill_rule
from routing.admin.concerns import WarnedRows
from routing.admin.conditions import ConditionRows, ConditionsForm
from routing.admin.moving import MovableRows
from routing.errors import InvalidChange
from routing.models import Skill, SkillRule


class SkillRuleForm(ConditionsForm[SkillRule]):
    """A rule with what it requires and prefers."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        brand = cleaned.get("brand") or getattr(self.instance, "brand", None)
        if brand is None or {"requires", "prefers"} & self.errors.keys():
            return cleaned
        required, preferred = ({skill.pk for skill in cleaned.get(each, ())} for each in ("requires", "prefers"))
        try:
            check_asked(brand.pk, required, preferred)
        except InvalidChange as error:
            self.add_error(error.field, str(error.text))
        return cleaned


@admin.register(SkillRule)
class SkillRulePage(ConditionRows[SkillRule], MovableRows[SkillRule], WarnedRows[SkillRule]):
    """Which work asks for which skills."""

    permission = Permission.CONFIGURE_ROUTING
    intro = _(
        "Which work asks for which skills. All rules whose conditions a ticket meets are added up: it goes to somebody"
        " who holds all the required skills, before others to who knows most of what is asked for."
    )
    empty = _("No rule yet: no work asks for skills. Add one, for example for customers who write Korean.")
    gone = _("Work asks for its skills no more. The skills stay.")
    form = SkillRuleForm
    list_display = ("name", "conditions_told", "asks_for", "is_active", "attention", "brand", "places")
    list_select_related = ("brand",)
    list_per_page = 200
    search_fields = ("name",)
    fields = ("brand", "name", "is_active", "conditions", "requires", "prefers")
    helps = {
        "name": _("For example 'Writes Korean'."),
        "is_active": _("Off: the rule asks for nothing."),
        "requires": _("Nobody else is given this work, until it waited too long (see Assignment)."),
        "prefers": _("Who knows most of them comes first; others are given it as well."),
        "conditions": _("Without conditions, the rule holds for all work."),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[SkillRule]:
        return super().get_queryset(request).prefetch_related("requires", "prefers")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        own = Skill.objects.filter(type__brand__in=self.brands(request)).select_related("type")
        kwargs |= {
            "queryset": own.order_by("type__brand", "type__name", "name"),
            "widget": forms.CheckboxSelectMultiple,
        }
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.label_from_instance = lambda skill: f"{skill.type.name}: {skill.name}"
        return field

    def get_readonly_fields(self, request: HttpRequest, obj: SkillRule | None = None) -> tuple[str, ...]:
        return ("brand",) if obj else ()

    def save_model(self, request: HttpRequest, obj: SkillRule, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        given = form.cleaned_data
        save_skill_rule(
            rule=obj,
            requires=given["requires"],
            prefers=given["prefers"],
            fields=form.changed_data if change else (),
            by=actor_of(request),
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Leave it: what a rule asks for is kept by the action above."""

    def delete_model(self, request: HttpRequest, obj: SkillRule) -> None:
        delete_skill_rule(rule=obj, by=actor_of(request))

    @admin.display(description=_("asks for"))
    def asks_for(self, rule: SkillRule) -> str:
        required = ", ".join(sorted(skill.name for skill in rule.requires.all()))
        preferred = ", ".join(sorted(skill.name for skill in rule.prefers.all()))
        said = [_("requires %(skills)s") % {"skills": required}] if required else []
        said += [_("prefers %(skills)s") % {"skills": preferred}] if preferred else []
        return " · ".join(map(str, said))
