"""Procure to pay: order → confirmation → shipment → receipt → statement → invoice → payment, without re-entry.

Push-downs (``receipt_invoices``, ``statements``) build invoices and statements from what purchasing has received.
Reactions keep the progress of receipts and orders, and tell supplier, buyer and warehouse what is theirs to do.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.accounting.events import ItemsMatched
from backend.availability.events import ShortageFound
from backend.availability.models import Suggestion, SuggestionState
from backend.invoicing.events import (
    PaymentApproved,
    PurchaseInvoiceApproved,
    PurchaseInvoiceDiffers,
    PurchaseInvoiceUnapproved,
)
from backend.invoicing.models import PurchaseInvoice, PurchaseInvoiceLine
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.language import in_books
from backend.kernel.tenancy import current
from backend.logistics.events import MilestoneReported
from backend.parties.models import Party
from backend.processes import addresses
from backend.processes.receipt_invoices import (
    CannotInvoiceReceipts,
    invoice_orders,
    invoice_receipts,
    invoice_statement,
    post_when_it_matches,
)
from backend.processes.statements import propose_supplier_statement
from backend.processes.telling import mail_party, plain_qty
from backend.purchasing.events import (
    AsnSubmitted,
    AsnWithdrawn,
    ConfirmationDecided,
    ProgressReported,
    PurchaseOrderAmended,
    PurchaseOrderAnswered,
    PurchaseOrderClosed,
    PurchaseOrderEvent,
    PurchaseOrderRejected,
    PurchaseOrderSent,
    PurchaseOrderUnapproved,
    PurchaseReceiptApproved,
    SuggestionsOrdered,
    SuggestionsRequested,
)
from backend.purchasing.models import (
    Asn,
    AsnState,
    ConfirmationState,
    PurchaseOrder,
    PurchaseReceipt,
    PurchaseReceiptLine,
    Sending,
)
from backend.purchasing.services.asn_way import dispatch_asn
from backend.purchasing.services.invoiced import record_invoiced, record_paid
from backend.sales.events import SalesOrderAmended, SalesOrderClosed, SalesOrderUnapproved
from backend.workflow.models import Task
from backend.workflow.services import complete_tasks, create_task, notify

ORDERS = "/supplier/orders/"

__all__ = [
    "CannotInvoiceReceipts",
    "invoice_orders",
    "invoice_receipts",
    "invoice_statement",
    "post_when_it_matches",
    "propose_supplier_statement",
]


# --- progress, in the same truth ---------------------------------------------------------------
@subscribe(PurchaseInvoiceApproved, when="now")
def count_invoiced_receipts(event: PurchaseInvoiceApproved, actor: Actor) -> None:
    """Receipts and orders know what is invoiced; the approval has locked them when it looked at what is left."""
    goods = ((_id(line), qty) for line, _order_line, qty in event.source_lines)
    record_invoiced(goods, ahead=((_id(line), qty) for line, qty in event.ahead_lines), locked=True)


@subscribe(PurchaseInvoiceUnapproved, when="now")
def uncount_invoiced_receipts(event: PurchaseInvoiceUnapproved, actor: Actor) -> None:
    """The invoice is a draft again: so much less is invoiced."""
    goods = ((_id(line), -qty) for line, _order_line, qty in event.source_lines)
    record_invoiced(goods, ahead=((_id(line), -qty) for line, qty in event.ahead_lines))


@subscribe(ItemsMatched, when="after_commit")
def count_paid_orders(event: ItemsMatched, actor: Actor) -> None:
    """Orders know what of them is paid. After the commit: orders are locked before parties everywhere else."""
    invoices = [_id(source) for doc_type, source in event.sources if doc_type == PurchaseInvoice.DOC_TYPE]
    lines = PurchaseInvoiceLine.objects.filter(document__in=invoices, order_id__isnull=False)
    orders = set(filter(None, lines.values_list("order_id", flat=True))) if invoices else set()
    if orders:
        with transaction.atomic():
            record_paid(sorted(orders))


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


# --- the supplier ------------------------------------------------------------------------------
@subscribe(PurchaseOrderSent, when="after_commit")
def tell_supplier_of_order(event: PurchaseOrderSent, actor: Actor) -> None:
    """The supplier's people get the order in their bell and by mail; a supplier without people gets a plain mail."""
    order = PurchaseOrder.objects.select_related("supplier").get(pk=event.aggregate_id)
    params = {"number": order.number, "company": _company(), "lines": order.lines.count()}
    url = addresses.supplier("purchasing.order", order.number)
    sending = f"{order.pk}:{event.revision}:{order.sent_at:%Y%m%d%H%M%S}"
    told = notify(
        kind="supplier.order_sent",
        params=params,
        url=url,
        dedupe_key=f"po-sent:{sending}",
        party_id=order.supplier_id,
        permission="supplier.order.view",
        at=timezone.now(),
    )
    if not told:
        mail_party(order.supplier, "supplier.order_sent", params, url, key=f"po-mail:{sending}", role="sales")


