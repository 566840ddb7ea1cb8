"""Making categories that lists of items name."""

from datetime import datetime

from backend.catalog.models import ItemCategory
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.pinyin import mnemonic_of


def make_category(*, name: str, actor: Actor, at: datetime) -> ItemCategory:
    """A category that is costed and booked like the company's goods; the one of that name when it is there."""
    found = ItemCategory.objects.filter(name=name).first()
    if found is not None:
        return found
    like = ItemCategory.objects.get(code="goods")
    code = _free_code(name)
    made = ItemCategory.objects.create(
        code=code, name=name, cost_method=like.cost_method, inventory_role=like.inventory_role
    )
    audit.record(made, "create", actor=actor, at=at)
    return made


def _free_code(name: str) -> str:
    """A code for a category: the initials of its name, with a number where that is taken."""
    base = mnemonic_of(name).lower()[:20] or "category"
    taken = set(ItemCategory.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for n in range(len(taken) + 2) if (code := f"{base}{n or ''}") not in taken)
