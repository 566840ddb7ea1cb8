"""What every line of the log says about where it comes from: request, company, actor. Set by faces, API and jobs."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")
tenant_name: ContextVar[str] = ContextVar("tenant_name", default="-")
actor_name: ContextVar[str] = ContextVar("actor_name", default="-")