@subscribe(PurchaseOrderAmended, when="after_commit")
def tell_supplier_of_amendment(event: PurchaseOrderAmended, actor: Actor) -> None:
    """What was agreed has changed: the supplier confirms again."""
    _tell_supplier(event, "supplier.order_changed", {"number": event.number}, key=f"po-amended:{event.revision}")


@subscribe(ConfirmationDecided, when="after_commit")
def tell_supplier_of_decision(event: ConfirmationDecided, actor: Actor) -> None:
    """The buyer took or declined the supplier's proposal."""
    kind = "supplier.counter_accepted" if event.accepted else "supplier.counter_declined"
    params = {"number": event.number, "reason": event.reason}
    _tell_supplier(event, kind, params, key=f"po-decided:{event.revision}")
    complete_tasks(subject_id=event.aggregate_id, kinds=["purchasing.answer_to_decide"], actor=actor, at=timezone.now())


@subscribe(PurchaseOrderUnapproved, when="after_commit")
def tell_supplier_of_withdrawal(event: PurchaseOrderUnapproved, actor: Actor) -> None:
    """What the supplier may be making already is not ordered any more."""
    if event.sent:
        _tell_supplier(
            event, "supplier.order_withdrawn", {"number": event.number}, key="po-withdrawn:{version}", url=ORDERS
        )


@subscribe(PurchaseOrderClosed, when="after_commit")
def tell_supplier_of_closing(event: PurchaseOrderClosed, actor: Actor) -> None:
    """Somebody of ours gave up the rest; an order that closes because all came needs no words."""
    if not event.by_itself:
        _tell_supplier(event, "supplier.order_closed", {"number": event.number}, key="po-closed:{version}")


def _tell_supplier(event: PurchaseOrderEvent, kind: str, params: dict[str, str], *, key: str, url: str = "") -> None:
    """Of an order that was sent; one that was not does not exist for the supplier yet. ``url`` names another page."""
    order = PurchaseOrder.objects.select_related("supplier").get(pk=event.aggregate_id)
    if order.sending == Sending.NOT_SENT and not url:
        return
    page, once = (
        url or addresses.supplier("purchasing.order", event.number),
        f"{key.format(version=order.version)}:{order.pk}",
    )
    told = notify(
        kind=kind,
        params=params,
        url=page,
        dedupe_key=once,
        party_id=order.supplier_id,
        permission="supplier.order.view",
        at=timezone.now(),
    )
    if not told:
        mail_party(order.supplier, kind, params, page, key=once, role="sales")


@subscribe(PaymentApproved, when="after_commit")
def tell_supplier_of_payment(event: PaymentApproved, actor: Actor) -> None:
    """Money is on its way."""
    notify(
        kind="supplier.payment_made",
        params={"number": event.number, "amount": f"{Decimal(event.amount):,.2f}"},
        url=addresses.supplier("invoicing.payment", event.number),
        dedupe_key=f"payment:{event.aggregate_id}",
        party_id=_id(event.supplier_id),
        permission="supplier.statement.view",
        at=timezone.now(),
    )


# --- the buyer ---------------------------------------------------------------------------------
@subscribe(ShortageFound, when="after_commit")
def remind_buyer_of_shortage(event: ShortageFound, actor: Actor) -> None:
    """Somebody should buy; the to-do goes when the suggestion is decided or not needed any more."""
    suggestion = Suggestion.objects.select_related("item").filter(pk=event.suggestion_id).first()
    if suggestion is None or suggestion.state != SuggestionState.LIVE:
        return
    supplier = Party.objects.select_related("supplier").filter(pk__in=[suggestion.supplier_id]).first()
    buyer = supplier.supplier.buyer_id if supplier else None
    create_task(
        kind="purchasing.shortage",
        params={
            "item": str(suggestion.item),
            "qty": plain_qty(suggestion.need_qty),
            "suggested_qty": plain_qty(suggestion.qty),
            "need_date": suggestion.need_date,
        },
        dedupe_key=f"shortage:{suggestion.item_id}:{suggestion.warehouse_id}",
        assignee_id=buyer,
        permission="purchasing.suggestion.edit",
        subject=suggestion,
        due_date=suggestion.need_date,
        at=timezone.now(),
    )


