"""Who may do what to which rows."""

import pytest

from accounts import policy
from accounts.choices import Role
from accounts.models import User
from ledger.models import Customer
from tests.factories import Cast


def fresh(user: User) -> User:
    """The person as the next request reads them."""
    return User.objects.get(pk=user.pk)


def test_every_action_is_open_to_somebody_and_to_known_roles_only() -> None:
    for action, roles in policy.ACTIONS.items():
        assert roles, action
        assert roles <= set(Role), action


@pytest.mark.parametrize(
    ("name", "action", "allowed"),
    [
        ("alice", "dispute.decide", True),
        ("carl", "dispute.decide", False),
        ("sam", "dispute.open", True),
        ("sam", "ledger.import", False),
        ("fin", "report.read", True),
        ("fin", "dispute.move", False),
        ("eva", "dispute.move", True),
        ("eva", "report.read", False),
        ("adam", "admin", True),
        ("alice", "admin", False),
        ("mallory", "dispute.read", False),
    ],
)
def test_roles_allow_and_refuse(cast: Cast, name: str, action: str, allowed: bool) -> None:
    assert policy.may(getattr(cast, name), action, cast.entity.pk) is allowed


def test_a_salesperson_sees_own_customers_an_office_role_all_and_others_none(cast: Cast) -> None:
    def seen(user: User) -> set[Customer]:
        return set(Customer.objects.visible_to(user))

    assert seen(cast.sam) == {cast.norte}
    assert seen(cast.alice) == seen(cast.fin) == {cast.norte, cast.sur}
    assert seen(cast.eva) == set()
    assert seen(cast.mallory) == {cast.foreign}


def test_somebody_put_out_sees_nothing_at_once(cast: Cast) -> None:
    cast.alice.is_active = False
    cast.alice.save()
    assert not Customer.objects.visible_to(fresh(cast.alice)).exists()


def test_the_scope_costs_one_query_per_request(cast: Cast, django_assert_num_queries: object) -> None:
    user = fresh(cast.alice)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert policy.may(user, "dispute.read", cast.entity.pk)
        assert policy.may(user, "report.read", cast.entity.pk)
