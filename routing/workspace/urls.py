from django.urls import path

from routing.workspace import views

app_name = "routing"
urlpatterns = [
    path("", views.home, name="home"),
    path("inbox/<slug:view>/", views.inbox, name="inbox"),
    path("inbox/<slug:view>/<slug:conversation_id>/", views.inbox, name="inbox"),
    path("parts/views/<slug:view>/", views.views_part, name="views"),
    path("parts/list/<slug:view>/", views.list_part, name="list"),
    path("parts/ticket/<slug:conversation_id>/", views.ticket_head, name="ticket_head"),
    path("parts/ticket-panel/<slug:conversation_id>/", views.ticket_panel, name="ticket_panel"),
    path("tickets/<slug:conversation_id>/<slug:verb>/", views.change, name="change"),
    path("me/status/", views.set_status, name="set_status"),
    path("me/preference/", views.set_preference, name="set_preference"),
]
