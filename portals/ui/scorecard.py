"""A supplier's scorecard as staff and the supplier itself see it: the same numbers, drawn the same way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portals.ui import formats


@dataclass(frozen=True)
class ScoreRow:
    """One month in words and numbers."""

    month: str
    deliveries: str
    on_time: str
    quantity: str
    quality: str
    price: str
    response: str
    claims: str
    score: str
    weak: bool


def _percent(value: Any) -> str:
    return "–" if value is None else f"{formats.qty(round(value, 1))}%"


def row_of(score: Any, limit: int) -> ScoreRow:
    hours = score.response_hours
    return ScoreRow(
        month=formats.month(score.month),
        deliveries=_("%(on_time)s of %(all)s") % {"on_time": score.on_time, "all": score.deliveries},
        on_time=_percent(score.on_time_pct),
        quantity=_percent(score.quantity_pct),
        quality=_percent(score.quality_pct),
        price=formats.change(score.price_change_pct),
        response="–" if hours is None else _("%(hours)s h") % {"hours": formats.qty(round(hours, 1))},
        claims=str(score.late_claims) if score.late_claims else "–",
        score=formats.qty(round(score.score, 1)),
        weak=score.score < limit,
    )


def chart_of(scores: Sequence[Any], limit: int) -> dict[str, Any]:
    """On-time bars, the score as a line, the limit dashed."""
    return {
        "labels": [formats.month(score.month) for score in scores],
        "series": [
            {"name": _("On time %"), "values": [float(round(score.on_time_pct, 1)) for score in scores], "kind": "bar"},
            {"name": _("Limit"), "values": [limit for _score in scores], "kind": "line", "target": True},
            {"name": _("Score"), "values": [float(round(score.score, 1)) for score in scores], "kind": "line"},
        ],
    }


def scorecard(scores: Sequence[Any], limit: int, weights: dict[str, int]) -> dict[str, Any]:
    """The context of a scorecard: newest month first in the table, oldest first in the chart."""
    names = {
        "on_time": _("On time"),
        "quantity": _("Quantity"),
        "quality": _("Quality"),
        "price": _("Price"),
        "response": _("Response"),
    }
    return {
        "scores": [row_of(score, limit) for score in reversed(scores)],
        "chart": chart_of(scores, limit),
        "weights": [(names[key], weight) for key, weight in weights.items()],
    }
