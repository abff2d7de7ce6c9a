from django.urls import URLPattern

app_name = "routing_api"
urlpatterns: list[URLPattern] = []
