"""The business API, composed of the apps' own operations, and its OpenAPI document."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from conversations.api.errors import nothing_here
from conversations.business.document import SETTINGS

BASE = "api/v1/"
urlpatterns = [
    path(
        f"{BASE}schema/",
        SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[], custom_settings=SETTINGS),
        name="business-schema",
    ),
    path(BASE, include("conversations.business.urls")),
    path(BASE, include("routing.api.urls")),
    path(f"{BASE}<path:path>", nothing_here),
]
