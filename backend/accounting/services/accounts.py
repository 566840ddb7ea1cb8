"""Keeping the chart: sub-accounts, names, use, and the accounts that play roles.

Invariants: a sub-account is of the kind, side, control and parties of its parent; an account with postings
never becomes a parent (its balance would lose its place); a role is played by a leaf in use.
"""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounting.events import AccountDivided
from backend.accounting.models import Account, AccountBalance, AccountRole
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused

EDIT = "accounting.account.edit"
_PART = re.compile(r"[0-9A-Za-z]{1,8}")


class CannotChangeAccount(Conflict):
    """The books need the account as it is."""

    code = "cannot_change_account"


def add_account(*, parent_id: UUID, part: str, name: str, name_en: str = "", actor: Actor, at: datetime) -> Account:
    """Add a sub-account ``<parent>.<part>``; the first one takes over the roles of its parent."""
    actor.require(EDIT)
    if not _PART.fullmatch(part) or not name.strip():
        raise ValidationRefused(_("Give the sub-account a short code and a name."), field="part", value=part)
    with transaction.atomic():
        parent = _locked(parent_id)
        code = f"{parent.code}.{part}"
        if Account.objects.filter(code=code).exists():
            raise CannotChangeAccount(
                _("There is an account %(code)s already.") % {"code": code}, field="part", value=part
            )
        if parent.is_leaf and AccountBalance.objects.filter(account=parent).exists():
            raise CannotChangeAccount(
                _("%(account)s has postings and cannot be divided.") % {"account": parent},
                document=parent.code,
                way_out=_("Add the sub-account to another account, or use parties and items to tell lines apart."),
            )
        account = Account.objects.create(
            code=code,
            name=name.strip()[:60],
            name_en=name_en.strip()[:120],
            parent=parent,
            kind=parent.kind,
            direction=parent.direction,
            by_party=parent.by_party,
            control=parent.control,
        )
        if parent.is_leaf:
            Account.objects.filter(pk=parent.pk).update(is_leaf=False)
            AccountRole.objects.filter(account=parent).update(account=account)
            events.publish(AccountDivided(aggregate_id=parent.pk, child_id=account.pk), actor=actor)
        audit.record(account, "create", actor=actor, at=at)
    return account


def rename_account(*, account_id: UUID, name: str, name_en: str = "", actor: Actor, at: datetime) -> Account:
    """Change the names; the code stays, since vouchers were posted under it."""
    actor.require(EDIT)
    if not name.strip():
        raise ValidationRefused(_("Give the account a name."), field="name", value=name)
    with transaction.atomic():
        account = _locked(account_id)
        before = {"name": account.name, "name_en": account.name_en}
        account.name, account.name_en = name.strip()[:60], name_en.strip()[:120]
        account.save(update_fields=["name", "name_en"])
        after = {"name": account.name, "name_en": account.name_en}
        audit.record(account, "change", actor=actor, at=at, changes=audit.changed_fields(before, after))
    return account


def set_account_in_use(*, account_id: UUID, active: bool, actor: Actor, at: datetime) -> Account:
    """Take an account out of use or back; one that plays a role stays."""
    actor.require(EDIT)
    with transaction.atomic():
        account = _locked(account_id)
        roles = list(AccountRole.objects.filter(account=account).values_list("role", flat=True))
        if not active and roles:
            raise CannotChangeAccount(
                _("%(account)s is used by postings: %(roles)s.") % {"account": account, "roles": ", ".join(roles)},
                document=account.code,
                way_out=_("Give these roles to another account first."),
            )
        account.active = active
        account.save(update_fields=["active"])
        audit.record(account, "activate" if active else "deactivate", actor=actor, at=at)
    return account


def assign_role(*, role: str, account_id: UUID, actor: Actor, at: datetime) -> AccountRole:
    """Let another account play a role; what was posted stays where it is."""
    actor.require(EDIT)
    with transaction.atomic():
        account = _locked(account_id)
        held = AccountRole.objects.select_for_update().select_related("account").filter(role=role).first()
        if held is None:
            raise NotFoundRefused(_("There is no role %(role)s.") % {"role": role}, field="role", value=role)
        _refuse_unfit(account, held)
        before, held.account = held.account.code, account
        held.save(update_fields=["account"])
        audit.record(account, "assign_role", actor=actor, at=at, changes={role: [before, account.code]})
    return held


def _refuse_unfit(account: Account, held: AccountRole) -> None:
    """Control accounts must equal their documents: a role moves only between accounts without a balance of that sort."""
    if not account.is_leaf or not account.active:
        raise CannotChangeAccount(
            _("%(account)s takes no postings.") % {"account": account}, document=account.code, field="account"
        )
    same = (account.kind, account.by_party, account.control) == (
        held.account.kind,
        held.account.by_party,
        held.account.control,
    )
    kept = held.account.control and AccountBalance.objects.filter(account=held.account).exists()
    if not same or kept:
        raise CannotChangeAccount(
            _("%(account)s cannot take the place of %(held)s.") % {"account": account, "held": held.account},
            document=account.code,
            field="account",
            way_out=_("Choose an account of the same kind; accounts that documents keep stay once they have postings."),
        )


def _locked(account_id: UUID) -> Account:
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise NotFoundRefused(_("There is no such account."), value=account_id)
    return account
