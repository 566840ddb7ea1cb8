"""The workbook of a recall: one row for each customer and lot."""

from collections.abc import Sequence
from io import BytesIO

import xlsxwriter
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from backend.inventory.selectors.recall import Shipped


def recall_xlsx(rows: Sequence[Shipped]) -> bytes:
    """Text never becomes a formula; quantities are numbers."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(_("Recall")[:31])
    head, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    titles = [
        _("Customer code"), _("Customer"), _("Item code"), _("Item"), _("Lot"), _("Supplier's lot"), _("Quantity"),
        _("Unit"), _("Last shipped"), _("Last delivery"),
    ]  # fmt: skip
    for column, title in enumerate(titles):
        sheet.write_string(0, column, str(title), head)
    for number, row in enumerate(rows, 1):
        texts = (row.code, row.name, row.item_code, row.item_name, row.lot_no, row.supplier_lot_no)
        for column, text in enumerate(texts):
            sheet.write_string(number, column, text)
        sheet.write_number(number, 6, float(row.qty))
        sheet.write_string(number, 7, row.unit)
        sheet.write_datetime(number, 8, localtime(row.last_at).replace(tzinfo=None), day)
        sheet.write_string(number, 9, row.last_number)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 9, 16)
    book.close()
    return buffer.getvalue()
