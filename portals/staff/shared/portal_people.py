"""Who of a partner signs in to the portal: invited, withdrawn, taken away from the partner's own page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.access import services as access
from backend.access.models import Invitation, Member
from backend.access.selectors import members, open_invitations, role_label
from backend.kernel.errors import NotFoundRefused, Refusal
from backend.parties.models import Party
from portals.staff.customers.forms import InviteForm
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import put_on
from portals.ui.errors import block_of
from portals.ui.guards import staff_view

View = Callable[..., HttpResponse]
MANAGE = "access.member.manage"


def people_of(party_id: UUID, kind: str) -> tuple[list[Member], list[Invitation]]:
    """Who signs in for the partner, and who was invited and has not answered."""
    return list(members(kind, party_id=party_id)), list(open_invitations(kind, party_id=party_id))


@dataclass(frozen=True)
class PortalPeople:
    """The people of one kind of partner: `customer` or `supplier`. `page` draws one, with `invite`, `block` and `status`."""

    kind: str
    load: Callable[[UUID], Party]
    page: Callable[..., HttpResponse]

    def shown(self, party: Party, actor: Any, invite: InviteForm | None) -> dict[str, Any]:
        """What the partner's page shows of them."""
        people, invited = people_of(party.pk, self.kind)
        return {
            "people": [(person, [role_label(role) for role in person.roles.all()]) for person in people],
            "invited": invited,
            "invite": (invite or InviteForm(kind=self.kind)) if actor.may(MANAGE) else None,
            "invite_open": invite is not None,
        }

    def _back(self, party: Party) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"staff:{self.kind}_detail", kwargs={"pk": party.pk}))

    def invite(self) -> View:
        """Invite somebody of the partner to the portal."""

        @require_POST
        @staff_view(MANAGE)
        def view(request: HttpRequest, pk: UUID) -> HttpResponse:
            party, form = self.load(pk), InviteForm(request.POST, kind=self.kind)
            if not form.is_valid():
                return self.page(request, party, invite=form, status=400)
            clean = form.cleaned_data
            try:
                access.invite_member(
                    email=clean["email"],
                    name=clean["name"],
                    kind=self.kind,
                    role_codes=clean["roles"],
                    party_id=party.pk,
                    language=party.language,
                    **who_and_when(request),
                )
            except Refusal as refusal:
                return self.page(request, party, invite=form, block=put_on(form, refusal), status=refusal.status)
            messages.success(request, _("%(email)s gets a link by mail.") % {"email": clean["email"]})
            return self._back(party)

        return view

    def uninvite(self) -> View:
        """Withdraw an invitation that nobody has answered."""

        @require_POST
        @staff_view(MANAGE)
        def view(request: HttpRequest, pk: UUID, invitation: UUID) -> HttpResponse:
            party = self.load(pk)
            if not any(each.pk == invitation for each in people_of(party.pk, self.kind)[1]):
                raise NotFoundRefused(_("There is no such open invitation."), value=invitation)
            access.revoke_invitation(invitation_id=invitation, **who_and_when(request))
            messages.success(request, _("The invitation is withdrawn; its link does nothing any more."))
            return self._back(party)

        return view

    def member_off(self) -> View:
        """Take somebody's access to the portal away."""

        @require_POST
        @staff_view(MANAGE)
        def view(request: HttpRequest, pk: UUID, member: UUID) -> HttpResponse:
            party = self.load(pk)
            if not Member.objects.filter(pk=member, party=party, kind=self.kind).exists():
                raise NotFoundRefused(_("There is no such member."), value=member)
            try:
                access.deactivate_member(member_id=member, **who_and_when(request))
            except Refusal as refusal:
                return self.page(request, party, block=block_of(refusal), status=refusal.status)
            messages.success(request, _("Access taken away; open sessions end at once."))
            return self._back(party)

        return view
