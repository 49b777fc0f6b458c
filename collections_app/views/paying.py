"""The page to pay on: a personal link, no session, the customer's language.

A GET only ever shows, and marks as read the messages it showed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import LegalEntity
from collections_app.choices import PayStatus
from collections_app.models import Notice, PayOrder
from collections_app.paying import links
from collections_app.paying.links import Link
from collections_app.paying.providers import provider_of
from collections_app.paying.terms import Terms
from collections_app.services import paying
from collections_app.services.enclosing import best_files
from ledger import references
from ledger.models import Customer
from lib import clock
from lib.errors import DomainError
from lib.throttle import within
from mailroom.qr import as_svg

# A minute, from one address: a clerk who looks again, not somebody who guesses.
LOOKS = 60
Page = Callable[..., HttpResponse]


def outside(view: Page) -> Page:
    """A page for somebody without a session: bounded, kept by nobody, its address told to nobody."""

    @wraps(view)
    def shown(request: HttpRequest, secret: str = "", **named: Any) -> HttpResponse:
        secret = secret or named.pop(next(iter(named)))
        if within(f"pay:{request.META.get('REMOTE_ADDR', '')}", limit=LOOKS, seconds=60):
            response = view(request, secret, **named)
        else:
            response = render(None, "collections_app/pay_busy.html", status=429)  # type: ignore[arg-type]
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return shown


def _opened(token: str) -> tuple[Link, Customer]:
    """The link and its customer; 404 for a token nobody was given."""
    found = links.read(token, on=clock.now().date())
    customer = (
        Customer.objects.select_related("entity").filter(pk=found[0].customer_id).first() if found else None
    )
    if found is None or customer is None:
        raise Http404
    return found[0], customer


def _language(link: Link, customer: Customer) -> str:
    """The language of whoever got the letter."""
    told = Notice.objects.filter(pk=link.notice_id, contact__isnull=False).values_list("contact__language")
    return str(told[0][0]) if link.notice_id and told else customer.language


# The secret in the address is the right itself: there is nothing a CSRF token would protect, and the page has to work
# where cookies do not.
@csrf_exempt
@never_cache
@outside
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """What is asked now and how to pay it; a POST sets out to pay at the entity's provider."""
    link, customer = _opened(token)
    zone = ZoneInfo(customer.entity.time_zone)
    with override(_language(link, customer)), timezone.override(zone):
        on = clock.today(customer.entity.time_zone)
        if on > link.until:
            return _draw("pay_expired", {"entity": customer.entity}, status=410)
        if request.method != "POST":
            page = _page(link, customer, token)
            if request.method == "GET":
                paying.read_messages(messages=paying.messages_for(link=link, on=on), at=clock.now())
            return page
        provider = provider_of(customer.entity)
        try:
            order = paying.open_order(link=link, token=token, on=on, at=clock.now())
        except DomainError as error:
            return _page(link, customer, token, problem=str(error), status=409)
        assert provider is not None
        return redirect(
            provider.create(
                amount=order.amount, currency=order.currency, reference=order.reference, key=order.key
            )
        )


def _page(link: Link, customer: Customer, token: str, problem: str = "", status: int = 200) -> HttpResponse:
    entity = customer.entity
    asked = paying.asked_now(link=link, on=clock.today(entity.time_zone))
    if asked is None:
        raise Http404
    provider = provider_of(entity)
    messages = paying.messages_for(link=link, on=clock.today(entity.time_zone))
    files = best_files(item.invoice_id for item in asked.items)
    terms = Terms(entity.name, entity.iban, asked.total, asked.currency, asked.reference)
    context = {
        "entity": entity,
        "customer": customer,
        "token": token,
        "asked": asked,
        "rows": [
            {"item": item, "due": paying.due_of(item), "file": item.invoice_id in files}
            for item in asked.items
        ],
        "terms": terms,
        "reference": references.shown(asked.reference),
        "code": _code(terms) if asked.items else "",
        "pretends": bool(provider and provider.pretends),
        "takes": provider is not None,
        "until": link.until,
        "paid": PayOrder.objects.filter(token=token, status=PayStatus.PAID).order_by("-pk").first(),
        "problem": problem,
        "messages": messages,
    }
    return _draw("pay", context, status=status)


@never_cache
@outside
@require_http_methods(["GET", "HEAD"])
def pay_invoice(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """The document of an invoice that the page asks for at this moment; 404 for any other."""
    link, customer = _opened(token)
    on = clock.today(customer.entity.time_zone)
    asked = paying.asked_now(link=link, on=on) if on <= link.until else None
    file = best_files([pk]).get(pk)
    if asked is None or file is None or pk not in {item.invoice_id for item in asked.items}:
        raise Http404
    try:
        with default_storage.open(file.stored_as, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise Http404 from error
    answer = HttpResponse(content, content_type=file.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _code(terms: Terms) -> str:
    """The drawing; it is made of figures alone."""
    return mark_safe(as_svg(terms.transfer)) if terms.transfer else ""


@csrf_exempt
@never_cache
@outside
@require_http_methods(["GET", "HEAD", "POST"])
def pay_sandbox(request: HttpRequest, key: str) -> HttpResponse:
    """The provider on which no money moves: says so, and lets the payer say yes or no."""
    order = PayOrder.objects.select_related("customer", "entity").filter(key=key, provider="sandbox").first()
    if order is None or provider_of(order.entity) is None:
        raise Http404
    link, customer = _opened(order.token)
    with override(_language(link, customer)), timezone.override(ZoneInfo(customer.entity.time_zone)):
        if request.method == "POST":
            return _press(request, order, link, customer.entity)
        if order.status != PayStatus.OPEN:
            return redirect("collections_app:pay", order.token)
        return _draw("pay_sandbox", {"order": order, "entity": order.entity})


def _press(request: HttpRequest, order: PayOrder, link: Link, entity: LegalEntity) -> HttpResponse:
    at = clock.now()
    if request.POST.get("act") != "pay":
        paying.give_up(order=order, at=at)
        return redirect("collections_app:pay", order.token)
    try:
        paying.settle(order=order, link=link, on=clock.today(entity.time_zone), at=at)
    except DomainError as error:
        paying.give_up(order=order, at=at)
        return _page(link, order.customer, order.token, problem=str(error), status=409)
    return redirect("collections_app:pay", order.token)


def _draw(name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page without the shell of the app."""
    return render(None, f"collections_app/{name}.html", context, status=status)  # type: ignore[arg-type]
