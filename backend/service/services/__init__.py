"""Writes of service."""

from backend.service.services.tickets import (
    TicketData,
    assign_ticket,
    close_ticket,
    confirm_ticket,
    open_ticket,
    reopen_ticket,
    reply_to_ticket,
    solve_ticket,
    wait_on_ticket,
)

__all__ = [
    "TicketData",
    "assign_ticket",
    "close_ticket",
    "confirm_ticket",
    "open_ticket",
    "reopen_ticket",
    "reply_to_ticket",
    "solve_ticket",
    "wait_on_ticket",
]
