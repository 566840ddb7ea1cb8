"""The same key twice gives the first answer; the same key with another request is refused."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel.errors import Conflict
from backend.kernel.models import IdempotencyKey


def fingerprint(request: Any) -> str:
    """A digest of what was asked."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()


def once(key: str, request: Any, act: Callable[[], tuple[int, Any]], *, at: datetime) -> tuple[int, Any, bool]:
    """Run ``act`` once for a key, in one transaction with it.

    Returns status, answer and whether it was a repetition. A second call that comes while the first
    is under way waits for it at the key's unique index. A refusal is not remembered: it changed nothing.
    """
    digest = fingerprint(request)
    with transaction.atomic():
        _row, fresh = IdempotencyKey.objects.get_or_create(key=key, defaults={"fingerprint": digest, "created_at": at})
        row = IdempotencyKey.objects.select_for_update().get(pk=key)
        if not fresh:
            if row.fingerprint != digest:
                raise Conflict(
                    _("The idempotency key was used before for another request."),
                    code="idempotency_key_reused",
                    field="Idempotency-Key",
                    value=key.rsplit(":", 1)[-1],
                    way_out=_("Use a new key for a new request."),
                )
            return row.status, row.answer, True
        status, answer = act()
        IdempotencyKey.objects.filter(pk=key).update(status=status, answer=answer)
    return status, answer, False
