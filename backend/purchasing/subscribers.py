"""What purchasing registers with areas below it."""

from backend.invoicing import sources
from backend.purchasing.goods import receipt_goods
from backend.purchasing.models import PurchaseReceipt

sources.register(PurchaseReceipt.DOC_TYPE, receipt_goods)
