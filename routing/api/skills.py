"""Skills, who holds them, and which work asks for them."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from conversations.business.callers import Caller
from conversations.business.nouns import CHANGE, Noun
from conversations.business.shapes import Flat
from conversations.business.views import Input, those_named
from conversations.models import Brand
from conversations.permissions import Permission
from conversations.scopes import Area
from routing.actions import skills
from routing.actions.skills import SkillEntry
from routing.api.named import OrderedNoun, agents_named, brand_field, fill, ids, skills_named
from routing.api.shapes import Named, Output, agent_named, named, ordered_told
from routing.errors import InvalidChange
from routing.models import Skill, SkillRule, SkillType
from routing.models.skill import MAX_LEVEL

TAG = "Skills"


class SkillTypeShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    skills = Named(many=True)


class SkillInType(Input):
    id = serializers.CharField(required=False, max_length=24, help_text="Of the one it renames; none: a new one.")
    name = serializers.CharField(help_text="At most 60 characters.")


class SkillTypeBody(Input):
    name = serializers.CharField(help_text="At most 60 characters.")
    skills = SkillInType(many=True, required=False, help_text="Exactly these, at most 30; one that is missing goes.")
    brand = brand_field()


class SkillTypeNoun(Noun[SkillType]):
    """Kinds of skills, with their skills."""

    name, many, one, tag, area = "skill_type", "skill_types", "a type of skills", TAG, Area.ROUTING
    permission = Permission.CONFIGURE_ROUTING
    shape, body = SkillTypeShape, SkillTypeBody

    def rows(self, caller: Caller) -> QuerySet[SkillType]:
        return SkillType.objects.filter(brand__in=caller.viewer.brand_ids).prefetch_related("skills")

    def told(self, row: SkillType) -> dict[str, Any]:
        return {"id": row.public_id, "name": row.name, "skills": [named(each) for each in row.skills.all()]}

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> SkillType:
        return self.change(caller, SkillType(brand=brand), given)

    def change(self, caller: Caller, row: SkillType, given: dict[str, Any]) -> SkillType:
        row.name = given.get("name", row.name)
        own = Skill.objects.filter(type=row) if row.pk else Skill.objects.none()
        if "skills" in given:
            known = [each["id"] for each in given["skills"] if "id" in each]
            keys = {each.public_id: each.pk for each in those_named(own, known, "skills")}
            entries = [SkillEntry(each["name"], keys.get(each.get("id", ""))) for each in given["skills"]]
        else:
            entries = [SkillEntry(each.name, each.pk) for each in own]
        saved = skills.save_skill_type(kind=row, skills=entries, fields=sorted(given), by=caller.actor)
        return self.rows(caller).get(pk=saved.pk)

    def delete(self, caller: Caller, row: SkillType) -> None:
        skills.delete_skill_type(kind=row, by=caller.actor)


class Holder(Output):
    agent = Named()
    level = serializers.IntegerField(min_value=1, max_value=MAX_LEVEL)


class SkillShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    type = Named()
    holders = Holder(many=True)


class HolderBody(Input):
    agent = serializers.CharField(max_length=24, help_text="Id of an agent.")
    level = serializers.IntegerField(min_value=1, max_value=MAX_LEVEL)


class SkillBody(Input):
    holders = HolderBody(many=True, required=False, help_text="Exactly these, at most 500.")


class SkillNoun(Noun[Skill]):
    """Skills and who holds them; they are made and renamed with their type."""

    name, many, one, tag, area = "skill", "skills", "a skill", TAG, Area.ROUTING
    permission = Permission.CONFIGURE_ROUTING
    shape, body, does = SkillShape, SkillBody, frozenset({CHANGE})

    def rows(self, caller: Caller) -> QuerySet[Skill]:
        found = Skill.objects.filter(type__brand__in=caller.viewer.brand_ids).select_related("type")
        return found.prefetch_related("held_by__agent__user")

    def told(self, row: Skill) -> dict[str, Any]:
        held = [{"agent": agent_named(each.agent), "level": each.level} for each in row.held_by.all()]
        return {"id": row.public_id, "name": row.name, "type": named(row.type), "holders": held}

    def brand_id(self, row: Skill) -> int:
        return row.type.brand_id

    def change(self, caller: Caller, row: Skill, given: dict[str, Any]) -> Skill:
        levels = {each["agent"]: each["level"] for each in given["holders"]}
        if len(levels) != len(given["holders"]):
            raise InvalidChange(field="holders")
        agents = agents_named(row.type.brand_id, list(levels), "holders")
        by_key = {agent.pk: levels[agent.user.public_id] for agent in agents}
        skills.set_holders(skill=row, levels=by_key, by=caller.actor)
        return self.rows(caller).get(pk=row.pk)


class SkillRuleShape(Output):
    id = serializers.CharField()
    name = serializers.CharField()
    is_active = serializers.BooleanField()
    place = serializers.IntegerField(min_value=0)
    conditions = Flat()
    requires = Named(many=True)
    prefers = Named(many=True)


class SkillRuleBody(Input):
    name = serializers.CharField(help_text="At most 100 characters.")
    is_active = serializers.BooleanField(required=False)
    conditions = Flat(required=False, help_text="As docs/conditions.md tells.")
    requires = ids(required=False, help_text="Ids of skills.")
    prefers = ids(required=False, help_text="Ids of skills.")
    brand = brand_field()


class SkillRuleNoun(OrderedNoun[SkillRule]):
    """Which work asks for which skills."""

    name, many, one, tag, area = "skill_rule", "skill_rules", "a skill rule", TAG, Area.ROUTING
    permission = Permission.CONFIGURE_ROUTING
    shape, body = SkillRuleShape, SkillRuleBody

    def rows(self, caller: Caller) -> QuerySet[SkillRule]:
        return SkillRule.objects.filter(brand__in=caller.viewer.brand_ids).prefetch_related("requires", "prefers")

    def told(self, row: SkillRule) -> dict[str, Any]:
        return {
            **ordered_told(row),
            "requires": [named(each) for each in row.requires.all()],
            "prefers": [named(each) for each in row.prefers.all()],
        }

    def make(self, caller: Caller, brand: Brand, given: dict[str, Any]) -> SkillRule:
        return self.change(caller, SkillRule(brand=brand), given)

    def change(self, caller: Caller, row: SkillRule, given: dict[str, Any]) -> SkillRule:
        fields = sorted(given)
        asked = {name: given.pop(name) for name in ("requires", "prefers") if name in given}
        fill(row, given)

        def chosen(name: str) -> list[Skill]:
            if name in asked:
                return skills_named(row.brand_id, asked[name], name)
            return list(getattr(row, name).all()) if row.pk else []

        requires, prefers = chosen("requires"), chosen("prefers")
        saved = skills.save_skill_rule(rule=row, requires=requires, prefers=prefers, fields=fields, by=caller.actor)
        return self.rows(caller).get(pk=saved.pk)

    def delete(self, caller: Caller, row: SkillRule) -> None:
        skills.delete_skill_rule(rule=row, by=caller.actor)
