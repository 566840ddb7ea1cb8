"""Document numbers such as ``XSDD-20261121-00001``: unique per company and type, by an editable rule.

One statement reads the rule and moves the counter. The counter's row stays locked until the end of
the transaction, so numbers have no gaps; take the number late in a transaction.
"""

from datetime import date

from django.db import connection
from django.utils.translation import gettext as _

from backend.kernel.errors import ValidationRefused

_TAKE = """
WITH rule AS (SELECT * FROM kernel_numbering_rule WHERE doc_type = %(doc_type)s),
moved AS (
    INSERT INTO kernel_number_counter (doc_type, stretch, last)
    SELECT doc_type, CASE reset WHEN 'day' THEN %(day)s WHEN 'month' THEN %(month)s
                                WHEN 'year' THEN %(year)s ELSE '' END, %(count)s FROM rule
    ON CONFLICT (doc_type, stretch) DO UPDATE SET last = kernel_number_counter.last + %(count)s
    RETURNING last
)
SELECT prefix, date_format, separator, digits, last FROM rule, moved
"""


def next_numbers(doc_type: str, day: date, count: int) -> list[str]:
    """The next ``count`` numbers of a type, in one statement; raises ValidationRefused without a rule."""
    with connection.cursor() as cursor:
        cursor.execute(
            _TAKE,
            {
                "doc_type": doc_type,
                "day": f"{day:%Y%m%d}",
                "month": f"{day:%Y%m}",
                "year": f"{day:%Y}",
                "count": count,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise ValidationRefused(
            _("There is no numbering rule for %(type)s.") % {"type": doc_type},
            field="number",
            value=doc_type,
            way_out=_("Add one under Settings, Numbering."),
        )
    prefix, date_format, separator, digits, last = row
    middle = [day.strftime(date_format)] if date_format else []
    return [separator.join([prefix, *middle, f"{serial:0{digits}d}"]) for serial in range(last - count + 1, last + 1)]


def next_number(doc_type: str, day: date) -> str:
    """The next number of a type."""
    return next_numbers(doc_type, day, 1)[0]