@subscribe(SuggestionsRequested, when="after_commit")
@subscribe(SuggestionsOrdered, when="after_commit")
def finish_shortages(event: SuggestionsOrdered | SuggestionsRequested, actor: Actor) -> None:
    """Somebody buys it; reminders of suggestions that nothing needs any more go too."""
    forget_shortages(actor)


@subscribe(PurchaseReceiptApproved, when="after_commit")
def forget_served_shortages(event: PurchaseReceiptApproved, actor: Actor) -> None:
    """What came may have ended other shortages."""
    forget_shortages(actor)


@subscribe(SalesOrderUnapproved, when="after_commit")
def forget_shortages_of_withdrawn_order(event: SalesOrderUnapproved, actor: Actor) -> None:
    """Nobody needs the goods any more."""
    forget_shortages(actor)


@subscribe(SalesOrderAmended, when="after_commit")
def forget_shortages_of_amended_order(event: SalesOrderAmended, actor: Actor) -> None:
    """Perhaps less is needed now."""
    forget_shortages(actor)


@subscribe(SalesOrderClosed, when="after_commit")
def forget_shortages_of_closed_order(event: SalesOrderClosed, actor: Actor) -> None:
    """The rest is not delivered."""
    forget_shortages(actor)


def forget_shortages(actor: Actor) -> int:
    """Finish the reminders whose suggestion is decided or gone; returns how many."""
    live = Suggestion.objects.filter(state=SuggestionState.LIVE).values("pk")
    stale = Task.objects.filter(kind="purchasing.shortage", done_at=None).exclude(subject_id__in=live)
    return stale.update(done_at=timezone.now(), done_by_name=actor.name)


@subscribe(PurchaseOrderAnswered, when="after_commit")
def tell_buyer_of_answer(event: PurchaseOrderAnswered, actor: Actor) -> None:
    """A proposal waits for the buyer; a plain yes is only told."""
    order = PurchaseOrder.objects.select_related("supplier").get(pk=event.aggregate_id)
    answer = order.confirmations.filter(revision=event.revision).first()
    if answer is None:
        return
    complete_tasks(dedupe_key=f"confirm:{order.pk}", actor=actor, at=timezone.now())
    params = {"supplier": order.supplier.label, "number": order.number, "summary": _summary(event, answer.note)}
    if answer.state == ConfirmationState.PROPOSED:
        create_task(
            kind="purchasing.answer_to_decide",
            params=params,
            dedupe_key=f"answer:{order.pk}",
            assignee_id=order.buyer_id,
            permission="purchasing.order.approve",
            subject=order,
            at=timezone.now(),
        )
    else:
        complete_tasks(dedupe_key=f"answer:{order.pk}", actor=actor, at=timezone.now())
    notify(
        kind="purchasing.order_answered",
        params=params,
        url=addresses.staff("purchasing.order", order.number),
        dedupe_key=f"answered:{order.pk}:{event.revision}",
        members=[order.buyer_id] if order.buyer_id else (),
        permission="" if order.buyer_id else "purchasing.order.approve",
        mail=answer.state == ConfirmationState.PROPOSED,
        actor=actor,
        at=timezone.now(),
    )


def _later(days: int) -> str:
    words = ngettext("%(days)s day later than asked.", "%(days)s days later than asked.", days)
    return words % {"days": days}


def _summary(event: PurchaseOrderAnswered, note: str) -> str:
    late = in_books(lambda: _later(event.late_days)) if event.late_days else ""
    return " ".join(part for part in (late, note) if part)


@subscribe(ProgressReported, when="after_commit")
def tell_buyer_of_progress(event: ProgressReported, actor: Actor) -> None:
    """A line that should have left already and is not finished is an exception."""
    order = PurchaseOrder.objects.select_related("supplier").get(pk=event.aggregate_id)
    line = order.lines.filter(line_no=event.line_no).first()
    if line is None or event.percent >= 100 or line.requested_date >= clock.today():
        return
    progress = {"line": event.line_no, "percent": event.percent}
    note = in_books(lambda: _("Line %(line)s stands at %(percent)s %%.") % progress)
    create_task(
        kind="purchasing.progress_late",
        params={"number": order.number, "supplier": order.supplier.label, "note": note},
        dedupe_key=f"late:{line.pk}",
        assignee_id=order.buyer_id,
        permission="purchasing.order.edit",
        subject=order,
        at=timezone.now(),
    )


@subscribe(PurchaseOrderRejected, when="after_commit")
def tell_buyer_of_rejection(event: PurchaseOrderRejected, actor: Actor) -> None:
    """The draft came back with a reason."""
    order = PurchaseOrder.objects.get(pk=event.aggregate_id)
    notify(
        kind="purchasing.order_rejected",
        params={"number": order.number, "by": actor.name, "reason": event.reason},
        url=addresses.staff("purchasing.order", order.number),
        dedupe_key=f"rejected:{order.pk}:{order.version}",
        members=[order.buyer_id] if order.buyer_id else (),
        actor=actor,
        at=timezone.now(),
    )


