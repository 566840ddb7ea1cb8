"""A partner of a company, with every id and number that is his."""

from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from backend.invoicing.models import FundAccount
from backend.invoicing.services import money
from backend.kernel import comments, files
from backend.kernel.actor import Actor
from backend.parties.models import Party
from tests.scenarios.world import D, World

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@dataclass
class Partner:
    """One partner, the person who acts for him, and every id and number that is his."""

    party: Party
    person: Actor
    papers: list[Any] = field(default_factory=list)

    def keep(self, paper: Any) -> Any:
        self.papers.append(paper)
        return paper

    @property
    def secrets(self) -> set[str]:
        """What nobody else may read: the partner's name, and his documents' ids (and numbers, where they are his alone)."""
        return {self.party.name, str(self.party.pk), *(str(paper.pk) for paper in self.papers)}

    @property
    def numbers(self) -> set[str]:
        return {paper.number for paper in self.papers if getattr(paper, "number", "")}


def money_of(world: World, party: Party, amount: int, invoice: Any) -> money.MoneyData:
    fund = FundAccount.objects.get(code="BANK")
    return money.MoneyData(party.pk, fund.pk, world.today, D(amount), allocations=[(invoice.pk, D(amount))])


def month_of(world: World, partner: Partner, propose: Any) -> None:
    days = {"period_from": world.today.replace(day=1), "period_to": world.today}
    partner.keep(propose(party_id=partner.party.pk, actor=world.accountant, at=world.at, **days))


def discuss(world: World, partner: Partner, document: Any, kind: str, mark: str) -> None:
    """A message and a file the partner sees, and both kept from him."""
    for visibility in (kind, "internal"):
        party_id = partner.party.pk if visibility == kind else None
        common = {"subject": document, "visibility": visibility, "party_id": party_id, "at": world.at}
        partner.keep(comments.add_comment(text=f"{mark} {visibility} word", actor=world.rep, **common))
        upload = SimpleUploadedFile(f"{mark}-{visibility}.png", PNG, "image/png")
        partner.keep(files.attach_file(upload=upload, actor=world.rep, **common))
