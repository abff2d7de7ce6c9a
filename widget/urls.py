from django.urls.resolvers import URLPattern

app_name = "widget"
urlpatterns: list[URLPattern] = []
