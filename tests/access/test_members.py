"""Members, roles, invitations and tokens (SAAS-15)."""

from datetime import timedelta

import pytest
from django.core import mail

from backend.access import selectors
from backend.access.models import Member, Role
from backend.access.permissions import PARTNER_PERMISSIONS, catalogue, rights_of
from backend.access.roles import BUILTIN
from backend.access.services import (
    accept_invitation,
    actor_for,
    deactivate_member,
    delete_role,
    find_invitation,
    invite_member,
    issue_token,
    member_of_token,
    revoke_invitation,
    revoke_token,
    save_role,
    set_roles,
)
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, PermissionRefused, ValidationRefused
from backend.kernel.outbox.relay import relay
from tests.factories.parties import AT, make_customer, make_supplier
from tests.people import make_identity

pytestmark = pytest.mark.usefixtures("tenant")


def invite(actor, **values):
    values = {"email": "new@example.com", "kind": "staff", "role_codes": ["buyer"], **values}
    return invite_member(actor=actor, at=AT, **values)


def test_builtin_roles_hold_only_codes_that_exist():
    known = set(catalogue()) | {code for codes in PARTNER_PERMISSIONS.values() for code in codes} | {"*"}
    for role in Role.objects.filter(is_builtin=True):
        assert rights_of(role) <= known
        assert rights_of(role), role.code
    assert set(Role.objects.values_list("code", flat=True)) == set(BUILTIN)


def test_duties_are_separate(member_for):
    rights = {code: actor_for(member_for(code)) for code in ("sales_rep", "finance_manager", "picker", "admin")}
    assert not rights["sales_rep"].may("sales.credit.release")
    assert rights["finance_manager"].may("sales.credit.release")
    assert not rights["picker"].may("catalog.price.view")
    assert not rights["picker"].may("catalog.cost.view")
    assert not rights["sales_rep"].may("catalog.cost.view")
    assert not any(code.startswith(("sales.", "accounting.")) for code in rights["admin"].permissions)


def test_an_actor_is_the_union_of_roles(member_for):
    member = member_for("buyer", "cashier")
    actor = actor_for(member, "api")
    assert actor.may("purchasing.order.approve") or "purchasing.order.approve" not in catalogue()
    assert (actor.kind, actor.channel, actor.member_id) == ("staff", "api", member.pk)


def test_partner_members_are_bound_to_their_party(member_for):
    supplier = make_supplier()
    actor = actor_for(member_for("supplier_admin", party=supplier))
    assert (actor.kind, actor.party_id, actor.channel) == ("supplier", supplier.pk, "portal")
    assert actor.may("supplier.order.confirm")
    assert not actor.may("sales.order.view")


def test_an_invitation_is_mailed_and_good_once(actor):
    invitation, token = invite(actor, language="en")
    relay()
    [sent] = mail.outbox
    assert sent.to == ["new@example.com"]
    assert token in sent.body
    member = accept_invitation(token=token, identity_id=make_identity().pk, at=AT, name="New One")
    assert [role.code for role in member.roles.all()] == ["buyer"]
    with pytest.raises(NotFoundRefused):
        accept_invitation(token=token, identity_id=make_identity().pk, at=AT)
    invitation.refresh_from_db()
    assert invitation.accepted_at == AT
    assert token not in (invitation.digest, "")


def test_an_invitation_ends_after_seven_days_or_when_revoked(actor):
    invitation, token = invite(actor)
    with pytest.raises(NotFoundRefused):
        find_invitation(token=token, at=AT + timedelta(days=7))
    revoke_invitation(invitation_id=invitation.pk, actor=actor, at=AT)
    with pytest.raises(NotFoundRefused):
        find_invitation(token=token, at=AT)


def test_inviting_again_makes_the_first_link_useless(actor):
    _first, old = invite(actor)
    _second, new = invite(actor)
    with pytest.raises(NotFoundRefused):
        find_invitation(token=old, at=AT)
    assert find_invitation(token=new, at=AT)


def test_only_who_manages_members_invites(member_for):
    with pytest.raises(PermissionRefused):
        invite(actor_for(member_for("sales_rep")))
    with pytest.raises(PermissionRefused):
        invite(actor_for(member_for("admin")), role_codes=["owner"])
    invite(actor_for(member_for("admin")))


