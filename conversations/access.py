"""The door of every workspace view: who is signed in, and what they are in each brand."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django_htmx.middleware import HtmxDetails

from conversations.errors import ConversationsError, NotAllowed
from conversations.models import User
from conversations.permissions import Permission
from conversations.queries import Viewer, viewer_of


class AgentRequest(HttpRequest):
    """A request that came through `agents_only`."""

    user: User
    htmx: HtmxDetails
    viewer: Viewer

    def require(self, brand_id: int, permission: Permission) -> None:
        """Raise NotAllowed unless the viewer may do this in the brand."""
        if not self.viewer.may(brand_id, permission):
            raise NotAllowed


View = Callable[..., HttpResponse]


def agents_only(view: View) -> View:
    """Let only people with a brand in; give the view `request.viewer`; show refusals where they belong."""

    @wraps(view)
    def door(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            response: HttpResponse = redirect_to_login(request.get_full_path())
            if request.htmx:
                response = HttpResponse(status=401, headers={"HX-Redirect": _way_back(request)})
            return response
        request.viewer = viewer_of(request.user)
        request.require = lambda brand_id, permission: AgentRequest.require(request, brand_id, permission)
        try:
            if not request.viewer.places:
                raise NotAllowed
            response = view(request, *args, **kwargs)
        except ConversationsError as error:
            response = _refused(request, error)
        patch_vary_headers(response, ["HX-Request", "Cookie"])
        return response

    return door


def _way_back(request: Any) -> str:
    """Give the address of the sign-in that leads back to the page which asked."""
    page = request.htmx.current_url_abs_path or request.get_full_path()
    return f"/workspace/sign-in/?{urlencode({'next': page})}"


def _refused(request: Any, error: ConversationsError) -> HttpResponse:
    """Show a refusal: of a deed as a toast, of a region in its place, of a visit as a page."""
    if request.method == "POST":
        response = render(request, "workspace/_refusal.html", {"error": error}, status=error.status)
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#toasts", "beforeend"
        return response
    template = "workspace/_refused.html" if request.htmx else "workspace/refused.html"
    return render(request, template, {"error": error}, status=error.status)
