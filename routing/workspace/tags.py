"""What the fields of tags suggest."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conversations.access import AgentRequest, agents_only
from conversations.errors import NotFound
from conversations.incoming import MAX_KEY, number_in
from routing.queries.tags import used_tags


@require_safe
@agents_only
def suggestions(request: AgentRequest) -> HttpResponse:
    """Give the tags in use as options; `brand`, by its key, narrows them to one brand."""
    brand_id = number_in(request.GET.get("brand", ""), MAX_KEY)
    if brand_id is not None and brand_id not in request.viewer.brand_ids:
        raise NotFound
    return render(request, "routing/_tags.html", {"tags": used_tags(request.viewer, brand_id)})