def test_a_partner_invites_its_own_people_only(member_for):
    ours, theirs = make_supplier(), make_supplier()
    boss = actor_for(member_for("supplier_admin", party=ours))
    invite(boss, kind="supplier", role_codes=["supplier_sales"], party_id=ours.pk)
    for wrong in ({"party_id": theirs.pk}, {"party_id": None}):
        with pytest.raises((PermissionRefused, ValidationRefused)):
            invite(boss, kind="supplier", role_codes=["supplier_sales"], **wrong)
    with pytest.raises(PermissionRefused):
        invite(boss, kind="staff", role_codes=["owner"])
    seller = actor_for(member_for("supplier_sales", party=ours))
    with pytest.raises(PermissionRefused):
        invite(seller, kind="supplier", role_codes=["supplier_sales"], party_id=ours.pk)


def test_a_partner_role_is_not_for_staff(actor):
    with pytest.raises(ValidationRefused):
        invite(actor, role_codes=["supplier_admin"])
    with pytest.raises(ValidationRefused):
        invite(actor, kind="customer", role_codes=["customer_buyer"], party_id=make_supplier().pk)


def test_the_last_owner_stays(actor, member_for):
    owners = Member.objects.filter(roles__code="owner", kind="staff")
    assert owners.count() == 1
    with pytest.raises(Conflict) as refused:
        set_roles(member_id=owners[0].pk, role_codes=["buyer"], actor=actor, at=AT)
    assert refused.value.code == "last_owner"
    member_for("owner")
    set_roles(member_id=owners.order_by("created_at")[0].pk, role_codes=["buyer"], actor=Actor.system(), at=AT)


def test_an_administrator_cannot_touch_owners(actor, member_for):
    admin = actor_for(member_for("admin"))
    second = member_for("owner")
    for act in (set_roles, deactivate_member):
        more = {"role_codes": ["buyer"]} if act is set_roles else {}
        with pytest.raises(PermissionRefused):
            act(member_id=second.pk, actor=admin, at=AT, **more)


def test_who_leaves_loses_tokens(actor, member_for):
    member = member_for("buyer")
    _token, secret = issue_token(member_id=member.pk, name="scanner", actor=actor_for(member), at=AT)
    assert member_of_token(secret=secret, at=AT) == member
    deactivate_member(member_id=member.pk, actor=actor, at=AT)
    assert member_of_token(secret=secret, at=AT) is None
    assert selectors.member_with_roles(member.pk) is None


def test_tokens_end_and_are_revoked(member_for):
    member = member_for("buyer")
    own = actor_for(member)
    end = AT + timedelta(days=1)
    token, secret = issue_token(member_id=member.pk, name="a", actor=own, at=AT, expires_at=end)
    assert secret not in (token.digest, token.prefix)
    assert member_of_token(secret=secret, at=end) is None
    other = actor_for(member_for("buyer"))
    with pytest.raises(NotFoundRefused):
        revoke_token(token_id=token.pk, actor=other, at=AT)
    revoke_token(token_id=token.pk, actor=own, at=AT)
    assert member_of_token(secret=secret, at=AT) is None
    with pytest.raises(PermissionRefused):
        issue_token(member_id=member.pk, name="b", actor=other, at=AT)


def test_roles_of_ones_own(actor, member_for):
    role = save_role(name="报价员", kind="staff", permissions=["sales.quote.edit"], actor=actor, at=AT)
    member = member_for("buyer")
    set_roles(member_id=member.pk, role_codes=[role.code], actor=actor, at=AT)
    assert actor_for(member).permissions == frozenset({"sales.quote.edit"})
    with pytest.raises(Conflict):
        delete_role(role_id=role.pk, actor=actor, at=AT)
    with pytest.raises(ValidationRefused):
        save_role(name="x", kind="staff", permissions=["*"], actor=actor, at=AT)
    with pytest.raises(Conflict):
        save_role(
            name="x",
            kind="staff",
            permissions=[],
            actor=actor,
            at=AT,
            role_id=Role.objects.get(code="buyer").pk,
        )


def test_who_holds_a_right(member_for):
    agent = member_for("service_agent")
    assert agent in selectors.members_with("service.ticket.edit")
    customer = make_customer()
    buyer, receiver = member_for("customer_buyer", party=customer), member_for("customer_receiver", party=customer)
    assert set(selectors.members_of_party(customer.pk)) == {buyer, receiver}
    assert selectors.members_of_party(customer.pk, "customer.price.view") == [buyer]
