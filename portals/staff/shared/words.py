"""Words for codes that services store: verbs of the audit trail beyond the common ones, sources of prices, firmness of dates."""

from typing import Any

from django.utils.translation import gettext_lazy as _

VERBS: dict[str, Any] = {
    "attach": _("added a file"),
    "copy": _("copied it"),
    "credit_hold": _("held it: over the credit limit"),
    "credit_release": _("released it from credit hold"),
    "release_credit": _("released it from credit hold"),
    "ship": _("shipped goods"),
    "dispatch": _("shipped goods"),
    "withdraw": _("withdrew it"),
    "revise_promise": _("moved the promised date"),
    "tell_customer": _("told the customer the new date"),
    "assign": _("assigned it"),
    "answer": _("answered"),
    "solve": _("solved it"),
    "settle": _("settled it"),
    "hold": _("held it: over the credit limit"),
    "explain": _("told the customer the new date"),
    "override_promise": _("promised another date"),
    "clear_override": _("let the computed date hold again"),
    "revise": _("revised it"),
    "edit": _("changed it"),
    "invite": _("invited somebody"),
    "revoke": _("withdrew an invitation"),
    "allocate": _("matched it"),
    "deallocate": _("took the matching back"),
    "call_off": _("called a part off"),
    "publish": _("published it"),
    "raise": _("raised the alert"),
    "price_reason": _("said why it is dearer"),
    "quota": _("set who gets which part of what is bought"),
    "extend": _("gave more time"),
    "open": _("opened the quotes"),
    "quote": _("quoted"),
    "decline": _("does not quote"),
    "key_quote": _("keyed a quote that came on paper"),
    "award": _("awarded it"),
    "unaward": _("took the award back"),
    "arrive": _("noted the arrival"),
    "start": _("began to count"),
    "reverse": _("reversed it"),
    "decide": _("decided it"),
    "recall": _("recalled it"),
    "progress": _("reported progress"),
    "plan_nodes": _("planned the production"),
    "issue_link": _("gave out a link"),
    "revoke_link": _("ended a link"),
    "acknowledge": _("takes care of it"),
    "propose": _("sent it to the partner"),
    "dispute": _("disputed it"),
    "charge": _("charged it"),
    "issue": _("issued it"),
    "run": _("computed it"),
    "suspend": _("suspended it"),
    "resume": _("uses it again"),
    "activate": _("uses it again"),
    "reactivate": _("uses it again"),
    "deactivate": _("uses it no more"),
    "fixed_bin": _("gave it a fixed bin"),
    "bin": _("changed the bin"),
    "set_roles": _("changed the roles"),
    "assign_role": _("changed the roles"),
    "join": _("joined"),
    "move": _("named another day of arrival"),
    "authorise": _("allowed the return"),
    "refuse": _("refused the return"),
    "receive": _("received the goods"),
    "submit_list": _("handed in a list"),
    "take_off": _("took a document off it"),
    "agree": _("agreed to its level"),
    "order": _("ordered from it"),
    "ask_quotes": _("asked for quotes"),
    "weigh_complete": _("completed a line that weighs less"),
    "weigh_short": _("left a line open that weighs less"),
    "set_off": _("set it off against invoices"),
}

PRICE_SOURCES: dict[str, Any] = {
    "agreed": _("agreed price"),
    "level": _("level price"),
    "list": _("list price"),
    "last": _("last price"),
    "item": _("item price"),
    "manual": _("by hand"),
    "quote": _("quoted price"),
    "estimate": _("estimated price"),
    "none": _("no price"),
}

FIRMNESS: dict[str, Any] = {
    "stock": _("in stock"),
    "suggested": _("to be ordered"),
    "requested": _("ordered, not confirmed"),
    "confirmed": _("confirmed by the supplier"),
    "shipped": _("on its way"),
    "inspected": _("here, in inspection"),
}


def price_source(code: str) -> str:
    """Where a price came from, in the reader's language."""
    return str(PRICE_SOURCES.get(code, code))


def firmness(code: str, doc_type: str = "") -> str:
    """How firm a date is, in the reader's language; what our own workshop makes nobody else confirms."""
    if doc_type == "production.order":
        return str(_("made by us"))
    return str(FIRMNESS.get(code, code))
