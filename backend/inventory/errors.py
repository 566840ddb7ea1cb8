"""What inventory refuses."""

from backend.kernel.errors import Conflict, ValidationRefused


class CannotIssueStock(Conflict):
    """More is wanted than may leave."""

    code = "stock_short"


class CannotReceiveStock(ValidationRefused):
    """What comes in is not described well enough."""

    code = "receipt_incomplete"


class CannotMoveSerials(Conflict):
    """The pieces that move are not named, or are not where they would have to be."""

    code = "serials_do_not_fit"


class CannotReverseMoves(Conflict):
    """What came in has partly left again, so it cannot be taken back at its value."""

    code = "stock_has_moved"


class CannotSaveOpeningStock(ValidationRefused):
    code = "opening_stock_invalid"


class CannotUnapproveOpeningStock(Conflict):
    code = "opening_stock_in_use"


class CannotChangeLot(Conflict):
    code = "lot_state"


class CannotSaveWarehouse(ValidationRefused):
    code = "warehouse_invalid"


class CannotBackdateStock(Conflict):
    """The month is closed for stock."""

    code = "stock_month_closed"


class CannotChangeCostMethod(Conflict):
    """There is stock that is valued by the method that stands."""

    code = "cost_method_in_use"


class CountedMeanwhile(Conflict):
    """Somebody else counted the line since it was looked at."""

    code = "counted_meanwhile"


class CannotSaveStockDocument(ValidationRefused):
    """A line or the head of a stock document cannot be right."""

    code = "stock_document_invalid"


class CannotReceiveTransfer(Conflict):
    """More is to arrive than is still under way."""

    code = "transfer_not_under_way"


class CannotUnapproveTransfer(Conflict):
    """Goods of the transfer have arrived."""

    code = "transfer_received"


class CannotSaveCostAdjustment(ValidationRefused):
    code = "cost_adjustment_invalid"


class CannotRunCosting(Conflict):
    """The month cannot be costed (any more)."""

    code = "cannot_run_costing"


class CannotCount(Conflict):
    """The count is not in a state, or not in hands, in which this is possible."""

    code = "count_not_possible"
