"""Every address, composed of the apps' own urls."""

from django.contrib import admin
from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from config import reference, views
from conversations.api.files import attachment
from conversations.api.rating import rate

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home),
    path("admin/", admin.site.urls),
    path("client/v1/", include("conversations.api.urls")),
    path("files/<slug:public_id>/<str:key>/<str:name>", attachment, name="attachment"),
    path("rate/<str:token>/", rate, name="rate"),
    path("workspace/", include("conversations.workspace.urls")),
    path("workspace/", include("routing.workspace.urls")),
    path("forms/", include("routing.web.urls")),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("api/docs/business/", reference.business_docs, name="business-docs"),
    path("api/docs/", reference.api_docs, name="api-docs"),
    path("", include("config.business_api")),
    path("", include("widget.urls")),
]
