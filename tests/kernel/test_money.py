"""Parts of a line's amounts: each comes to what it costs, and all of them to the line."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from backend.kernel.money import cents, line_amounts, tax_share


def _line(qty: int, price: D, rate: int):
    return line_amounts(qty=D(qty), price=price, price_includes_tax=True, tax_rate=D(rate))


def test_one_of_twenty_boxes_costs_what_a_box_costs() -> None:
    """20 boxes at 118.00 with 13 %: 2,088.50 and 271.50. A box is 104.43 and 13.57, by hand 118.00 and not 118.01."""
    line = _line(20, D("118.00"), 13)
    assert (line.net_amount, line.tax_amount) == (D("2088.50"), D("271.50"))
    assert cents(line.net_amount / 20) == D("104.43")
    assert tax_share(line.net_amount, line.tax_amount, D(1) / 20) == D("13.57")


@given(
    qty=st.integers(1, 60),
    price=st.decimals("0.01", "9999.99", places=2),
    rate=st.sampled_from([0, 1, 3, 6, 9, 13]),
    data=st.data(),
)
def test_parts_of_a_line_come_to_its_price_and_to_the_line(qty: int, price: D, rate: int, data: st.DataObject) -> None:
    line = _line(qty, price, rate)
    went = net = tax = D(0)
    while went < qty:
        piece = data.draw(st.integers(1, qty - int(went)))
        went += piece
        part = went / qty
        more_net = cents(line.net_amount * part) - net
        more_tax = tax_share(line.net_amount, line.tax_amount, part) - tax
        assert more_net + more_tax == piece * price
        net, tax = net + more_net, tax + more_tax
    assert (net, tax) == (line.net_amount, line.tax_amount)
