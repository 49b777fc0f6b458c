"""What the chat room may refuse."""

from django.utils.translation import gettext_lazy as _

from lib.errors import DomainError, NotAllowed


class StaleReply(DomainError):
    """Somebody wrote since the author last looked. `newest` is the number of the last line they can see."""

    def __init__(self, *, newest: int, missed: int) -> None:
        super().__init__(
            _("Somebody wrote while you did. Read what is new, then send again."),
            code="stale",
            newest=newest,
            missed=missed,
        )
        self.newest = newest


class TokenReused(DomainError):
    """The client token belongs to another message of the same author."""

    def __init__(self) -> None:
        super().__init__(
            _("This message was already sent with other words. Load the page again."), code="token_reused"
        )


class EmptyMessage(DomainError):
    """Nothing was written."""

    def __init__(self) -> None:
        super().__init__(_("Write something before you send."), code="empty")


class MessageTooLong(DomainError):
    """More was written than one message holds."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("A message holds at most %(limit)d characters.") % {"limit": limit},
            code="too_long",
            limit=limit,
        )


class MayNotPost(NotAllowed):
    """The person may read the room but not write to that side of it."""

    def __init__(self) -> None:
        super().__init__(_("You may read this conversation but not write in it."), code="may_not_post")


class NobodyThere(DomainError):
    """The message is for a partner company that has nobody in the room."""

    def __init__(self) -> None:
        super().__init__(_("Nobody of this company takes part in this conversation."), code="nobody_there")


class NotTheirContact(DomainError):
    """The contact belongs to another customer than the conversation."""

    def __init__(self) -> None:
        super().__init__(_("Choose a contact of this customer."), code="not_their_contact")


class NotShareable(DomainError):
    """Only what somebody wrote can be shown to guests."""

    def __init__(self) -> None:
        super().__init__(
            _("Only messages can be shared, with a partner company or the customer."), code="not_shareable"
        )


class MentionUnseen(DomainError):
    """The message names somebody who will not see it."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            _("%(names)s will not see this message: it is not for their side.") % {"names": ", ".join(names)},
            code="mention_unseen",
            names=names,
        )


class NoSuchParent(DomainError):
    """What the message answers does not exist for its author."""

    def __init__(self) -> None:
        super().__init__(_("The message you answer is not here any more."), code="no_parent")


class MayNotChange(NotAllowed):
    """The message is not the person's, is too old, or is none that changes."""

    def __init__(self) -> None:
        super().__init__(
            _("This message can be changed no more: only its author can, for one day."), code="may_not_change"
        )


class VersionChanged(DomainError):
    """The words were changed in another window meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("This message was changed in another window. Look at it again, then change it."),
            code="version_changed",
        )


class DeleteNeedsReason(DomainError):
    """Somebody else's message is deleted only with a reason."""

    def __init__(self) -> None:
        super().__init__(_("Say why you delete somebody else's message."), code="reason_needed")


class NotThatSign(DomainError):
    """The reaction is none of the list."""

    def __init__(self) -> None:
        super().__init__(_("This reaction does not exist."), code="no_such_reaction")


class TooManyFiles(DomainError):
    """More files than one message carries."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("A message carries at most %(limit)d files.") % {"limit": limit}, code="too_many_files"
        )


class TooManyPins(DomainError):
    """A room holds only so many pins."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("A conversation has at most %(limit)d pinned messages. Take one down first.")
            % {"limit": limit},
            code="too_many_pins",
        )


class RoomArchived(DomainError):
    """Nobody writes in the room any more."""

    def __init__(self) -> None:
        super().__init__(_("This conversation is archived: it can be read, not written in."), code="archived")
