"""By which words a page of the console is found: what it says of itself, its fields, and what else people call it."""

from functools import lru_cache

from django.apps import apps
from django.contrib.admin import ModelAdmin
from django.db.models import Field, Model
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

# Words of those who come from elsewhere; each page's in one string, as its search takes them.
ALSO = {
    "routing.routingconfig": _(
        "routing omnichannel round robin offer accept timeout focus mode reassignment auto-accept"
    ),
    "routing.queue": _("queue routing priority percentage split overflow"),
    "routing.skilltype": _("skill language product competence"),
    "routing.skill": _("skill holders level competence"),
    "routing.skillrule": _("skill based routing requirements"),
    "routing.capacityrule": _("capacity limit concurrent chats maximum workload"),
    "routing.customstatus": _("status availability away break lunch"),
    "routing.schedule": _("business hours opening hours holidays public holiday calendar time zone"),
    "routing.slapolicy": _("SLA service level promise target deadline first reply resolution"),
    "routing.sessionsettings": _(
        "inactivity timeout reminder out of hours away message position in line expected wait"
    ),
    "routing.view": _("inbox list filter columns"),
    "routing.macro": _("canned response template shortcut quick reply snippet"),
    "routing.trigger": _("rule automation event condition action"),
    "routing.automation": _("rule trigger time based condition action"),
    "routing.survey": _("CSAT satisfaction rating feedback score"),
    "routing.customfield": _("custom field dropdown regex checkbox date"),
    "routing.ticketform": _("form contact form web form embed"),
    "conversations.responder": _("who answers bot AI agent handover"),
    "conversations.user": _("agent user invite password role admin supervisor"),
    "conversations.customrole": _("role permission rights access"),
    "routing.group": _("team department"),
    "routing.statusspell": _("status history online offline time"),
    "conversations.block": _("ban block spam address IP email"),
    "conversations.contact": _("customer user contact"),
    "conversations.brand": _("brand language time zone company"),
    "conversations.apikey": _("API key token integration scope"),
    "conversations.signingkey": _("JWT sign in identity verification secret"),
    "conversations.event": _("audit log history changes"),
    "widget.widgetsettings": _("messenger chat button colour logo greeting"),
    "conversations.channel": _("website app channel origin snippet install"),
}


def words_of(page: ModelAdmin[Model]) -> str:
    """Give the words by which a page is found, in the language of now."""
    label = page.model._meta.label_lower
    return f"{getattr(page, 'intro', '')} {ALSO.get(label, '')} {_fields_of(label, get_language() or '')}"


@lru_cache(maxsize=256)
def _fields_of(label: str, _language: str) -> str:
    fields = apps.get_model(label)._meta.get_fields()
    return " ".join(str(field.verbose_name) for field in fields if isinstance(field, Field) and field.editable)
