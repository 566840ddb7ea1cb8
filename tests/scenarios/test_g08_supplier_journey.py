"""G-08: a supplier from its invitation to its money: licence, sealed quotes, award 60/40, order, shipment, statement.

One story through the services that the faces call. What stood before today happens then: suppliers quote four days ago,
the request is opened and awarded a day and a half ago, goods come and are paid today.
"""

import pytest

from tests.scenarios.mill.admission import cannot_be_chosen_without_its_licence, hand_in_the_licence, invite
from tests.scenarios.mill.journey import Journey
from tests.scenarios.mill.making import (
    inspect_45_and_5,
    receive_the_rest,
    report_progress_and_a_late_node,
    send_and_confirm,
    ship_and_receive,
    the_claim_opens_by_itself,
)
from tests.scenarios.mill.settling import (
    everything_is_true,
    invoice_matches_by_itself,
    pay_and_see_it,
    state_dispute_agree,
)
from tests.scenarios.mill.sourcing import (
    ask_four_suppliers,
    award_sixty_forty,
    losers_are_told,
    open_and_compare,
    quote_under_seal,
)

pytestmark = pytest.mark.usefixtures("tenant")


def test_g08_from_the_invitation_to_the_payment_that_the_supplier_sees():
    story = Journey()
    invite(story)
    cannot_be_chosen_without_its_licence(story)
    hand_in_the_licence(story)
    ask_four_suppliers(story)
    quote_under_seal(story)
    open_and_compare(story)
    award_sixty_forty(story)
    losers_are_told(story)
    send_and_confirm(story)
    report_progress_and_a_late_node(story)
    receipt = ship_and_receive(story, ("MILL-A", 30), ("MILL-B", 20))
    inspect_45_and_5(story, receipt)
    the_claim_opens_by_itself(story)
    receive_the_rest(story)
    statement = state_dispute_agree(story)
    invoice = invoice_matches_by_itself(story, statement)
    pay_and_see_it(story, invoice)
    everything_is_true(story)
