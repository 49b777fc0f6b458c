"""Boards of one's own, and which one opens first."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from reporting.boards.choices import Standard, Tile

# Whether no tile of an array comes twice: a function of the database, see the migration.
ALL_DIFFERENT = Func(F("tiles"), function="reporting_all_different", output_field=models.BooleanField())


class Board(models.Model):
    """Tiles of the dashboard in an order, under a name. Shared: the colleagues of the legal entity see it too."""

    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, related_name="boards")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="boards")
    name = models.CharField(_("name"), max_length=60)
    shared = models.BooleanField(_("shared"), default=False)
    tiles = ArrayField(models.CharField(max_length=20, choices=Tile.choices), verbose_name=_("tiles"))
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "entity", "name"],
                name="board_name_once_per_owner",
                violation_error_message=_("You have a board of this name already."),
            ),
            models.CheckConstraint(
                condition=~Q(name=""),
                name="board_has_a_name",
                violation_error_message=_("Give the board a name."),
            ),
            models.CheckConstraint(
                condition=Q(tiles__contained_by=Tile.values),
                name="board_tiles_are_known",
                violation_error_message=_("Choose tiles from the list."),
            ),
            models.CheckConstraint(
                condition=Q(tiles__len__gte=1),
                name="board_has_tiles",
                violation_error_message=_("Choose at least one tile."),
            ),
            models.CheckConstraint(
                condition=Q(ALL_DIFFERENT),
                name="board_tiles_come_once",
                violation_error_message=_("Each tile comes once."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FirstBoard(models.Model):
    """The board a person opens first: a board or a standard one."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="first_board")
    board = models.ForeignKey(Board, models.CASCADE, null=True, blank=True, related_name="+")
    standard = models.CharField(max_length=10, choices=Standard.choices, blank=True)

    class Meta:
        verbose_name = _("first board")
        constraints = [
            models.CheckConstraint(
                condition=Q(board=None, standard__in=Standard.values) | Q(board__isnull=False, standard=""),
                name="first_board_is_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.board_id or self.standard}"
