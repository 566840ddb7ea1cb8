"""Errors in the shape the Stripe API answers with."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer other than 2xx. ``commit`` keeps what the request has written (a declined charge leaves a trace)."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        commit: bool = False,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.commit = commit
        error: dict[str, Any] = {"type": type, "message": message}
        if code:
            error["code"] = code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param:
            error["param"] = param
        error.update(extra)
        self.body = {"error": error}


def missing_parameter(param: str) -> ApiError:
    return ApiError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown_parameter(param: str) -> ApiError:
    return ApiError(400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def invalid_parameter(param: str, message: str, code: str | None = None) -> ApiError:
    return ApiError(400, message, code=code, param=param)


def no_such(kind: str, id_: str, *, param: str = "id", status: int = 404) -> ApiError:
    name = kind.rsplit(".", 1)[-1].replace("_", " ")
    return ApiError(status, f"No such {name}: '{id_}'", code="resource_missing", param=param)


def card_declined(decline_code: str, *, payment_intent: dict[str, Any] | None = None, commit: bool = True) -> ApiError:
    extra: dict[str, Any] = {"decline_code": decline_code}
    if payment_intent is not None:
        extra["payment_intent"] = payment_intent
    return ApiError(402, "Your card was declined.", type="card_error", code="card_declined", commit=commit, **extra)
