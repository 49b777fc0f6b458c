"""Pages of the accounts room: the start, settings, language, the books, and "sign in as" for the demo."""

from django.urls import path

from accounts import away_views, books_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("find/", views.find, name="find"),
    path("language/", views.language, name="language"),
    path("sign-in-as/", views.sign_in_as, name="sign_in_as"),
    path("me/absences/", away_views.absences, name="absences"),
    path("me/absences/<int:pk>/end/", away_views.end_absence, name="absence_end"),
    path("calendars/", away_views.calendars, name="calendars"),
    path("calendars/new/", away_views.calendar, name="calendar_new"),
    path("calendars/<int:pk>/", away_views.calendar, name="calendar"),
    path("calendars/<int:pk>/drop/", away_views.drop_calendar, name="calendar_drop"),
    path("calendars/<int:pk>/closures/", away_views.add_closure, name="closure_add"),
    path("closures/<int:pk>/drop/", away_views.drop_closure, name="closure_drop"),
    path("departments/lead/", away_views.set_lead, name="set_lead"),
    path("books/", books_views.page, name="books"),
    path("books/<int:pk>/", books_views.one, name="books_check"),
    path("books/state/", books_views.state, name="books_state"),
    path("books/check/", books_views.check, name="check_books"),
]
