"""Who acts: one value that every write takes, instead of five parameters."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from django.utils.translation import gettext as _

from backend.kernel.errors import PermissionRefused

Kind = Literal["staff", "supplier", "customer", "system"]
Channel = Literal["web", "phone", "api", "portal", "link", "job", "import"]


@dataclass(frozen=True)
class Actor:
    """A person or a job that does something; ``permissions`` are codes such as ``sales.order.approve``.

    A member of a supplier or a customer always has ``party_id``: selectors scope by it.
    """

    kind: Kind
    name: str
    member_id: UUID | None = None
    party_id: UUID | None = None
    channel: Channel = "web"
    permissions: frozenset[str] = field(default_factory=frozenset)
    email: str = ""

    @classmethod
    def system(cls, name: str = "Troika", channel: Channel = "job") -> "Actor":
        """A job of the product itself; may do everything."""
        return cls(kind="system", name=name, channel=channel)

    def may(self, code: str) -> bool:
        """Whether the actor holds the right; ``*`` stands for all of them."""
        return self.kind == "system" or code in self.permissions or "*" in self.permissions

    def require(self, code: str) -> None:
        """Raise PermissionRefused when the right is missing."""
        if not self.may(code):
            raise PermissionRefused(
                _("Your role does not include this: %(code)s.") % {"code": code},
                code="permission_missing",
                value=code,
                way_out=_("Ask an administrator of your company for this right."),
            )
