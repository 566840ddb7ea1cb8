"""Rights of supplier relations, for staff."""

from django.utils.translation import gettext_lazy as _

PERMISSIONS = {
    "srm.qualification.view": _("See suppliers' qualification documents"),
    "srm.qualification.edit": _("Enter qualification documents for a supplier"),
    "srm.qualification.review": _("Accept and reject qualification documents"),
    "srm.application.edit": _("Invite suppliers and decide about applications"),
    "srm.supplier.grade": _("Approve, grade, suspend and block suppliers"),
    "srm.bank_account.view": _("See suppliers' bank accounts (last four digits)"),
    "srm.bank_account.unmask": _("See whole account numbers of suppliers"),
    "srm.bank_account.edit": _("Ask for changes of suppliers' bank accounts"),
    "srm.bank_account.approve": _("Agree to changes of suppliers' bank accounts"),
    "srm.claim.view": _("See quality claims"),
    "srm.claim.edit": _("Open quality claims"),
    "srm.claim.review": _("Accept and send back answers to quality claims"),
    "srm.claim.export": _("Export quality claims"),
    "srm.score.view": _("See suppliers' scores"),
    "srm.score.export": _("Export suppliers' scores"),
    "srm.document_type.edit": _("Decide which documents suppliers need"),
}
