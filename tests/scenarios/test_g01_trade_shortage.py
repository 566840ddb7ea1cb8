"""G-01: paper stock 80, order 100 by the rep's phone, through every area to the last voucher."""

import pytest

from backend.kernel.links import graph
from tests.scenarios import story
from tests.scenarios.world import World


@pytest.mark.usefixtures("committed_tenant")
def test_from_shortage_to_ticket():
    chain = story.run(World())
    types = {node.doc_type for node in graph(chain.order, depth=6).nodes}
    assert types >= {
        "sales.order",
        "sales.delivery",
        "invoicing.sales_invoice",
        "invoicing.receipt",
        "purchasing.order",
        "purchasing.asn",
        "purchasing.receipt",
        "invoicing.purchase_invoice",
        "invoicing.payment",
        "service.ticket",
    }
