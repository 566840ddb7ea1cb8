"""Where the pages of documents are, as paths of the company: what messages link to."""

STAFF = {
    "sales.order": "/sales/orders/{number}/",
    "sales.delivery": "/sales/deliveries/{number}/",
    "sales.return": "/sales/returns/{number}/",
    "purchasing.order": "/purchasing/orders/{number}/",
    "purchasing.asn": "/purchasing/asns/{number}/",
    "purchasing.requisition": "/purchasing/requisitions/{number}/",
    "purchasing.rfq": "/purchasing/rfqs/{number}/",
    "purchasing.blanket": "/purchasing/blankets/{number}/",
    "purchasing.receipt": "/purchasing/receipts/{number}/",
    "purchasing.return": "/purchasing/returns/{number}/",
    "production.order": "/production/orders/{number}/",
    "invoicing.purchase_invoice": "/purchasing/invoices/{number}/",
    "invoicing.statement": "/purchasing/statements/{number}/",
    "service.ticket": "/service/tickets/{number}/",
}
PERIODS = "/finance/periods/"
LOGISTICS = "/logistics/"
PRICE_ALERT = "/purchasing/price-alerts/{pk}/"
SUPPLIER = {
    "purchasing.rfq": "/supplier/rfqs/{number}/",
    "purchasing.order": "/supplier/orders/{number}/",
    "purchasing.asn": "/supplier/shipments/{number}/",
    "invoicing.statement": "/supplier/statements/{number}/",
    "invoicing.payment": "/supplier/settlement/",
    "purchasing.return": "/supplier/returns/{number}/",
}
CUSTOMER = {
    "sales.order": "/customer/orders/{number}/",
    "sales.delivery": "/customer/deliveries/{number}/",
    "sales.return": "/customer/returns/{number}/",
    "sales.consignment": "/customer/consignments/{number}/",
    "invoicing.sales_invoice": "/customer/invoices/{number}/",
    "invoicing.statement": "/customer/statements/{number}/",
    "service.ticket": "/customer/tickets/{number}/",
}


def staff(doc_type: str, number: str) -> str:
    """The page of a document for staff."""
    return STAFF[doc_type].format(number=number)


def supplier(doc_type: str, number: str) -> str:
    """The page of a document in the supplier portal."""
    return SUPPLIER[doc_type].format(number=number)


def customer(doc_type: str, number: str) -> str:
    """The page of a document in the customer portal."""
    return CUSTOMER[doc_type].format(number=number)
