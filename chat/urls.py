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
    path("rooms/channels/", views.channels, name="channels"),
    path("rooms/channels/<int:pk>/", views.channel, name="channel"),
    path("rooms/channels/<int:pk>/join/", views.join, name="join"),
    path("rooms/channels/<int:pk>/leave/", views.leave, name="leave"),
    path("rooms/channels/<int:pk>/invite/", views.invite, name="invite"),
    path("rooms/channels/<int:pk>/rename/", views.rename, name="rename"),
    path("rooms/channels/<int:pk>/archive/", views.archive, name="archive"),
    path("rooms/read/", views.read_all, name="read_all"),
    path("rooms/shown/", views.discretion, name="discretion"),
    path("rooms/<int:pk>/messages/<int:seq>/unread/", views.unread, name="unread"),
    path("rooms/search/", views.search, name="search"),
    path("rooms/<int:pk>/pins/", views.pins, name="pins"),
    path("rooms/<int:pk>/draft/", views.draft, name="draft"),
    path("rooms/<int:pk>/messages/<int:seq>/pin/", views.pin, name="pin"),
    path("rooms/<int:pk>/", views.room, name="room"),
    path("rooms/<int:pk>/messages/", views.messages, name="messages"),
    path("rooms/<int:pk>/rows/", views.rows, name="rows"),
    path("rooms/<int:pk>/messages/<int:seq>/", views.message, name="message"),
    path("rooms/<int:pk>/messages/<int:seq>/react/", views.react, name="react"),
    path("rooms/<int:pk>/messages/<int:seq>/edit/", views.edit, name="edit"),
    path("rooms/<int:pk>/messages/<int:seq>/delete/", views.delete, name="delete"),
    path("rooms/<int:pk>/messages/<int:seq>/files/<int:number>/", views.file, name="file"),
    path("rooms/<int:pk>/messages/<int:seq>/files/<int:number>/preview/", views.preview, name="preview"),
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
