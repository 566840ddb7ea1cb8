"""What every business document is: a number, a date, two axes of state, a version and who did what.

Invariants: approval and closing move only through ``lifecycle``; ``version`` grows with every save
through ``claim_version`` so that two people cannot overwrite each other; progress is derived from
line quantities and never typed.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.kernel.errors import NotFoundRefused, StaleVersion
from backend.kernel.ids import uuid7
from backend.kernel.prepared import Prepared

if TYPE_CHECKING:
    from datetime import datetime

    from backend.kernel.actor import Actor

DOC_TYPES: dict[str, type[Document]] = {}
D = TypeVar("D", bound="Document")


class Approval(models.TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    SUBMITTED = "submitted", gettext_lazy("In approval")
    APPROVED = "approved", gettext_lazy("Approved")
    REJECTED = "rejected", gettext_lazy("Rejected")
    VOIDED = "voided", gettext_lazy("Voided")


class Closing(models.TextChoices):
    OPEN = "open", pgettext_lazy("document", "Open")
    AUTO_CLOSED = "auto_closed", gettext_lazy("Closed")
    MANUAL_CLOSED = "manual_closed", gettext_lazy("Closed manually")


class Progress(models.TextChoices):
    NONE = "none", gettext_lazy("None")
    PARTIAL = "partial", gettext_lazy("Partly")
    FULL = "full", gettext_lazy("Fully")


def progress_of(done: Any, wanted: Any) -> str:
    """none, partial or full from two quantities."""
    if done <= 0:
        return Progress.NONE
    return Progress.FULL if done >= wanted else Progress.PARTIAL


class Document(models.Model):
    """Base of all documents; subclasses set DOC_TYPE (``area.noun``) and register themselves by it."""

    DOC_TYPE: ClassVar[str] = ""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=40, unique=True, db_collation="C")
    doc_date = models.DateField()
    approval = models.CharField(max_length=12, choices=Approval, default=Approval.DRAFT)
    closing = models.CharField(max_length=16, choices=Closing, default=Closing.OPEN)
    revision = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    remark = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    created_by_id = models.UUIDField(null=True)
    created_by_name = models.CharField(max_length=120, default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by_id = models.UUIDField(null=True)
    approved_by_name = models.CharField(max_length=120, default="")
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.DOC_TYPE:
            DOC_TYPES[cls.DOC_TYPE] = cls

    def __str__(self) -> str:
        return self.number

    def state_label(self, axis: str) -> str:
        """The axis' state in the reader's language."""
        return str(getattr(self, f"get_{axis}_display")())

    @property
    def is_draft(self) -> bool:
        return self.approval in {Approval.DRAFT, Approval.REJECTED}

    @property
    def is_approved(self) -> bool:
        return self.approval == Approval.APPROVED

    def stamp_created(self, actor: Actor, at: datetime) -> None:
        """Set who made the document and when (not saved)."""
        self.created_at = self.updated_at = at
        self.created_by_id, self.created_by_name = actor.member_id, actor.name

    def stamp_approved(self, actor: Actor, at: datetime) -> None:
        """Set who approved the document and when (not saved)."""
        self.approved_at = self.updated_at = at
        self.approved_by_id, self.approved_by_name = actor.member_id, actor.name


class DocumentLine(models.Model):
    """Base of document lines: an address of their own and a place in the document."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    line_no = models.PositiveIntegerField()

    class Meta:
        abstract = True


def item_names(lines: type[Any], *, at_most: int = 2) -> ArraySubquery:
    """The names of a document's first items, for its row in a list: loading all its lines would cost more than the list."""
    first = lines._default_manager.filter(document=OuterRef("pk")).order_by("line_no", "pk")
    return ArraySubquery(first.values("item__name")[:at_most])


@lru_cache(maxsize=256)
def _locked(model: type[D]) -> Prepared[D]:
    return Prepared(lambda id: model._default_manager.select_for_update(of=("self",)).filter(pk=id))


def load_locked(model: type[D], document_id: UUID, *, seen: int | None = None) -> D:
    """The document's row, locked until the end of the transaction; raises NotFoundRefused.

    Who decides about it says with ``seen`` which version was before the eyes; another one raises StaleVersion.
    """
    document = _locked(model).first(document_id)
    if document is None:
        raise NotFoundRefused(_("There is no such document."), value=document_id)
    require_seen(document, seen)
    return document


def claim_version(document: Document, version: int | None, at: datetime) -> None:
    """Grow the version by one (not saved); raises StaleVersion when ``version`` is not the stored one."""
    if version is not None and version != document.version:
        raise StaleVersion(
            _("%(document)s was changed in the meantime by somebody else. Nothing of yours is lost.")
            % {"document": document},
            document=document.number,
            field="version",
            value=version,
            way_out=_("Open it in a second window, compare, and save again."),
        )
    document.version += 1
    document.updated_at = at


def require_seen(document: Document, version: int | None) -> None:
    """Raise StaleVersion when somebody decides about another version than the one before the eyes; None asks nothing."""
    if version is not None and version != document.version:
        raise StaleVersion(
            _("%(document)s was changed in the meantime. Nothing is decided yet.") % {"document": document},
            document=document.number,
            field="version",
            value=version,
            way_out=_("Look at what stands there now, then decide again."),
        )
