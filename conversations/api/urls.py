from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from conversations.api import views
from conversations.api.errors import nothing_here

app_name = "client"
urlpatterns = [
    path("session", views.SessionView.as_view(), name="session"),
    path("me", views.MeView.as_view(), name="me"),
    path("conversations", views.ConversationsView.as_view(), name="conversations"),
    path("conversations/<slug:public_id>", views.ConversationView.as_view(), name="conversation"),
    path("conversations/<slug:public_id>/end", views.EndView.as_view(), name="end"),
    path("conversations/<slug:public_id>/messages", views.MessagesView.as_view(), name="messages"),
    path("conversations/<slug:public_id>/activity", views.ActivityView.as_view(), name="activity"),
    path("conversations/<slug:public_id>/postback", views.PostbackView.as_view(), name="postback"),
    path("conversations/<slug:public_id>/rating", views.RatingView.as_view(), name="rating"),
    path("attachments", views.AttachmentsView.as_view(), name="attachments"),
    path("poll", views.PollView.as_view(), name="poll"),
    path(
        "schema/",
        SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="schema",
    ),
    # Whatever it holds, line breaks too, which a path does not match.
    re_path(r"^(?P<path>[\s\S]+)$", nothing_here),
]
