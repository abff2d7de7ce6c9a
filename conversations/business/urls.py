from django.urls import path

from conversations.business import contacts, conversations, later, merging, signing
from conversations.business.nouns import addresses

app_name = "business"
urlpatterns = [
    path("sign-in", signing.SignInView.as_view(), name="sign_in"),
    path("sign-out", signing.SignOutView.as_view(), name="sign_out"),
    path("me", signing.MeView.as_view(), name="me"),
    *addresses(signing.TokenNoun()),
    path("conversations", conversations.ConversationsView.as_view(), name="conversations"),
    path("conversations/<slug:public_id>", conversations.ConversationView.as_view(), name="conversation"),
    path("conversations/<slug:public_id>/messages", conversations.MessagesView.as_view(), name="messages"),
    path("conversations/<slug:public_id>/read", conversations.ReadView.as_view(), name="read"),
    path("conversations/<slug:public_id>/end", conversations.EndView.as_view(), name="end"),
    path(
        "conversations/<slug:public_id>/scheduled-replies",
        later.ScheduledRepliesView.as_view(),
        name="scheduled_replies",
    ),
    path("scheduled-replies/<slug:public_id>", later.ScheduledReplyView.as_view(), name="scheduled_reply"),
    path("scheduled-replies/<slug:public_id>/send", later.SendNowView.as_view(), name="send_now"),
    path("mentions", conversations.MentionsView.as_view(), name="mentions"),
    path("contacts/<slug:public_id>/merge", merging.MergeContactView.as_view(), name="merge_contact"),
    path("contacts/<slug:public_id>/merge-preview", merging.PreviewView.as_view(), name="preview_merge"),
    path("contact-merges/<slug:public_id>/undo", merging.UndoMergeView.as_view(), name="undo_merge"),
    path("attachments", conversations.AttachmentsView.as_view(), name="attachments"),
    path("search", conversations.SearchView.as_view(), name="search"),
    *addresses(contacts.ContactNoun()),
    path("contacts/<slug:public_id>/identities", contacts.IdentitiesView.as_view(), name="identities"),
    *addresses(contacts.BlockNoun()),
]
