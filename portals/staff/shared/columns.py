"""Columns that lists of documents share, and those of their lines."""

from django.utils.translation import gettext_lazy

from portals.ui.lists import Column

NUMBER = Column("number", gettext_lazy("Number"), sort=True)
DAY = Column("doc_date", gettext_lazy("Date"), "date", sort=True)
APPROVAL = Column("approval", gettext_lazy("Approval"), "chip", sort=True)
MADE_BY = Column("created_by_name", gettext_lazy("Made by"), phone="hide")
REMARK = Column("remark", gettext_lazy("Remarks"), phone="hide")

LINE_NUMBER = Column("number", gettext_lazy("Number"), value="document.number", sort="document__number")
LINE_DAY = Column("doc_date", gettext_lazy("Date"), "date", value="document.doc_date", sort="document__doc_date")
LINE_ITEM = Column("item", gettext_lazy("Item"), value="item.name", sub="item.code", sort="item__sort_key")
