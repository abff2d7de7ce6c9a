"""Tokens with which apps act as a person: made, used, taken away."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.actions.configuration import record_configuration
from conversations.errors import InvalidContent
from conversations.events import Actor
from conversations.models import ApiKey, PersonalToken, User
from conversations.secrets import fingerprint, new_token

PREFIX = "mad_"
MAX_TOKENS, NAME_CHARS = 50, 100
LONGEST = timedelta(days=366)
SIGNED_IN_FOR = timedelta(days=30)
# Being used is written down at most this often: a call must not cost a write.
USED_EVERY = timedelta(minutes=1)
DROPPED_AT_ONCE = 500


@transaction.atomic
def make_token(*, user: User, name: str, expires_at: datetime | None = None) -> tuple[PersonalToken, str]:
    """Make a token for an app of this person's; return it with its secret, of which only a hash is kept.

    `expires_at` is within a year; None: it holds until it is taken away. Raises InvalidContent.
    """
    name = name.strip()
    if not 0 < len(name) <= NAME_CHARS or not name.isprintable():
        text = _("Give a name of 1 to %(n)s characters.") % {"n": NAME_CHARS}
        raise InvalidContent(text, field="name", limit=NAME_CHARS)
    if expires_at is not None and not timezone.now() < expires_at <= timezone.now() + LONGEST:
        raise InvalidContent(_("Choose a time from now to a year from now."), field="expires_at", limit=LONGEST.days)
    User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk").get()
    if user.tokens.filter(bound_to="").count() >= MAX_TOKENS:
        text = _("There are %(n)s tokens already. Take one away first.") % {"n": MAX_TOKENS}
        raise InvalidContent(text, limit=MAX_TOKENS)
    return _make(user, name, expires_at)


@transaction.atomic
def sign_in(*, user: User, name: str) -> tuple[PersonalToken, str]:
    """Let an app in as a person who gave their password; the token holds for 30 days, and as long as the password."""
    return _make(user, name[:NAME_CHARS], timezone.now() + SIGNED_IN_FOR, bound_to=password_mark(user))


def _make(user: User, name: str, expires_at: datetime | None, bound_to: str = "") -> tuple[PersonalToken, str]:
    secret = PREFIX + new_token()
    token = PersonalToken.objects.create(
        user=user, name=name, token_hash=fingerprint(secret), expires_at=expires_at, bound_to=bound_to
    )
    _record(token, "created")
    return token, secret


@transaction.atomic
def revoke_token(*, token: PersonalToken) -> None:
    """Take a token away: what uses it is refused from this moment on."""
    _record(token, "deleted")
    token.delete()


def _record(token: PersonalToken, change: str) -> None:
    brand_ids = list(token.user.memberships.values_list("brand_id", flat=True))
    record_configuration(row=token, brand_ids=brand_ids, change=change, by=Actor.of_user(token.user))


def password_mark(user: User) -> str:
    """Give what changes with a person's password."""
    return fingerprint(user.get_session_auth_hash())


def mark_used(row: PersonalToken | ApiKey) -> None:
    """Write down that a token or a key is in use."""
    now = timezone.now()
    if row.last_used_at is None or now - row.last_used_at > USED_EVERY:
        type(row)._default_manager.filter(pk=row.pk).update(last_used_at=now)


def drop_expired_tokens(*, limit: int = DROPPED_AT_ONCE) -> int:
    """Delete tokens that are over; say how many."""
    over = PersonalToken.objects.filter(expires_at__lt=timezone.now()).values_list("pk", flat=True)[:limit]
    return PersonalToken.objects.filter(pk__in=list(over)).delete()[0]
