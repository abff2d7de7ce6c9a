from django.urls.resolvers import URLPattern

app_name = "routing"
urlpatterns: list[URLPattern] = []
