"""What one may do in sales."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "sales.quote.view": _("See quotations"),
    "sales.quote.edit": _("Write and send quotations"),
    "sales.quote.export": _("Export quotations"),
    "sales.order.view": _("See sales orders"),
    "sales.order.view_all": _("See the sales orders of all salespeople"),
    "sales.order.edit": _("Write sales orders"),
    "sales.order.approve": _("Approve sales orders"),
    "sales.order.unapprove": _("Take back the approval of sales orders"),
    "sales.order.export": _("Export sales orders"),
    "sales.credit.release": _("Release orders over the credit limit"),
    "sales.price.below_floor": _("Sell below the floor price"),
    "sales.promise.override": _("Promise another date than the computed one"),
    "sales.delivery.view": _("See deliveries"),
    "sales.delivery.edit": _("Write deliveries"),
    "sales.delivery.approve": _("Ship deliveries"),
    "sales.delivery.unapprove": _("Take back deliveries"),
    "sales.delivery.export": _("Export deliveries"),
    "sales.consignment.view": _("See consignments and stock at agents"),
    "sales.consignment.edit": _("Write consignments"),
    "sales.consignment.approve": _("Book consignments and what agents have sold"),
    "sales.consignment.unapprove": _("Take back booked consignments"),
    "sales.consignment.export": _("Export consignments"),
    "sales.return.view": _("See sales returns"),
    "sales.return.edit": _("Write, authorise and receive sales returns"),
    "sales.return.approve": _("Decide what becomes of returned goods"),
    "sales.return.unapprove": _("Take back decided sales returns"),
    "sales.return.export": _("Export sales returns"),
}
