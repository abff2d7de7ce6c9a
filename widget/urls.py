from django.urls import path

from widget import views

app_name = "widget"
urlpatterns = [
    path("w.js", views.loader, name="loader"),
    path("ekr/snippet.js", views.loader, name="snippet"),
    path("widget/app.js", views.asset, {"name": "app.js"}, name="script"),
    path("widget/app.css", views.asset, {"name": "app.css"}, name="styles"),
    path("widget/<slug:key>/", views.messenger, name="messenger"),
    path("demo/", views.demo, name="demo"),
    path("demo/<slug:item>/", views.demo, name="demo-goods"),
]