def late_note(line_no: int, qty: str, due: date) -> str:
    """What of a line is late, in words."""
    return _("Line %(line)s: %(qty)s were due on %(date)s.") % {"line": line_no, "qty": qty, "date": due.isoformat()}


@subscribe(PurchaseInvoiceDiffers, when="after_commit")
def ask_about_differing_invoice(event: PurchaseInvoiceDiffers, actor: Actor) -> None:
    """Somebody who may accept differences looks at the invoice."""
    invoice = PurchaseInvoice.objects.select_related("supplier").get(pk=event.aggregate_id)
    create_task(
        kind="purchasing.invoice_to_check",
        params={
            "supplier": invoice.supplier.label,
            "number": invoice.number,
            "amount": f"{invoice.gross_amount:,.2f}",
        },
        dedupe_key=f"invoice:{invoice.pk}",
        permission="invoicing.purchase_invoice.accept_difference",
        subject=invoice,
        at=timezone.now(),
    )


@subscribe(PurchaseInvoiceApproved, when="after_commit")
def finish_checking_invoice(event: PurchaseInvoiceApproved, actor: Actor) -> None:
    """The invoice passed."""
    complete_tasks(subject_id=event.aggregate_id, actor=actor, at=timezone.now())


@subscribe(PurchaseOrderClosed, when="after_commit")
def finish_tasks_of_closed_order(event: PurchaseOrderClosed, actor: Actor) -> None:
    """Nothing is left to decide about the order."""
    complete_tasks(subject_id=event.aggregate_id, actor=actor, at=timezone.now())


@subscribe(PurchaseOrderUnapproved, when="after_commit")
def finish_tasks_of_withdrawn_order(event: PurchaseOrderUnapproved, actor: Actor) -> None:
    """The order is a draft again: what was asked about it does not matter."""
    complete_tasks(subject_id=event.aggregate_id, actor=actor, at=timezone.now())


# --- the warehouse -----------------------------------------------------------------------------
@subscribe(AsnSubmitted, when="after_commit")
def ask_warehouse_to_receive(event: AsnSubmitted, actor: Actor) -> None:
    """Goods are coming: somebody counts and books them."""
    supplier = Party.objects.get(pk=event.supplier_id)
    expected = date.fromisoformat(str(event.expected_date))
    create_task(
        kind="purchasing.goods_coming",
        params={"supplier": supplier.label, "number": event.number, "expected_date": expected},
        dedupe_key=f"asn:{event.aggregate_id}",
        permission="purchasing.receipt.approve",
        subject=Asn.objects.get(pk=event.aggregate_id),
        due_date=expected,
        at=timezone.now(),
    )


@subscribe(AsnWithdrawn, when="after_commit")
def nothing_to_receive(event: AsnWithdrawn, actor: Actor) -> None:
    """The notice was withdrawn."""
    complete_tasks(dedupe_key=f"asn:{event.aggregate_id}", actor=actor, at=timezone.now())


@subscribe(PurchaseReceiptApproved, when="after_commit")
def finish_receiving(event: PurchaseReceiptApproved, actor: Actor) -> None:
    """The goods are booked."""
    notice = PurchaseReceipt.objects.filter(pk=event.aggregate_id).values_list("asn_id", flat=True).first()
    if notice:
        complete_tasks(dedupe_key=f"asn:{notice}", actor=actor, at=timezone.now())
    lines = PurchaseReceiptLine.objects.filter(
        document=event.aggregate_id,
        order_line__received_qty__gte=F("order_line__qty") - F("order_line__cancelled_qty"),
    )
    late = [f"late:{line_id}" for line_id in lines.values_list("order_line_id", flat=True)]
    Task.objects.filter(dedupe_key__in=late, done_at=None).update(done_at=timezone.now(), done_by_name=actor.name)


@subscribe(MilestoneReported, when="after_commit")
def note_that_goods_left(event: MilestoneReported, actor: Actor) -> None:
    """The carrier has an announced shipment under way."""
    if event.source_type != Asn.DOC_TYPE or event.kind not in {"in_transit", "out_for_delivery"}:
        return
    if Asn.objects.filter(pk=event.source_id, state=AsnState.SUBMITTED).exists():
        dispatch_asn(asn_id=_id(event.source_id), silent=True, actor=actor, at=timezone.now())


def _company() -> str:
    return getattr(current(), "name", "") or "Troika"
