"""Who is blocked, and by whom; blocks of addresses and emails are made here too."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations.actions.blocking import block, lift
from conversations.console import BrandRows, CountlessPaginator, actor_of, console_viewer
from conversations.errors import NotAllowed
from conversations.models import Block
from conversations.permissions import Permission, Sees

# What an admin can name without a customer before them.
MADE_HERE = (Block.Kind.ADDRESS, Block.Kind.EMAIL)


class BlockForm(forms.ModelForm[Block]):
    """An address, a range or an email, why, and until when."""

    kind = forms.ChoiceField(
        label=_("what is blocked"),
        choices=[(kind.value, kind.label) for kind in MADE_HERE],
        help_text=_("Customers are blocked in the workspace, where one sees who they are."),
    )
    value = forms.CharField(
        label=_("which"),
        max_length=128,
        help_text=_(
            "An address or a range of them, for example 203.0.113.7, 203.0.113.0/24 or 2001:db8::/48; or an email."
        ),
    )


class Holds(admin.SimpleListFilter):
    """Those that hold now, or those that are over."""

    title = _("holds")
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("Now")), ("over", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Block]) -> QuerySet[Block]:
        now = timezone.now()
        if self.value() == "over":
            return queryset.filter(expires_at__lte=now)
        return queryset.filter(Q(expires_at=None) | Q(expires_at__gt=now)) if self.value() == "now" else queryset


def whole_brands(request: HttpRequest) -> list[int]:
    """Give the brands in which the one who asks may block customers, and sees all of them."""
    viewer = console_viewer(request)
    may = viewer.brands_where(Permission.BLOCK_CONTACTS)
    return [brand_id for brand_id in may if brand_id in viewer.brands_seen(Sees.ALL)]


@admin.register(Block)
class BlockPage(BrandRows[Block]):
    """Who may not write for now."""

    permission = Permission.BLOCK_ADDRESSES
    intro = _("Who reads and cannot write: customers, emails and network addresses, until when, why and by whom.")
    called = (_("block"), _("blocked"))
    empty = _("Nobody is blocked. Customers are blocked in the workspace, addresses and emails here.")
    gone = _("They may write again from this moment on. Who blocked them and who lifted it stays in the event log.")
    may_change = False
    form = BlockForm
    paginator = CountlessPaginator
    ordering = ("-pk",)
    list_display = ("__str__", "kind", "brand", "reason", "ends", "made_by", "created_at")
    list_select_related = ("brand", "contact", "made_by")
    list_filter = (Holds, "kind")
    search_fields = ("value", "reason", "contact__name", "contact__email")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Block]:
        """Give the blocks that hold: of addresses; of customers and emails only where one may block those too."""
        shown = Q(kind=Block.Kind.ADDRESS) | Q(brand__in=whole_brands(request))
        return super().get_queryset(request).filter(shown, lifted_at=None)

    def get_fields(self, request: HttpRequest, obj: Block | None = None) -> Any:
        made = ("brand", "kind", "value", "reason", "expires_at")
        return made if obj is None else (*made, "contact", "made_by", "created_at")

    def save_model(self, request: HttpRequest, obj: Block, form: forms.ModelForm[Block], change: bool) -> None:
        """Make it; what the action refuses is said, and nothing is made."""
        if obj.kind != Block.Kind.ADDRESS and obj.brand_id not in whole_brands(request):
            raise NotAllowed
        made = block(
            brand=obj.brand,
            kind=obj.kind,
            value=obj.value,
            reason=obj.reason,
            expires_at=obj.expires_at,
            by=actor_of(request),
        )
        obj.pk, obj.value = made.pk, made.value

    def delete_model(self, request: HttpRequest, obj: Block) -> None:
        lift(block=obj, by=actor_of(request))

    @admin.display(description=_("ends"), ordering="expires_at")
    def ends(self, row: Block) -> Any:
        if row.expires_at is None:
            return gettext("For good")
        return row.expires_at if row.expires_at > timezone.now() else _over()


def _over() -> SafeString:
    return format_html('<span class="c3">{}</span>', gettext("Over"))
