"""Making categories that lists of items name."""

from datetime import datetime

from backend.catalog.models import ItemCategory
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.pinyin import mnemonic_of


def category_like_goods(name: str) -> ItemCategory:
    """A category that is costed and booked like the company's goods; not saved, and without a code."""
    like = ItemCategory.objects.get(code="goods")
    return ItemCategory(name=name, cost_method=like.cost_method, inventory_role=like.inventory_role)


def make_category(category: ItemCategory, *, actor: Actor, at: datetime) -> ItemCategory:
    """Save a new category under a code that is free; the one of its name when it is there."""
    found = ItemCategory.objects.filter(name=category.name).order_by("code").first()
    if found is not None:
        return found
    category.code = _free_code(category.name)
    category.save(force_insert=True)
    audit.record(category, "create", actor=actor, at=at)
    return category


def _free_code(name: str) -> str:
    """A code for a category: the initials of its name, with a number where that is taken."""
    base = mnemonic_of(name).lower()[:20] or "category"
    taken = set(ItemCategory.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(code for n in range(len(taken) + 2) if (code := f"{base}{n or ''}") not in taken)
