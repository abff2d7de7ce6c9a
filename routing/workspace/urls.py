from django.urls import path

from routing.workspace import changes, me, own_views, parts, shell

app_name = "routing"
urlpatterns = [
    path("", shell.home, name="home"),
    path("inbox/<slug:view>/", shell.inbox, name="inbox"),
    path("inbox/<slug:view>/<slug:conversation_id>/", shell.inbox, name="inbox"),
    path("contacts/", shell.contacts, name="contacts"),
    path("contacts/<slug:contact_id>/", shell.contact, name="contact"),
    path("parts/views/", parts.views, name="views"),
    path("parts/list/<slug:view>/", parts.listing, name="list"),
    path("parts/ticket/<slug:conversation_id>/", parts.ticket_head, name="ticket_head"),
    path("parts/ticket-panel/<slug:conversation_id>/", parts.ticket_panel, name="ticket_panel"),
    path("tickets/<slug:conversation_id>/<slug:verb>/", changes.change, name="change"),
    path("views/new/", own_views.new, name="new_view"),
    path("views/<slug:public_id>/edit/", own_views.edit, name="edit_view"),
    path("views/<slug:public_id>/delete/", own_views.delete, name="delete_view"),
    path("me/status/", me.set_status, name="set_status"),
    path("me/preference/", me.set_preference, name="set_preference"),
]
