"""Pages of the accounts room: the start, personal settings, language, and "sign in as" for the demo."""

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("language/", views.language, name="language"),
    path("sign-in-as/", views.sign_in_as, name="sign_in_as"),
]
