"""The words of to-dos and messages, by kind, in the reader's language.

``params`` hold plain values; those whose name ends with ``_date`` are dates in ISO form and are
written as the reader's language writes them. A kind that has no words here is refused where it is made.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.kernel.language import reads_chinese


class Words(NamedTuple):
    """Title and body with ``%(name)s`` places; ``button`` is what the link in a mail says."""

    title: Any
    body: Any = ""
    button: Any = pgettext_lazy("button", "Open")


TEXTS: dict[str, Words] = {
    # --- sales ---------------------------------------------------------------------------------
    "sales.credit_hold": Words(
        gettext_lazy("%(number)s is on credit hold"),
        gettext_lazy("%(customer)s would owe %(exposure)s, the limit is %(limit)s. Release the order or leave it."),
        gettext_lazy("Decide"),
    ),
    "sales.credit_released": Words(
        gettext_lazy("%(number)s is released"), gettext_lazy("%(by)s released the credit hold: %(reason)s")
    ),
    "sales.order_rejected": Words(
        gettext_lazy("Order %(number)s was not accepted"),
        gettext_lazy("%(by)s: %(reason)s"),
        gettext_lazy("See the order"),
    ),
    "sales.order_to_approve": Words(
        gettext_lazy("%(number)s waits for approval"), gettext_lazy("%(customer)s, %(amount)s.")
    ),
    "sales.promise_moved": Words(
        gettext_lazy("%(number)s line %(line_no)s: now %(new_date)s, it was %(old_date)s"),
        gettext_lazy("%(cause)s"),
        gettext_lazy("Tell the customer"),
    ),
    "sales.goods_reserved": Words(
        gettext_lazy("%(number)s can ship more"), gettext_lazy("Line %(line_no)s: %(qty)s are reserved from stock now.")
    ),
    "sales.delivery_to_ship": Words(
        gettext_lazy("%(number)s is ready to ship"),
        gettext_lazy("%(customer)s, order %(order)s: everything is in stock."),
        gettext_lazy("Ship"),
    ),
    "sales.delivery_signed": Words(gettext_lazy("%(number)s was received"), gettext_lazy("Signed by %(signed_by)s.")),
    "logistics.carrier_damage": Words(
        gettext_lazy("%(carrier)s breaks too much on the way to %(region)s"),
        gettext_lazy(
            "%(percent)s %% of %(shipments)s shipments came damaged. Suspend the lane, or talk to the carrier."
        ),
        gettext_lazy("Decide"),
    ),
    "sales.return_to_authorise": Words(
        gettext_lazy("%(customer)s wants to send goods back: %(number)s"),
        gettext_lazy("Worth %(amount)s. Allow it or say why not."),
        gettext_lazy("Decide"),
    ),
    "sales.return_to_decide": Words(
        gettext_lazy("Inspect what came back: %(number)s"),
        gettext_lazy("%(customer)s. Say how much goes to stock and how much is scrapped."),
        gettext_lazy("Decide"),
    ),
    "sales.consignment_to_book": Words(
        gettext_lazy("%(customer)s reports what it sold: %(number)s"),
        gettext_lazy("%(amount)s incl. tax. Check it and book it: the invoice is made by it."),
        gettext_lazy("Check"),
    ),
    "customer.consignment_refused": Words(
        gettext_lazy("%(number)s is not booked: please report again"),
        gettext_lazy("%(reason)s"),
        gettext_lazy("See the report"),
    ),
    "customer.return_authorised": Words(
        gettext_lazy("You may send the goods of %(number)s back"),
        gettext_lazy("Put the number into the parcel, please."),
        gettext_lazy("See the return"),
    ),
    "customer.return_refused": Words(
        gettext_lazy("Return %(number)s was not accepted"), gettext_lazy("%(reason)s"), gettext_lazy("See the return")
    ),
    "customer.return_decided": Words(
        gettext_lazy("Return %(number)s is settled"),
        gettext_lazy("%(amount)s, as credit or in exchange."),
        gettext_lazy("See the return"),
    ),
    "supplier.goods_returned": Words(
        gettext_lazy("Goods come back to you with %(number)s"),
        gettext_lazy("Lines: %(lines)s. Amount: %(amount)s."),
        gettext_lazy("See the return"),
    ),
    "sales.quote_accepted": Words(
        gettext_lazy("%(customer)s accepted %(number)s"), gettext_lazy("Accepted by %(by)s, %(amount)s.")
    ),
    "sales.order_placed": Words(
        gettext_lazy("%(customer)s placed %(number)s"), gettext_lazy("%(amount)s, wanted by %(requested_date)s.")
    ),
    "customer.order_confirmed": Words(
        gettext_lazy("Your order %(number)s is confirmed"),
        gettext_lazy("Promised date: %(promise_date)s."),
        gettext_lazy("See the order"),
    ),
    "customer.promise_moved": Words(
        gettext_lazy("Your order %(number)s: the date has changed"),
        gettext_lazy("%(item)s: now %(new_date)s, it was %(old_date)s. %(reason)s"),
        gettext_lazy("See the order"),
    ),
    "customer.order_shipped": Words(
        gettext_lazy("Your order %(order)s is on its way"),
        gettext_lazy("Delivery %(number)s, expected %(expected_date)s. %(carrier)s %(tracking_no)s"),
        gettext_lazy("Follow the delivery"),
    ),
    "customer.order_shipped.tomorrow": Words(
        gettext_lazy("Your order %(order)s has left the warehouse, expected tomorrow"),
        gettext_lazy("Delivery %(number)s, expected %(expected_date)s. %(carrier)s %(tracking_no)s"),
        gettext_lazy("Follow the delivery"),
    ),
    "customer.quote_sent": Words(
        gettext_lazy("Quotation %(number)s for you"),
        gettext_lazy("%(amount)s, valid until %(valid_date)s."),
        gettext_lazy("See and accept"),
    ),
    "customer.invoice_sent": Words(
        gettext_lazy("Invoice %(number)s"),
        gettext_lazy("%(amount)s, due %(due_date)s."),
        gettext_lazy("See the invoice"),
    ),
    # --- purchasing ----------------------------------------------------------------------------
    "purchasing.material_late": Words(
        gettext_lazy("%(number)s waits for %(item)s"),
        gettext_lazy("Needed by %(required_date)s, expected %(new_date)s. Orders of customers behind it: %(orders)s."),
        gettext_lazy("See the order"),
    ),
    "production.material_late": Words(
        gettext_lazy("%(number)s waits for %(item)s"),
        gettext_lazy("Needed by %(required_date)s, expected %(new_date)s. Orders of customers behind it: %(orders)s."),
        gettext_lazy("See the order"),
    ),
    "supplier.order_sent": Words(
        gettext_lazy("New order %(number)s"),
        gettext_lazy("%(company)s has ordered from you. Lines: %(lines)s. Please confirm quantities and dates."),
        gettext_lazy("Confirm the order"),
    ),
    "supplier.rfq_published": Words(
        gettext_lazy("%(company)s asks for your price: %(title)s"),
        gettext_lazy(
            "Request %(number)s. Lines: %(lines)s. Quotes are taken until %(deadline)s and stay sealed until then."
        ),
        gettext_lazy("Quote now"),
    ),
    "supplier.rfq_extended": Words(
        gettext_lazy("More time for %(number)s"),
        gettext_lazy("%(title)s: quotes are taken until %(deadline)s."),
        gettext_lazy("See the request"),
    ),
    "supplier.rfq_cancelled": Words(
        gettext_lazy("%(number)s was cancelled"),
        gettext_lazy("%(title)s: nothing is bought by this request. Thank you for your effort."),
        gettext_lazy("See the request"),
    ),
    "supplier.rfq_lost": Words(
        gettext_lazy("Thank you for your quote on %(number)s"),
        gettext_lazy("%(title)s went to somebody else this time. We value your offer and will ask you again."),
        gettext_lazy("See the request"),
    ),
    "purchasing.rfq_to_award": Words(
        gettext_lazy("%(number)s can be awarded"),
        gettext_lazy("%(title)s: %(quotes)s of %(asked)s suppliers quoted."),
        gettext_lazy("Compare the quotes"),
    ),
    "supplier.order_changed": Words(
        gettext_lazy("Order %(number)s was changed"),
        gettext_lazy("Please confirm the new version."),
        gettext_lazy("See the changes"),
    ),
    "supplier.order_withdrawn": Words(
        gettext_lazy("Order %(number)s was withdrawn"),
        gettext_lazy("Please make and send nothing for it; a corrected order comes as a new message."),
        gettext_lazy("See your orders"),
    ),
    "supplier.order_closed": Words(
        gettext_lazy("Order %(number)s was closed"),
        gettext_lazy("What has not been sent of it is not wanted any more."),
        gettext_lazy("See the order"),
    ),
    "supplier.counter_accepted": Words(
        gettext_lazy("Your answer to %(number)s was accepted"), "", gettext_lazy("See the order")
    ),
    "supplier.counter_declined": Words(
        gettext_lazy("Your answer to %(number)s was not accepted"), "%(reason)s", gettext_lazy("See the order")
    ),
    "supplier.statement_proposed": Words(
        gettext_lazy("Statement %(number)s to check"),
        gettext_lazy("Lines: %(lines)s. Amount: %(amount)s."),
        gettext_lazy("Check the statement"),
    ),
    "supplier.payment_made": Words(
        gettext_lazy("Payment %(number)s is on its way"),
        gettext_lazy("Amount: %(amount)s."),
        gettext_lazy("See the payment"),
    ),
    "supplier.progress_link": Words(
        gettext_lazy("How far is %(item)s, order %(number)s?"),
        gettext_lazy(
            "%(company)s asks for the progress of line %(line)s. No account is needed; the link is good until %(until_date)s."
        ),
        gettext_lazy("Report the progress"),
    ),
    "purchasing.price_alert": Words(
        gettext_lazy("%(item)s is %(percent)s %% dearer: look at our prices"),
        gettext_lazy(
            "%(price)s now, %(mean)s on average of %(days)s days. Goods and open quotations it touches are listed."
        ),
        gettext_lazy("See what it touches"),
    ),
    "workflow.to_approve": Words(
        gettext_lazy("%(number)s waits for your approval"),
        gettext_lazy("%(by)s asks for %(amount)s; level %(level)s."),
        gettext_lazy("Decide"),
    ),
    "workflow.stands_in": Words(
        gettext_lazy("You stand in for %(person)s"),
        gettext_lazy("From %(date_from)s until %(date_to)s approvals that wait for %(person)s wait for you."),
        gettext_lazy("See approvals"),
    ),
    "workflow.approved": Words(
        gettext_lazy("%(number)s is approved"), gettext_lazy("%(by)s agreed."), gettext_lazy("See the document")
    ),
    "workflow.rejected": Words(
        gettext_lazy("%(number)s was sent back"), gettext_lazy("%(by)s: %(reason)s"), gettext_lazy("See the document")
    ),
    "purchasing.requisition_to_order": Words(
        gettext_lazy("%(number)s is approved: buy it"),
        gettext_lazy("%(by)s needs it by %(need_date)s: %(amount)s."),
        gettext_lazy("Order"),
    ),
    "purchasing.order_to_approve": Words(
        gettext_lazy("%(number)s waits for approval"), gettext_lazy("%(supplier)s, %(amount)s.")
    ),
    "purchasing.order_rejected": Words(gettext_lazy("%(number)s was sent back"), gettext_lazy("%(by)s: %(reason)s")),
    "purchasing.order_to_confirm": Words(
        gettext_lazy("%(number)s is not confirmed yet"), gettext_lazy("%(supplier)s has had it since %(sent_date)s.")
    ),
    "purchasing.order_answered": Words(
        gettext_lazy("%(supplier)s answered %(number)s"), gettext_lazy("%(summary)s"), gettext_lazy("See the answer")
    ),
    "purchasing.answer_to_decide": Words(
        gettext_lazy("%(supplier)s proposes a change to %(number)s"),
        gettext_lazy("%(summary)s"),
        gettext_lazy("Accept or decline"),
    ),
    "purchasing.progress_late": Words(
        gettext_lazy("%(number)s is late at %(supplier)s"), gettext_lazy("%(note)s"), gettext_lazy("See the order")
    ),
    "purchasing.exception": Words(
        gettext_lazy("%(number)s of %(supplier)s needs you"), gettext_lazy("%(note)s"), gettext_lazy("See the order")
    ),
    "purchasing.shortage": Words(
        gettext_lazy("%(item)s is short by %(qty)s"),
        gettext_lazy("Suggested: buy %(suggested_qty)s, needed by %(need_date)s."),
        gettext_lazy("Decide"),
    ),
    "inventory.low": Words(
        gettext_lazy("%(item)s: %(qty)s left in %(warehouse)s"),
        gettext_lazy("Below the safety stock of %(threshold)s."),
        gettext_lazy("See stock"),
    ),
    "inventory.low_asked": Words(
        gettext_lazy("%(item)s: %(qty)s left in %(warehouse)s"),
        gettext_lazy("These customers asked for it in the last 90 days: %(customers)s."),
        gettext_lazy("See stock"),
    ),
    "inventory.low_call": Words(
        gettext_lazy("Call %(customer)s: %(item)s is running out"),
        gettext_lazy("%(qty)s left in %(warehouse)s; %(number)s asks for it."),
        gettext_lazy("Open it"),
    ),
    "inventory.replenished": Words(
        gettext_lazy("%(warehouse)s is filled up: %(number)s waits for you"),
        gettext_lazy("%(lines)s items of class A fell to their reorder point."),
        gettext_lazy("Open it"),
    ),
    "purchasing.goods_coming": Words(
        gettext_lazy("%(supplier)s ships %(number)s"),
        gettext_lazy("Expected %(expected_date)s."),
        gettext_lazy("Receive the goods"),
    ),
    "inventory.recall": Words(
        gettext_lazy("Lot %(lot)s of %(item)s is recalled: call %(customers)s customers"),
        gettext_lazy("%(reason)s"),
        gettext_lazy("See who has it"),
    ),
    "purchasing.inspection_to_do": Words(
        gettext_lazy("%(number)s: goods of %(supplier)s wait for inspection"),
        gettext_lazy("Received with %(receipt)s; they are not sold before."),
        gettext_lazy("Inspect"),
    ),
    "purchasing.rejected_goods": Words(
        gettext_lazy("%(number)s: send back to %(supplier)s what was rejected"),
        gettext_lazy("%(goods)s"),
        pgettext_lazy("goods", "Send it back"),
    ),
    "purchasing.invoice_to_check": Words(
        gettext_lazy("%(supplier)s sent invoice %(number)s"),
        gettext_lazy("%(amount)s."),
        gettext_lazy("Check the invoice"),
    ),
    "invoicing.statement_disputed": Words(
        gettext_lazy("%(party)s disputes %(number)s"),
        gettext_lazy("Lines that differ: %(lines)s."),
        gettext_lazy("See the lines"),
    ),
    "invoicing.statement_agreed": Words(gettext_lazy("%(party)s agreed to %(number)s"), gettext_lazy("%(amount)s.")),
    "accounting.period_closed": Words(
        gettext_lazy("%(code)s is closed"), gettext_lazy("Closed by %(by)s."), gettext_lazy("See the periods")
    ),
    "accounting.period_reopened": Words(
        gettext_lazy("%(code)s is open again"),
        gettext_lazy("Opened by %(by)s: %(reason)s"),
        gettext_lazy("See the periods"),
    ),
    # --- service -------------------------------------------------------------------------------
    "service.ticket_opened": Words(
        gettext_lazy("%(number)s: %(subject)s"), gettext_lazy("From %(customer)s."), gettext_lazy("Answer")
    ),
    "service.ticket_assigned": Words(
        gettext_lazy("%(number)s is yours: %(subject)s"), gettext_lazy("From %(customer)s."), gettext_lazy("Answer")
    ),
    "service.ticket_replied": Words(
        gettext_lazy("%(customer)s wrote on %(number)s"), gettext_lazy("%(subject)s"), gettext_lazy("Answer")
    ),
    "customer.ticket_answered": Words(
        gettext_lazy("Answer to your ticket %(number)s"), gettext_lazy("%(subject)s"), gettext_lazy("See the answer")
    ),
    "customer.ticket_solved": Words(
        gettext_lazy("Your ticket %(number)s is solved"),
        gettext_lazy("%(solution)s"),
        gettext_lazy("Confirm or reopen"),
    ),
    # --- suppliers -----------------------------------------------------------------------------
    "srm.application": Words(
        gettext_lazy("%(company)s wants to become a supplier"),
        gettext_lazy("%(contact)s: %(products)s"),
        gettext_lazy("Decide"),
    ),
    "srm.document_to_review": Words(
        gettext_lazy("%(supplier)s handed in: %(document)s"), "", gettext_lazy("Check the document")
    ),
    "srm.supplier_to_approve": Words(
        gettext_lazy("%(supplier)s asks to be approved"),
        gettext_lazy("All documents are handed in."),
        gettext_lazy("Decide"),
    ),
    "srm.document_expires": Words(
        gettext_lazy("%(supplier)s: %(document)s expires on %(expiry_date)s"),
        gettext_lazy("Ask for the new one in time: on expiry nothing is ordered there."),
        gettext_lazy("See the documents"),
    ),
    "srm.document_expired": Words(
        gettext_lazy("%(supplier)s: %(document)s expired on %(expiry_date)s"),
        gettext_lazy("A supplier with an expired mandatory document is suspended."),
        gettext_lazy("See the documents"),
    ),
    "srm.claim_to_review": Words(
        gettext_lazy("%(supplier)s answered the quality claim %(number)s"),
        gettext_lazy("%(item)s"),
        gettext_lazy("Check the answer"),
    ),
    "srm.claim_overdue": Words(
        gettext_lazy("%(supplier)s has not answered the quality claim %(number)s"),
        gettext_lazy("The answer was due on %(due_date)s."),
        gettext_lazy("See the claim"),
    ),
    "supplier.claim_opened": Words(
        gettext_lazy("Quality claim %(number)s"),
        gettext_lazy("%(item)s: please answer by %(due_date)s."),
        gettext_lazy("Answer"),
    ),
    "supplier.claim_overdue": Words(
        gettext_lazy("Quality claim %(number)s is overdue"),
        gettext_lazy("The answer was due on %(due_date)s; it counts in your score."),
        gettext_lazy("Answer"),
    ),
    "supplier.claim_accepted": Words(
        gettext_lazy("Your answer to the quality claim %(number)s is accepted"), "", gettext_lazy("See the claim")
    ),
    "supplier.claim_returned": Words(
        gettext_lazy("Your answer to the quality claim %(number)s is not enough"), "%(reason)s", gettext_lazy("Answer")
    ),
    "srm.watch_proposed": Words(
        gettext_lazy("%(supplier)s: %(score)s points in %(month)s, %(former)s before"),
        gettext_lazy("Two months in a row below the limit: put the supplier on watch?"),
        gettext_lazy("See the scorecard"),
    ),
    "srm.bank_to_approve": Words(
        gettext_lazy("%(supplier)s: another bank account waits for you"),
        gettext_lazy("%(by)s asks for %(account)s. Compare it with the supplier by phone before you agree."),
        gettext_lazy("Decide"),
    ),
    "supplier.bank_changed": Words(
        gettext_lazy("Your bank account was changed"),
        gettext_lazy("From now on we pay to %(account)s."),
        gettext_lazy("See the account"),
    ),
    "supplier.bank_rejected": Words(
        gettext_lazy("Your bank account was not changed"),
        gettext_lazy("%(account)s: %(reason)s"),
        gettext_lazy("See the account"),
    ),
    "supplier.document_expires": Words(
        gettext_lazy("Your document %(document)s expires on %(expiry_date)s"),
        gettext_lazy("Please hand in the new one in time; without it there are no new orders."),
        gettext_lazy("Hand it in"),
    ),
    "supplier.document_expired": Words(
        gettext_lazy("Your document %(document)s expired on %(expiry_date)s"),
        gettext_lazy("Until a valid one is accepted there are no new orders."),
        gettext_lazy("Hand it in"),
    ),
    "supplier.document_rejected": Words(
        gettext_lazy("Your document %(document)s was not accepted"), "%(reason)s", gettext_lazy("Hand it in again")
    ),
    "supplier.application_declined": Words(
        gettext_lazy("Your application"),
        gettext_lazy("Thank you for your application, %(company)s. We cannot take it up now: %(reason)s"),
        gettext_lazy("See the page"),
    ),
    # --- people --------------------------------------------------------------------------------
    "discussion.comment": Words(
        gettext_lazy("%(by)s wrote on %(number)s"), gettext_lazy("%(text)s"), gettext_lazy("Answer")
    ),
}


# Titles that speak to whoever is asked, in words for others who see the to-do.
OF_OTHERS: dict[str, Any] = {
    "workflow.to_approve": gettext_lazy("%(number)s waits for the approval of %(people)s"),
    "purchasing.exception": gettext_lazy("%(number)s of %(supplier)s needs %(people)s"),
    "inventory.replenished": gettext_lazy("%(warehouse)s is filled up: %(number)s waits for %(people)s"),
    "srm.bank_to_approve": gettext_lazy("%(supplier)s: another bank account waits for %(people)s"),
}


def render(kind: str, params: Mapping[str, Any], *, people: str = "") -> tuple[str, str]:
    """Title and body of a kind in the active language; a parameter that is missing reads as a dash.

    A kind may have other words for when something happens (``when``), written beside it as ``kind.when``. ``people``
    are those who are asked when the reader is none of them.
    """
    words = TEXTS.get(f"{kind}.{params.get('when')}", TEXTS[kind])
    values = _Values({key: readable(key, value) for key, value in params.items()} | {"people": people})
    title = OF_OTHERS.get(kind, words.title) if people else words.title
    return str(title) % values, (str(words.body) % values).strip()


def button_of(kind: str) -> str:
    """What the link in a mail of this kind says."""
    return str(TEXTS[kind].button)


def readable(key: str, value: Any) -> str:
    """A parameter as text; dates as the reader writes them, a date that is not known in words."""
    if key.endswith("_date"):
        if not value:
            return _("to be confirmed")
        day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
        return day.isoformat() if reads_chinese() else date_format(day, "j M Y")
    return "" if value is None else str(value)


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"
