"""Rooms, who is in them, what was said, and how far each person has read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat.choices import JoinRoute, MessageKind, RoomKind, Side
from chat.push.models import PrivatePush as PrivatePush
from chat.push.models import PushDevice as PushDevice
from chat.push.models import PushShown as PushShown
from chat.reach.models import Mute, Notification, Untold
from chat.talk.models import Attachment, Discretion, Draft, Mention, Pin, Reaction, Revision, SaidText
from ledger.models import Contact

__all__ = [
    "BODY_LIMIT",
    "Attachment",
    "Discretion",
    "Draft",
    "Mention",
    "Message",
    "Mute",
    "Notification",
    "Participant",
    "Pin",
    "Reaction",
    "ReadMark",
    "Revision",
    "Room",
    "SaidText",
    "Untold",
]

BODY_LIMIT = 8_000


class Room(models.Model):
    """A conversation: one per dispute, one per customer, and the teams' own."""

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="rooms")
    kind = models.CharField(_("kind"), max_length=10, choices=RoomKind.choices)
    dispute = models.OneToOneField(
        "disputes.Dispute", models.PROTECT, null=True, blank=True, related_name="room"
    )
    customer = models.OneToOneField(
        "ledger.Customer", models.PROTECT, null=True, blank=True, related_name="room"
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    # Of a team's room: only who is invited comes in; nobody writes in it any more.
    is_private = models.BooleanField(_("only by invitation"), default=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The number of the newest message; changed only together with its insertion, under this row's lock.
    last_seq = models.PositiveIntegerField(default=0, editable=False)
    # Counts the changes to what was said, under the same lock: who was away asks for what changed since.
    rev = models.PositiveBigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.CheckConstraint(
                name="room_subject_fits_kind",
                condition=Q(kind=RoomKind.DISPUTE, dispute__isnull=False, customer__isnull=True, name="")
                | Q(kind=RoomKind.CUSTOMER, dispute__isnull=True, customer__isnull=False, name="")
                | (Q(kind=RoomKind.TEAM, dispute__isnull=True, customer__isnull=True) & ~Q(name="")),
                violation_error_message=_("A room is about one dispute, one customer, or has a name."),
            ),
            models.CheckConstraint(
                name="room_of_a_team_is_private_or_archived",
                condition=Q(kind=RoomKind.TEAM) | Q(is_private=False, archived_at=None),
            ),
            models.UniqueConstraint(
                fields=["entity", "name"],
                condition=Q(kind=RoomKind.TEAM),
                name="room_team_name_unique_per_entity",
                violation_error_message=_("There is already a room of this name."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dispute_id or self.customer_id or self.name}"


class Participant(models.Model):
    """One stay of a person in a room. Coming back later is a new row. A contact of the customer takes part by mail."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="participants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="room_participations"
    )
    contact = models.ForeignKey(
        "ledger.Contact", models.PROTECT, null=True, blank=True, related_name="room_participations"
    )
    route = models.CharField(max_length=12, choices=JoinRoute.choices)
    side = models.CharField(max_length=10, choices=Side.choices, default=Side.INTERNAL)
    # The company a partner came from.
    party = models.ForeignKey("accounts.Department", models.PROTECT, null=True, blank=True, related_name="+")
    # A guest sees nothing up to and including this number.
    from_seq = models.PositiveIntegerField(default=0)
    # They want to hear of it only when they look.
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "user"],
                condition=Q(left_at=None),
                name="participant_once_in_a_room_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["room", "contact"],
                condition=Q(left_at=None),
                name="participant_contact_once_in_a_room_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(side=Side.CUSTOMER, user__isnull=True, contact__isnull=False)
                | (~Q(side=Side.CUSTOMER) & Q(user__isnull=False, contact__isnull=True)),
                name="participant_contact_iff_customer",
                violation_error_message=_(
                    "The customer's side are the customer's contacts, and nobody else."
                ),
            ),
            models.CheckConstraint(
                condition=Q(route__in=JoinRoute.values), name="participant_route_is_known"
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="participant_side_is_known"),
            models.CheckConstraint(
                condition=Q(side=Side.PARTNER, party__isnull=False)
                | (~Q(side=Side.PARTNER) & Q(party__isnull=True)),
                name="participant_partner_has_company",
                violation_error_message=_("A partner, and only a partner, comes from a partner company."),
            ),
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=models.F("joined_at")),
                name="participant_leaves_after_joining",
            ),
        ]
        indexes = [
            # The list of my rooms, and every question "may this person read this room?".
            models.Index(fields=["user", "room"], condition=Q(left_at=None), name="participant_present"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.contact_id} in room {self.room_id}"

    @property
    def person(self) -> User | Contact:
        """Who it is; load `user` and `contact` beforehand."""
        person = self.user or self.contact
        assert person is not None
        return person


class Message(models.Model):
    """A line of a room. `seq` counts 1, 2, 3... in each room without a gap."""

    room = models.ForeignKey(Room, models.PROTECT, related_name="messages")
    seq = models.PositiveIntegerField()
    # Nobody wrote a system line; what the customer wrote has a contact instead.
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="messages")
    contact = models.ForeignKey("ledger.Contact", models.PROTECT, null=True, related_name="messages")
    kind = models.CharField(max_length=10, choices=MessageKind.choices, default=MessageKind.TEXT)
    side = models.CharField(max_length=10, choices=Side.choices, default=Side.INTERNAL)
    # The one partner company it is for; nobody in particular: every partner in the room.
    party = models.ForeignKey("accounts.Department", models.PROTECT, null=True, related_name="+")
    body = models.TextField(blank=True)
    question = models.OneToOneField("disputes.Question", models.PROTECT, null=True, related_name="message")
    # The earlier message that this line shows to its readers.
    shared = models.ForeignKey("self", models.PROTECT, null=True, related_name="shown_as")
    # Of a system line: what happened, told in each reader's language when shown.
    code = models.CharField(max_length=50, blank=True)
    data = models.JSONField(default=dict, blank=True)
    # Sending again with the same token is the same message.
    client_token = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    reply_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="replies")
    # The room's `rev` at the last change to this message or to what hangs on it; 0 as long as there was none.
    rev = models.PositiveBigIntegerField(default=0, editable=False)
    version = models.PositiveSmallIntegerField(default=1, editable=False)
    # How many files came with it.
    files = models.PositiveSmallIntegerField(default=0, editable=False)
    edited_at = models.DateTimeField(null=True, editable=False)
    deleted_at = models.DateTimeField(null=True, editable=False)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    deleted_why = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("room", "seq")
        constraints = [
            # Also the index of every page of a thread and of every resume.
            models.UniqueConstraint(fields=["room", "seq"], name="message_seq_unique_per_room"),
            models.UniqueConstraint(
                fields=["author", "client_token"],
                nulls_distinct=False,
                name="message_token_unique_per_author",
            ),
            models.CheckConstraint(condition=Q(seq__gt=0), name="message_seq_counts_from_one"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="message_side_is_known"),
            models.CheckConstraint(
                condition=Q(party__isnull=True) | Q(side=Side.PARTNER),
                name="message_company_only_for_partners",
                violation_error_message=_("Only what is for a partner can be for one partner company."),
            ),
            models.CheckConstraint(
                name="message_deletion_is_whole",
                condition=Q(deleted_at=None, deleted_by=None, deleted_why="")
                | Q(deleted_at__isnull=False, deleted_by__isnull=False, body="", kind=MessageKind.TEXT),
            ),
            models.CheckConstraint(
                name="message_content_fits_kind",
                condition=(
                    (
                        Q(kind=MessageKind.TEXT, question__isnull=True, code="")
                        & (~Q(body="") | Q(deleted_at__isnull=False) | Q(files__gt=0))
                        & (
                            Q(author__isnull=False, contact__isnull=True)
                            | Q(author__isnull=True, contact__isnull=False, side=Side.CUSTOMER)
                        )
                    )
                    | Q(kind=MessageKind.QUESTION, question__isnull=False)
                    | Q(
                        kind=MessageKind.SHARED, author__isnull=False, question__isnull=True, body="", code=""
                    )
                    | (Q(kind=MessageKind.SYSTEM, author__isnull=True, question__isnull=True) & ~Q(code=""))
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind=MessageKind.SHARED, shared__isnull=False)
                | (~Q(kind=MessageKind.SHARED) & Q(shared__isnull=True)),
                name="message_shares_another_iff_shared",
            ),
            models.UniqueConstraint(
                fields=["shared", "side", "party"],
                condition=Q(kind=MessageKind.SHARED) & ~Q(side=Side.INTERNAL),
                nulls_distinct=False,
                name="message_shared_once_with_each",
                violation_error_message=_("This message is shared with them already."),
            ),
        ]
        indexes = [
            # The head a partner may see, and their unread count.
            models.Index(fields=["room", "side", "seq"], name="message_by_side"),
            # What changed since somebody left.
            models.Index(fields=["room", "rev"], condition=Q(rev__gt=0), name="message_changed"),
        ]

    def __str__(self) -> str:
        return f"{self.room_id}#{self.seq}"

    @property
    def told(self) -> Message:
        """The message whose words this line shows: itself, or the one it shares."""
        return self.shared or self

    @property
    def writer(self) -> User | Contact | None:
        """Who wrote it, one of us or a contact; load `author` and `contact` beforehand."""
        return self.author or self.contact


class ReadMark(models.Model):
    """How far a person has read a room."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="read_marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="read_marks")
    seq = models.PositiveIntegerField(default=0)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user"], name="read_mark_unique_per_person")]

    def __str__(self) -> str:
        return f"{self.user_id} read room {self.room_id} up to {self.seq}"
