"""Legal steps in the life of a supplier and of its documents."""

from backend.kernel.lifecycle import LifeCycle
from backend.parties.models import SupplierState as S
from backend.srm.models.qualification import DocumentState as D

SUPPLIER = LifeCycle(
    {
        "propose": ({S.POTENTIAL}, S.PENDING),
        "approve": ({S.POTENTIAL, S.PENDING}, S.APPROVED),
        "prefer": ({S.APPROVED, S.WATCH}, S.PREFERRED),
        "normalise": ({S.PREFERRED, S.WATCH}, S.APPROVED),
        "watch": ({S.APPROVED, S.PREFERRED}, S.WATCH),
        "suspend": ({S.APPROVED, S.PREFERRED, S.WATCH}, S.SUSPENDED),
        "resume": ({S.SUSPENDED}, S.APPROVED),
        "block": ({S.POTENTIAL, S.PENDING, S.APPROVED, S.PREFERRED, S.WATCH, S.SUSPENDED}, S.BLOCKED),
        "unblock": ({S.BLOCKED}, S.PENDING),
    },
    axis="state",
)
# Steps that somebody must give a reason for.
WITH_REASON = frozenset({"watch", "suspend", "block", "unblock"})
DOCUMENT = LifeCycle(
    {"accept": ({D.WAITING}, D.ACCEPTED), "reject": ({D.WAITING}, D.REJECTED), "replace": ({D.ACCEPTED}, D.REPLACED)},
    axis="state",
)
