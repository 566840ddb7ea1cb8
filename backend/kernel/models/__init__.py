"""Tables of the kernel, in every company's schema."""

from backend.kernel.models.audit import AuditEntry
from backend.kernel.models.files import Attachment, Comment, ThreadRead
from backend.kernel.models.idempotency import IdempotencyKey
from backend.kernel.models.links import DocumentLink
from backend.kernel.models.numbering import NumberCounter, NumberingRule

__all__ = [
    "Attachment",
    "AuditEntry",
    "Comment",
    "DocumentLink",
    "IdempotencyKey",
    "NumberCounter",
    "NumberingRule",
    "ThreadRead",
]
