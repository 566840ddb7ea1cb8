"""What availability refuses."""

from backend.kernel.errors import Conflict, ValidationRefused


class CannotRegisterDemand(Conflict):
    code = "demand_registered"


class CannotChangeDemand(Conflict):
    code = "demand_shipped"


class CannotConsumeDemand(Conflict):
    """More is to be shipped than was set aside for the line."""

    code = "not_reserved"


class CannotRestoreDemand(Conflict):
    code = "demand_not_shipped"


class CannotReleaseStock(Conflict):
    """Stock is to be taken away that orders have reserved, or that is not there."""

    code = "stock_reserved"


class CannotReceiveSupply(Conflict):
    code = "supply_unknown"


class CannotDecideSuggestion(Conflict):
    code = "suggestion_decided"


class CannotAnswer(ValidationRefused):
    code = "answer_incomplete"
