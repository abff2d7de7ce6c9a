from django.urls import path

from routing.web import views

app_name = "forms"
urlpatterns = [
    path("<slug:public_id>/", views.form_page, name="form"),
    path("<slug:public_id>/sent/", views.sent, name="sent"),
]
