"""The API of late interest: what invoices bear, the rates, contract terms, the habits of an entity."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import Door
from collections_app import api_contentious, api_debit, selectors
from collections_app.choices_interest import RateKind, TermsBasis
from collections_app.interest import interest_for, position_data
from collections_app.interest.facts import late, settings_of
from collections_app.interest.rates import known_rates
from collections_app.interest.reading import RateInput
from collections_app.models import InterestSettings, InterestTerms
from collections_app.services import interest_terms
from collections_app.services.interest_rates import record_rates
from ledger.models import Customer, Invoice
from lib import clock

PAGE = 200


class InterestIn(serializers.Serializer[Any]):
    """Whose interest, as of which day; at least one of entity, customer and invoice."""

    entity = serializers.CharField(required=False, help_text="Code of the legal entity.")
    customer = serializers.IntegerField(required=False)
    invoice = serializers.IntegerField(required=False)
    on = serializers.DateField(required=False, help_text="As of the end of this day; default today.")
    after = serializers.IntegerField(required=False, default=0, help_text="`next` of the page before.")


class InterestLineOut(serializers.Serializer[Any]):
    """Interest of some days on one base at one rate (per cent a year)."""

    to = serializers.DateField()
    days = serializers.IntegerField()
    base = serializers.DecimalField(max_digits=14, decimal_places=2)
    rate = serializers.CharField()
    basis = serializers.CharField()
    known = serializers.BooleanField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)

    def get_fields(self) -> Any:
        """`from` is a word of Python, so it is put in here."""
        return {"from": serializers.DateField(), **super().get_fields()}


class InterestOut(serializers.Serializer[Any]):
    """What one invoice bears, not claimed or waived yet, with the lines it is made of."""

    invoice = serializers.IntegerField()
    number = serializers.CharField()
    customer = serializers.IntegerField()
    due_on = serializers.DateField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    currency = serializers.CharField()
    interest = serializers.DecimalField(max_digits=14, decimal_places=2)
    fee = serializers.DecimalField(max_digits=14, decimal_places=2)
    fee_state = serializers.CharField()
    claimable = serializers.DecimalField(max_digits=14, decimal_places=2)
    suspended = serializers.DecimalField(max_digits=14, decimal_places=2)
    waived = serializers.DecimalField(max_digits=14, decimal_places=2)
    claimed_too_much = serializers.DecimalField(max_digits=14, decimal_places=2)
    provisional = serializers.BooleanField()
    lines = InterestLineOut(many=True)
    suspended_lines = InterestLineOut(many=True)
    over_lines = InterestLineOut(many=True)


class InterestPage(serializers.Serializer[Any]):
    """A page of invoices; `next` is null on the last one."""

    on = serializers.DateField()
    next = serializers.IntegerField(allow_null=True)
    results = InterestOut(many=True)


class InterestViewSet(Door):
    """What late invoices bear, line by line."""

    serializer_class = InterestOut
    queryset = Invoice.objects.none()

    @extend_schema(parameters=[InterestIn], responses=InterestPage, operation_id="interest_list")
    def list(self, request: Request) -> Response:
        """The invoices by their keys, those with nothing to tell left out."""
        asked = InterestIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        rows = Invoice.objects.filter(policy.rows(self.person, "plan.read"))
        names = {"entity": "entity__code", "customer": "customer", "invoice": "pk"}
        chosen = {column: wanted[name] for name, column in names.items() if name in wanted}
        if not chosen:
            raise serializers.ValidationError({"entity": ["Name an entity, a customer or an invoice."]})
        rows = rows.filter(**chosen)
        first = rows.select_related("entity").order_by("pk").first()
        if first is None:
            raise Http404
        on = wanted.get("on") or clock.today(first.entity.time_zone)
        ids = list(
            late(rows, on)
            .filter(pk__gt=wanted["after"])
            .order_by("pk")
            .values_list("pk", flat=True)[: PAGE + 1]
        )
        found = interest_for(Invoice.objects.filter(pk__in=ids[:PAGE]), on)
        following = ids[PAGE - 1] if len(ids) > PAGE else None
        results = [position_data(found[pk]) for pk in sorted(found)]
        return Response({"on": on.isoformat(), "next": following, "results": results})


class InterestRateOut(serializers.Serializer[Any]):
    """A parameter of late interest from a day on; `shipped`: it came with Zanjar."""

    kind = serializers.ChoiceField(RateKind.choices)
    country = serializers.CharField(allow_blank=True)
    currency = serializers.CharField(allow_blank=True)
    since = serializers.DateField()
    value = serializers.DecimalField(max_digits=9, decimal_places=4)
    source: Any = serializers.CharField(allow_blank=True)
    shipped = serializers.BooleanField()


class InterestRateIn(serializers.Serializer[Any]):
    """A parameter to be kept."""

    kind = serializers.ChoiceField(RateKind.choices)
    country = serializers.RegexField(r"^(?:[A-Z]{2})?\Z", required=False, default="", allow_blank=True)
    currency = serializers.RegexField(r"^(?:[A-Z]{3})?\Z", required=False, default="", allow_blank=True)
    since = serializers.DateField()
    value = serializers.DecimalField(max_digits=9, decimal_places=4, min_value=-20)
    source: Any = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What the table would refuse is said by field."""
        if (attrs["kind"] == RateKind.FLAT_SUM) != bool(attrs["currency"]):
            raise serializers.ValidationError({"currency": ["A flat sum, and nothing else, has a currency."]})
        starts = attrs["since"].day == 1 and attrs["since"].month in (1, 7)
        if attrs["kind"] in (RateKind.REFERENCE, RateKind.LEGAL) and not starts:
            raise serializers.ValidationError({"since": ["This rate counts from 1 January or 1 July."]})
        most = 100 if attrs["kind"] != RateKind.FLAT_SUM else 99999
        if attrs["value"] > most or (attrs["kind"] != RateKind.REFERENCE and attrs["value"] < 0):
            raise serializers.ValidationError({"value": ["This value cannot be."]})
        return attrs


