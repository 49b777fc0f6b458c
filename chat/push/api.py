"""The API of devices that are notified."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import Door
from chat.push import selectors, services
from chat.push.models import ENDPOINT_LIMIT, PushDevice
from chat.push.sending import Ended
from lib import clock


class DeviceOut(serializers.ModelSerializer[PushDevice]):
    """A browser that is notified. Its address and keys stay here."""

    class Meta:
        model = PushDevice
        fields = ("id", "name", "user_agent", "created_at", "seen_at", "sent_at", "failed_at")


class KeysIn(serializers.Serializer[Any]):
    """The keys a browser made for its subscription."""

    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=50)


class DeviceIn(serializers.Serializer[Any]):
    """`PushSubscription.toJSON()` of a browser, and how its person calls it."""

    endpoint = serializers.CharField(max_length=ENDPOINT_LIMIT)
    keys = KeysIn()
    name = serializers.CharField(max_length=80, allow_blank=True, default="")


class EndpointIn(serializers.Serializer[Any]):
    """The address that names a subscription."""

    endpoint = serializers.CharField(max_length=ENDPOINT_LIMIT)


class KeyOut(serializers.Serializer[Any]):
    """What `pushManager.subscribe` takes as applicationServerKey; empty when this site pushes nothing."""

    key = serializers.CharField()


class PrivacyIn(serializers.Serializer[Any]):
    """No names and no amounts: for oneself, or (administrators) for everything about a legal entity."""

    private = serializers.BooleanField()
    entity = serializers.PrimaryKeyRelatedField(
        queryset=LegalEntity.objects.none(), required=False, allow_null=True, default=None
    )


class PrivacyOut(serializers.Serializer[Any]):
    """Whether lock screens tell nothing: by one's own wish, and for which legal entities anyway."""

    private = serializers.BooleanField()
    entities = serializers.ListField(child=serializers.IntegerField())


class TrialOut(serializers.Serializer[Any]):
    """What became of the test."""

    ended = serializers.ChoiceField(choices=[one.value for one in Ended])


class PushDeviceViewSet(ListModelMixin, RetrieveModelMixin, Door):
    """Your own devices."""

    serializer_class = DeviceOut
    queryset = PushDevice.objects.none()

    def get_queryset(self) -> QuerySet[PushDevice]:
        """Yours only."""
        return selectors.devices_of(self.person)

    @extend_schema(request=DeviceIn, responses={201: DeviceOut})
    def create(self, request: Request) -> Response:
        """Notify this browser. Sent at every visit: what is known already is refreshed."""
        given = self.shape(DeviceIn)
        device = services.subscribe(
            user=self.person,
            endpoint=given["endpoint"],
            name=given["name"],
            user_agent=request.headers.get("User-Agent", ""),
            at=clock.now(),
            **given["keys"],
        )
        return self.again(device, status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Notify that device no more."""
        services.forget(user=self.person, device_id=self.get_object().pk)
        return Response(status=204)

    @extend_schema(request=EndpointIn, responses={204: None})
    @action(detail=False, methods=["post"])
    def forget(self, request: Request) -> Response:
        """Notify the browser with this address no more: what a browser says when its person signs out."""
        services.forget(user=self.person, endpoint=self.shape(EndpointIn)["endpoint"])
        return Response(status=204)

    @extend_schema(request=None, responses=TrialOut)
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        """Send a notification to that device now."""
        result = services.send_trial(device=self.get_object(), at=clock.now())
        return Response({"ended": result.ended})

    @extend_schema(responses=KeyOut, filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def key(self, request: Request) -> Response:
        """The public key to subscribe with."""
        return Response({"key": settings.VAPID_PUBLIC_KEY})

    @extend_schema(methods=["GET"], responses=PrivacyOut, filters=False)
    @extend_schema(methods=["POST"], request=PrivacyIn, responses=PrivacyOut)
    @action(detail=False, methods=["get", "post"], pagination_class=None)
    def privacy(self, request: Request) -> Response:
        """What notifications may tell on a lock screen."""
        if request.method == "POST":
            mine = LegalEntity.objects.filter(pk__in=policy.scope(self.person).entities("room.read"))
            given = self.shape(PrivacyIn, entity=mine)
            services.set_private(by=self.person, on=given["private"], entity=given["entity"], at=clock.now())
        entities = [entity.pk for entity in selectors.private_entities(self.person)]
        return Response({"private": selectors.wants_privacy(self.person), "entities": entities})
