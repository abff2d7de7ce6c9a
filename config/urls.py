"""Every address, composed of the apps' own urls."""

from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("client/v1/", include("conversations.api.urls")),
    path("workspace/", include("conversations.workspace.urls")),
    path("workspace/", include("routing.workspace.urls")),
    path("", include("widget.urls")),
]
