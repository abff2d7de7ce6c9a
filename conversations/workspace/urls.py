from django.urls import path

from conversations.workspace import apps, blocking, customers, ended, later, merging, signing, views

app_name = "conversations"
urlpatterns = [
    path("sign-in/", signing.SignIn.as_view(), name="sign_in"),
    path("sign-out/", signing.SignOut.as_view(), name="sign_out"),
    path("password/", signing.ChangePassword.as_view(), name="password"),
    path("apps/", apps.apps, name="apps"),
    path("apps/<slug:public_id>/revoke/", apps.revoke, name="revoke_app"),
    path("language/", signing.set_language, name="language"),
    path("conversations/<slug:public_id>/", views.thread, name="thread"),
    path("conversations/<slug:public_id>/messages/", views.messages_part, name="messages"),
    path("conversations/<slug:public_id>/post/", views.post, name="post"),
    path("conversations/<slug:public_id>/read/", views.read, name="read"),
    path("conversations/<slug:public_id>/draft/", views.draft, name="draft"),
    path("conversations/<slug:public_id>/customer/", customers.customer_of, name="customer_of"),
    path("conversations/<slug:public_id>/later/", later.waiting, name="later"),
    path("conversations/<slug:public_id>/later/add/", later.add, name="later_add"),
    path("moments/", later.now, name="moments"),
    path("later/<slug:reply_id>/<slug:verb>/", later.change, name="later_change"),
    path("parts/contacts/", customers.listing, name="contacts"),
    path("parts/contacts/<slug:public_id>/", customers.customer, name="customer"),
    path("contacts/<slug:public_id>/edit/", customers.edit, name="edit_contact"),
    path("conversations/<slug:public_id>/blocked/", blocking.blocked, name="blocked"),
    path("conversations/<slug:public_id>/ended/", ended.ended, name="session_over"),
    path("conversations/<slug:public_id>/ended/resume/", ended.resume, name="resume_session"),
    path("contacts/<slug:public_id>/block/", blocking.block, name="block_contact"),
    path("contacts/<slug:public_id>/merge/", merging.merge, name="merge_contact"),
    path("merges/<slug:public_id>/undo/", merging.undo, name="undo_merge"),
    path("blocks/<slug:public_id>/lift/", blocking.lift, name="lift_block"),
    path("upload/", views.upload, name="upload"),
    path("search/", views.search, name="search"),
]
