from backend.service.models.ticket import Ticket, TicketState

__all__ = ["Ticket", "TicketState"]
