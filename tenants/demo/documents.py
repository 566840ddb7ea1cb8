"""Documents of the sample company in different states, made step by step by the people who would make them."""

from tenants.demo.masters import Stage


def lay_documents(stage: Stage) -> None:
    """Orders, purchases, deliveries, invoices, money, a ticket."""
