from django.urls import path

from widget import views

app_name = "widget"
urlpatterns = [
    path("w.js", views.loader, name="loader"),
    path("ekr/snippet.js", views.loader, name="snippet"),
    path("widget/<slug:key>/", views.messenger, name="messenger"),
    path("demo/", views.demo, name="demo"),
]
