"""The addresses of the mailroom."""

from django.urls import path, re_path

from mailroom import views, views_inbound

app_name = "mailroom"

NAME = r"(?P<name>[A-Za-z0-9._-]{1,150})"

urlpatterns = [
    path("letters/", views.letters, name="letters"),
    path("letters/<int:pk>/", views.letter, name="letter"),
    path("letters/<int:pk>/body/", views.letter_body, name="letter_body"),
    path("letters/<int:pk>/again/", views.try_again, name="try_again"),
    path("letters/in/", views_inbound.mails_in, name="mails_in"),
    path("letters/in/<int:pk>/", views_inbound.mail_in, name="mail_in"),
    path("letters/in/<int:pk>/raw/", views_inbound.mail_raw, name="mail_raw"),
    path("letters/in/blocked/<int:pk>/", views_inbound.unblock, name="unblock"),
    path("dev/mail/", views.dev_mail, name="dev_mail"),
    re_path(rf"^dev/mail/{NAME}/$", views.dev_mail_one, name="dev_mail_one"),
    re_path(rf"^dev/mail/{NAME}/reply/$", views_inbound.dev_reply, name="dev_reply"),
    re_path(rf"^dev/mail/{NAME}/body/$", views.dev_mail_body, name="dev_mail_body"),
]
