from django.urls import path

from conversations.workspace import signing, views

app_name = "conversations"
urlpatterns = [
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign_out"),
    path("password/", signing.ChangePassword.as_view(), name="password"),
    path("language/", signing.set_language, name="language"),
    path("conversations/<slug:public_id>/", views.thread, name="thread"),
    path("conversations/<slug:public_id>/messages/", views.messages_part, name="messages"),
    path("conversations/<slug:public_id>/post/", views.post, name="post"),
    path("conversations/<slug:public_id>/read/", views.read, name="read"),
    path("conversations/<slug:public_id>/customer/", views.customer, name="customer"),
    path("conversations/<slug:public_id>/draft/", views.draft, name="draft"),
    path("contacts/<slug:public_id>/", views.edit_contact, name="edit_contact"),
    path("upload/", views.upload, name="upload"),
    path("search/", views.search, name="search"),
]
