"""What agents are good at, and which work asks for it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from conversations.models import Brand
from conversations.models.ids import DatabaseId, PublicIdField
from routing.models.agent import Agent

MAX_LEVEL = 5


class SkillType(models.Model):
    """A kind of skill, for example "Language" or "Product"."""

    public_id = PublicIdField(db_default=DatabaseId())
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="skill_types")
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        verbose_name = _("type of skill")
        verbose_name_plural = _("types of skills")
        constraints = [models.UniqueConstraint(fields=["brand", "name"], name="skill_type_name_once")]

    def __str__(self) -> str:
        return self.name


class Skill(models.Model):
    """One skill of a kind, for example "Korean"."""

    public_id = PublicIdField(db_default=DatabaseId())
    type = models.ForeignKey(SkillType, on_delete=models.CASCADE, related_name="skills", verbose_name=_("type"))
    name = models.CharField(_("name"), max_length=60)
    holders = models.ManyToManyField(Agent, through="routing.AgentSkill", related_name="skills", blank=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        constraints = [models.UniqueConstraint(fields=["type", "name"], name="skill_name_once")]

    def __str__(self) -> str:
        return self.name


class AgentSkill(models.Model):
    """An agent holds a skill, to a level from 1 to 5."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="held_skills", verbose_name=_("agent"))
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="held_by", verbose_name=_("skill"))
    level = models.PositiveSmallIntegerField(
        _("level"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_LEVEL)],
        help_text=_("1 knows a little, 5 knows it best."),
    )

    class Meta:
        verbose_name = _("held skill")
        verbose_name_plural = _("held skills")
        constraints = [models.UniqueConstraint(fields=["agent", "skill"], name="agent_skill_once")]


class SkillRule(models.Model):
    """Work that meets the conditions needs some skills, or prefers them. All rules that meet are added up."""

    public_id = PublicIdField(db_default=DatabaseId())
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="skill_rules")
    name = models.CharField(_("name"), max_length=100)
    is_active = models.BooleanField(_("active"), default=True)
    # As routing.decide.conditions reads them.
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    requires = models.ManyToManyField(Skill, related_name="+", blank=True, verbose_name=_("requires"))
    prefers = models.ManyToManyField(Skill, related_name="+", blank=True, verbose_name=_("prefers"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("skill rule")
        verbose_name_plural = _("skill rules")
        indexes = [models.Index(fields=["brand", "order", "id"], name="skill_rule_order")]

    def __str__(self) -> str:
        return self.name
