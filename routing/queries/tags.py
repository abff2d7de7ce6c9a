"""Which tags are in use, for who is about to give one."""

from collections import Counter
from collections.abc import Sequence

from conversations.queries import Viewer, only_seen
from routing.models import Ticket

# A brand may have millions of tickets: what its newest ones wear is what is in use.
LOOKED_AT = 2000
MOST = 200


def used_tags(viewer: Viewer, brand_id: int | None = None) -> Sequence[tuple[str, int]]:
    """Give the tags of the newest LOOKED_AT tickets the viewer sees, of one brand or of all theirs, and of how many.

    The most used first, at most MOST. One query.
    """
    found = Ticket.objects.all() if brand_id is None else Ticket.objects.filter(brand=brand_id)
    newest = only_seen(found, viewer, conversation="conversation").order_by("-pk")[:LOOKED_AT]
    counts = Counter(tag for tags in newest.values_list("tags", flat=True) for tag in tags)
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST]
