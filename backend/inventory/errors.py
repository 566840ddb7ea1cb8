"""What inventory refuses."""

from backend.kernel.errors import Conflict, ValidationRefused


class CannotIssueStock(Conflict):
    """More is wanted than may leave."""

    code = "stock_short"


class CannotReceiveStock(ValidationRefused):
    """What comes in is not described well enough."""

    code = "receipt_incomplete"


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