class InterestRatesIn(serializers.Serializer[Any]):
    """Up to a thousand parameters."""

    rates = serializers.ListField(child=InterestRateIn(), allow_empty=False, max_length=1000)


class InterestRatesDone(serializers.Serializer[Any]):
    """What became of each parameter, in the order they came: created, updated or unchanged."""

    outcomes = serializers.ListField(child=serializers.CharField())


class InterestRateViewSet(Door):
    """The parameters of late interest, of no legal entity."""

    serializer_class = InterestRateOut
    pagination_class = None
    queryset = InterestTerms.objects.none()

    @extend_schema(responses=InterestRateOut(many=True), operation_id="interest_rates_list")
    def list(self, request: Request) -> Response:
        """Everything that counts, shipped and imported, for who reads plans anywhere."""
        if not policy.scope(self.person).entities("plan.read"):
            return Response([])
        return Response(InterestRateOut(known_rates(), many=True).data)

    @extend_schema(request=InterestRatesIn, responses=InterestRatesDone)
    def create(self, request: Request) -> Response:
        """Bring parameters; the same one twice is harmless, another value replaces the one before."""
        if not policy.scope(self.person).entities("interest.rates"):
            raise PermissionDenied
        rates = [RateInput(**rate) for rate in self.shape(InterestRatesIn)["rates"]]
        taken = record_rates(rates=rates, by=self.person, at=clock.now())
        return Response({"outcomes": taken.outcomes})


class InterestTermsOut(serializers.ModelSerializer[InterestTerms]):
    """What a contract says from a day on; without a customer for all of the entity."""

    class Meta:
        model = InterestTerms
        fields = ("id", "entity", "customer", "since", "basis", "value", "note", "set_by", "set_at")


class InterestTermsIn(serializers.Serializer[Any]):
    """What a contract says from a day on."""

    entity: Any = serializers.PrimaryKeyRelatedField(queryset=LegalEntity.objects.none())
    customer: Any = serializers.PrimaryKeyRelatedField(
        queryset=Customer.objects.none(), required=False, allow_null=True, default=None
    )
    since = serializers.DateField()
    basis = serializers.ChoiceField(TermsBasis.choices)
    value = serializers.DecimalField(
        max_digits=7,
        decimal_places=4,
        min_value=0,
        max_value=100,
        required=False,
        allow_null=True,
        default=None,
    )
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class InterestTermsViewSet(ListModelMixin, Door):
    """Contract terms of your legal entities."""

    serializer_class = InterestTermsOut
    filterset_fields = ("entity", "customer")
    queryset = InterestTerms.objects.none()

    def get_queryset(self) -> QuerySet[InterestTerms]:
        """Where you may read plans."""
        return InterestTerms.objects.filter(policy.rows(self.person, "plan.read")).order_by("-pk")

    @extend_schema(request=InterestTermsIn, responses={201: InterestTermsOut})
    def create(self, request: Request) -> Response:
        """Set terms from a day on; the same day again replaces them."""
        mine = selectors.entities(self.person)
        customers = Customer.objects.filter(policy.rows(self.person, "plan.read"))
        facts = self.shape(InterestTermsIn, entity=mine, customer=customers)
        self.must("interest.rates", facts["entity"])
        customer = facts["customer"]
        if customer is not None and customer.entity_id != facts["entity"].pk:
            raise serializers.ValidationError({"customer": ["Not a customer of this entity."]})
        row = interest_terms.set_terms(**facts, by=self.person, at=clock.now())
        return Response(InterestTermsOut(row).data, status=status.HTTP_201_CREATED)


class InterestHabits(serializers.ModelSerializer[InterestSettings]):
    """From which due day on an entity charges, what its reminders say, how its debit notes are made."""

    class Meta:
        model = InterestSettings
        fields = ("charge_from", "in_letters", "payment_days", "minimum")


class InterestHabitsViewSet(Door):
    """The habits of your legal entities, by their codes."""

    serializer_class = InterestHabits
    lookup_field = "code"
    queryset = LegalEntity.objects.none()

    def _entity(self, code: str) -> LegalEntity:
        found = selectors.entities(self.person).filter(code=code).first()
        if found is None:
            raise Http404
        return found

    @extend_schema(responses=InterestHabits)
    def retrieve(self, request: Request, code: str) -> Response:
        """The habits; the usual ones where nothing was set."""
        return Response(InterestHabits(settings_of(self._entity(code).pk)).data)

    @extend_schema(request=InterestHabits, responses=InterestHabits)
    def update(self, request: Request, code: str) -> Response:
        """Set them."""
        entity = self._entity(code)
        self.must("interest.rates", entity)
        row = settings_of(entity.pk)
        shape = InterestHabits(row, data=request.data, partial=True)
        shape.is_valid(raise_exception=True)
        names = ("charge_from", "in_letters", "payment_days", "minimum")
        facts = {name: getattr(row, name) for name in names} | dict(shape.validated_data)
        kept = interest_terms.set_habits(entity=entity, by=self.person, at=clock.now(), **facts)
        return Response(InterestHabits(kept).data)


def register(router: DefaultRouter) -> None:
    """Put these resources on the API."""
    router.register("interest", InterestViewSet, basename="interest")
    router.register("interest-rates", InterestRateViewSet, basename="interest-rate")
    router.register("interest-terms", InterestTermsViewSet, basename="interest-terms")
    router.register("interest-settings", InterestHabitsViewSet, basename="interest-settings")
    api_debit.register(router)
    api_contentious.register(router)
