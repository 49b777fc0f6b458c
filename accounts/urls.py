"""Pages of the accounts room: the start, settings, language, the books, and "sign in as" for the demo."""

from django.urls import path

from accounts import books_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("language/", views.language, name="language"),
    path("sign-in-as/", views.sign_in_as, name="sign_in_as"),
    path("books/", books_views.page, name="books"),
    path("books/<int:pk>/", books_views.one, name="books_check"),
    path("books/state/", books_views.state, name="books_state"),
    path("books/check/", books_views.check, name="check_books"),
]
