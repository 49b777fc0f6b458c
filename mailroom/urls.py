"""The addresses of the mailroom."""

from django.urls import path, re_path

from mailroom import views, views_batches, views_inbound, views_texts

app_name = "mailroom"

NAME = r"(?P<name>[A-Za-z0-9._-]{1,150})"

urlpatterns = [
    path("letters/", views.letters, name="letters"),
    path("letters/<int:pk>/", views.letter, name="letter"),
    path("letters/<int:pk>/body/", views.letter_body, name="letter_body"),
    path("letters/<int:pk>/again/", views.try_again, name="try_again"),
    path("letters/<int:pk>/pdf/", views_batches.letter_pdf, name="letter_pdf"),
    path("letters/<int:pk>/returned/", views_batches.returned, name="letter_returned"),
    path("letters/print/", views_batches.batches, name="batches"),
    path("letters/print/make/", views_batches.make, name="make_batch"),
    path("letters/print/<int:pk>/", views_batches.batch, name="batch"),
    path("letters/print/<int:pk>/file/", views_batches.batch_file, name="batch_file"),
    path("letters/print/<int:pk>/posted/", views_batches.posted, name="batch_posted"),
    path("letters/texts/", views_texts.texts, name="texts"),
    path("letters/texts/reset/", views_texts.reset, name="reset_text"),
    path("letters/texts/try/", views_texts.try_text, name="try_text"),
    path("letters/paper/", views_texts.letterhead, name="letterhead"),
    path("letters/paper/pdf/", views_texts.letterhead_pdf, name="letterhead_pdf"),
    path("letters/in/", views_inbound.mails_in, name="mails_in"),
    path("letters/in/<int:pk>/", views_inbound.mail_in, name="mail_in"),
    path("letters/in/<int:pk>/raw/", views_inbound.mail_raw, name="mail_raw"),
    path("letters/in/blocked/<int:pk>/", views_inbound.unblock, name="unblock"),
    path("dev/mail/", views.dev_mail, name="dev_mail"),
    re_path(rf"^dev/mail/{NAME}/$", views.dev_mail_one, name="dev_mail_one"),
    re_path(rf"^dev/mail/{NAME}/reply/$", views_inbound.dev_reply, name="dev_reply"),
    re_path(rf"^dev/mail/{NAME}/body/$", views.dev_mail_body, name="dev_mail_body"),
]
