"""Addresses of the chat room."""

from django.urls import path

from chat import views

app_name = "chat"
urlpatterns = [
    path("rooms/", views.rooms, name="rooms"),
    path("rooms/<int:pk>/", views.room, name="room"),
    path("rooms/<int:pk>/messages/", views.messages, name="messages"),
    path("rooms/<int:pk>/post/", views.post, name="post"),
    path("rooms/<int:pk>/read/", views.read, name="read"),
    path("disputes/<int:pk>/room/", views.room_for_dispute, name="room_for_dispute"),
    path("customers/<int:pk>/room/", views.room_for_customer, name="room_for_customer"),
    path("popups/", views.popups, name="popups"),
    path("popups/<int:pk>/later/", views.later, name="later"),
]
