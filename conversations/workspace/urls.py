from django.urls.resolvers import URLPattern

app_name = "conversations"
urlpatterns: list[URLPattern] = []
