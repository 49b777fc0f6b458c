"""The API of who is in a room and of what is shown to guests."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts import selectors as accounts
from accounts.models import User
from chat import guests, selectors, services
from chat.audience import Reader, reader_of
from chat.choices import MessageKind, Past, Side
from chat.models import Participant, Room
from lib import clock
from lib.errors import FieldErrors

NUMBER = 2**31 - 1


class ParticipantOut(serializers.ModelSerializer[Participant]):
    """Somebody in a room: a person (`user`) or a contact of the customer, on which side, from which number on."""

    name = serializers.CharField(source="person.name", read_only=True)
    company = serializers.CharField(source="party.name", default=None, read_only=True)

    class Meta:
        model = Participant
        fields = (
            "id",
            "user",
            "contact",
            "name",
            "side",
            "party",
            "company",
            "route",
            "from_seq",
            "joined_at",
        )


class OutsiderIn(serializers.Serializer[Any]):
    """Somebody of a partner company: `company` is the id of one, `new_company` the name of a new one."""

    email = serializers.EmailField()
    name = serializers.CharField(max_length=150)
    company = serializers.IntegerField(min_value=1, max_value=NUMBER, required=False, allow_null=True)
    new_company = serializers.CharField(max_length=100, required=False, allow_blank=True)


class InviteIn(serializers.Serializer[Any]):
    """Who comes in: one of `user`, `contact`, `partner`; and how much of the past a guest sees."""

    user = serializers.IntegerField(min_value=1, max_value=NUMBER, required=False)
    contact = serializers.IntegerField(min_value=1, max_value=NUMBER, required=False)
    partner = OutsiderIn(required=False)
    past = serializers.ChoiceField(choices=Past.choices, default=Past.NOTHING)
    start = serializers.IntegerField(min_value=1, max_value=NUMBER, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one is invited."""
        if sum(name in attrs for name in ("user", "contact", "partner")) != 1:
            raise serializers.ValidationError("user, contact or partner")
        if attrs["past"] == Past.FROM_HERE and "start" not in attrs:
            raise serializers.ValidationError({"start": "required"})
        return attrs


class MessageShareIn(serializers.Serializer[Any]):
    """With whom: `partner:ID` or `customer`."""

    to = serializers.CharField(max_length=40)

    def validate_to(self, value: str) -> str:
        """A reader key."""
        try:
            reader_of(value)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error
        return value


class ShareLineOut(serializers.Serializer[Any]):
    """The line that shows a shared message: its number, and to whom."""

    seq = serializers.IntegerField()
    to = serializers.CharField()


class GuestActions(GenericViewSet[Room]):
    """What the team decides about the guests of a room."""

    @extend_schema(methods=["GET"], responses=ParticipantOut(many=True), filters=False)
    @extend_schema(methods=["POST"], request=InviteIn, responses={201: ParticipantOut})
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def participants(self, request: Request, pk: str) -> Response:
        """Who is in the room, as the person may know it; or invite somebody."""
        place = self._stand(pk)
        if request.method == "POST":
            given = InviteIn(data=request.data)
            given.is_valid(raise_exception=True)
            stay = self._invite(Room.objects.get(pk=place.room_id), given.validated_data)
            return Response(ParticipantOut(stay).data, status=201)
        stays = selectors.present(place.room_id).select_related("user", "contact", "party").order_by("pk")
        known = [stay for stay in stays if place.reader.knows(Reader(stay.side, stay.party_id))]
        return Response(ParticipantOut(known, many=True).data)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"participants/(?P<stay>\d+)")
    def participant(self, request: Request, pk: str, stay: str) -> Response:
        """Send somebody away."""
        place = self._stand(pk)
        here = Participant.objects.filter(room=place.room_id, left_at=None).select_related("room")
        one = get_object_or_404(here, pk=stay)
        if not place.reader.knows(Reader(one.side, one.party_id)):
            raise Http404
        services.remove(stay=one, by=self._who(), at=clock.now())
        return Response(status=204)

    @extend_schema(request=MessageShareIn, responses={201: ShareLineOut})
    @action(detail=True, methods=["post"], url_path=r"messages/(?P<seq>\d+)/shares")
    def shares(self, request: Request, pk: str, seq: str) -> Response:
        """Show an earlier message to a partner company or to the customer."""
        place = self._stand(pk)
        given = MessageShareIn(data=request.data)
        given.is_valid(raise_exception=True)
        message = get_object_or_404(selectors.messages_for(place), seq=seq)
        reader = reader_of(given.validated_data["to"])
        line = services.share_message(message=message, reader=reader, by=self._who(), at=clock.now())
        return Response({"seq": line.seq, "to": reader.key}, status=201)

    @extend_schema(responses={204: None})
    @action(detail=True, methods=["delete"], url_path=r"shares/(?P<seq>\d+)")
    def unshare(self, request: Request, pk: str, seq: str) -> Response:
        """Take a shared message back, by the number of its line. Mail that left cannot be taken back."""
        place = self._stand(pk)
        lines = selectors.messages_for(place).filter(kind=MessageKind.SHARED).exclude(side=Side.INTERNAL)
        services.take_back(line=get_object_or_404(lines, seq=seq), by=self._who(), at=clock.now())
        return Response(status=204)

    def _invite(self, room: Room, given: dict[str, Any]) -> Participant:
        """Bring in whom the request names."""
        seen = services.Seen(Past(given["past"]), given.get("start", 0))
        facts: dict[str, Any] = {"room": room, "by": self._who(), "at": clock.now(), "seen": seen}
        if "user" in given:
            team = accounts.colleagues(self._who()).filter(memberships__entity=room.entity_id)
            return services.invite(user=get_object_or_404(team, pk=given["user"]), **facts)
        if "contact" in given:
            contact = get_object_or_404(guests.contacts_of(room), pk=given["contact"])
            return services.invite_contact(contact=contact, **facts)
        one = given["partner"]
        known = accounts.companies(room.entity).filter(pk=one.get("company") or 0).first()
        company = known or one.get("new_company", "").strip()
        if not company:
            raise FieldErrors({"company": "required"})
        outsider = services.Outsider(one["email"], one["name"], company)
        try:
            return services.invite_partner(outsider=outsider, **facts)
        except ValidationError as error:
            raise FieldErrors(
                {name: " ".join(words) for name, words in error.message_dict.items()}
            ) from error

    def _stand(self, pk: str) -> selectors.Standing:
        place = selectors.standing(self._who(), int(pk)) if pk.isdigit() else None
        if place is None:
            raise Http404
        return place

    def _who(self) -> User:
        return cast(User, self.request.user)
