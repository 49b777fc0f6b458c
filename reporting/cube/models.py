"""The rows of the cube: its cells, what each customer is in them, and who has changed since."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import LegalEntity


def _money() -> models.DecimalField[str, str]:
    return models.DecimalField(max_digits=18, decimal_places=2)


class AgingKept(models.Model):
    """The entities that have a cube, in which currency, and from which day on it can tell a position."""

    entity = models.OneToOneField(LegalEntity, models.CASCADE, related_name="+")
    currency = models.CharField(max_length=3)
    # Facts of later days are known by customer (`CustomerStanding.latest`); older positions are computed.
    since = models.DateField()
    folded_on = models.DateField()

    class Meta:
        verbose_name = "aging kept"

    def __str__(self) -> str:
        return f"{self.entity_id} since {self.since}"


class AgingCell(models.Model):
    """What is open and disputed in the entity's currency of one due date and one value of a dimension.

    Always the sum of the rows of CustomerStanding; only the job writes here. Without `due_on`: not yet placed.
    """

    entity = models.ForeignKey(LegalEntity, models.CASCADE, related_name="+", db_index=False)
    dim = models.CharField(max_length=12)
    key = models.CharField(max_length=60)
    due_on = models.DateField(null=True)
    open = _money()
    disputed = _money()
    items = models.IntegerField()

    class Meta:
        verbose_name = "cell of the aging"
        constraints = [
            # A reader takes all cells of a dimension, or of one key.
            models.UniqueConstraint(
                fields=["entity", "dim", "key", "due_on"],
                name="aging_cell_once_per_key_and_day",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dim} {self.key} {self.due_on}"


class CustomerStanding(models.Model):
    """What a customer is in the cells: the keys, and an amount for each due date (the last may be without one)."""

    customer_id = models.BigIntegerField(primary_key=True)
    entity = models.ForeignKey(LegalEntity, models.CASCADE, related_name="+", db_index=False)
    salesperson = models.CharField(max_length=60)
    collector = models.CharField(max_length=60)
    segment = models.CharField(max_length=60)
    country = models.CharField(max_length=60)
    due_on = ArrayField(models.DateField(null=True))
    open = ArrayField(_money())
    disputed = ArrayField(_money())
    items = ArrayField(models.IntegerField())
    # Something is open in another currency: that part is in no cell.
    abroad = models.BooleanField()
    # The last day on which anything of the customer begins or ends to count, when it lies after `AgingKept.since`.
    latest = models.DateField(default=date.min)

    class Meta:
        verbose_name = "standing of a customer"
        indexes = [
            # Who has to be computed for a position of a day.
            models.Index(fields=["entity", "latest"], name="standing_by_latest"),
            models.Index(fields=["entity"], name="standing_abroad", condition=Q(abroad=True)),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}"


class CustomerMark(models.Model):
    """Something of a customer (None: of many) changed that the cells do not know yet. Only the database writes here.

    Rows are only added, in the transaction of the change, so that writers never wait for each other here.
    """

    entity = models.ForeignKey(
        LegalEntity, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    customer_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "mark of a customer"
        indexes = [models.Index(fields=["entity", "customer_id"], name="mark_by_customer")]

    def __str__(self) -> str:
        return f"{self.entity_id} {self.customer_id}"
