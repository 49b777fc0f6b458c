"""Addresses of the chat room."""

from django.urls import path

from chat import views
from chat.phone import views as phone
from chat.push import views as push
from chat.reach import views as reach

app_name = "chat"
urlpatterns = [
    path("me/notifications/", reach.mine, name="reach"),
    path("me/notifications/messenger/", reach.bridge, name="reach_bridge"),
    path("me/notifications/test/", reach.trial, name="reach_trial"),
    path("me/notifications/told/", reach.told, name="reach_told"),
    path("notifications/", reach.house, name="reach_house"),
    path("notifications/<int:pk>/retry/", reach.retry, name="reach_retry"),
    path("questions/<int:pk>/told/", reach.question, name="reach_question"),
    path("rooms/<int:pk>/mute/", reach.mute, name="mute"),
    path("here/", reach.here, name="here"),
    path("rooms/", views.rooms, name="rooms"),
    path("rooms/<int:pk>/", views.room, name="room"),
    path("rooms/<int:pk>/messages/", views.messages, name="messages"),
    path("rooms/<int:pk>/post/", views.post, name="post"),
    path("rooms/<int:pk>/read/", views.read, name="read"),
    path("rooms/<int:pk>/people/", views.people, name="people"),
    path("rooms/<int:pk>/people/<int:stay>/remove/", views.remove_person, name="remove_person"),
    path("rooms/<int:pk>/messages/<int:seq>/share/", views.share, name="share"),
    path("rooms/<int:pk>/messages/<int:seq>/take-back/", views.take_back, name="take_back"),
    path("disputes/<int:pk>/room/", views.room_for_dispute, name="room_for_dispute"),
    path("customers/<int:pk>/room/", views.room_for_customer, name="room_for_customer"),
    path("popups/", views.popups, name="popups"),
    path("popups/<int:pk>/later/", views.later, name="later"),
    path("m/", phone.phone, name="phone"),
    path("m/token/", phone.token, name="phone_token"),
    path("sw.js", phone.service_worker, name="service_worker"),
    path("manifest.webmanifest", phone.manifest, name="manifest"),
    path("app-icon-<slug:name>.png", phone.app_icon, name="app_icon"),
    path("me/devices/", push.devices, name="devices"),
    path("me/devices/privacy/", push.privacy, name="devices_privacy"),
    path("me/devices/<int:pk>/test/", push.test, name="device_test"),
    path("me/devices/<int:pk>/remove/", push.remove, name="device_remove"),
]
