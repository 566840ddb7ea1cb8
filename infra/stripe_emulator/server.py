"""HTTP: keys, idempotency, dispatch to the API calls, the hosted pages and the control calls.

Every API call and every page is one transaction. An idempotency key gives the first answer again for the same call and
is refused for another one; answers to refused parameters are not kept, as in the real service.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from . import (
    API_VERSION,
    checkout,
    clock,
    control,
    customers,
    events,
    pages,
    portal,
    portal_page,
    previews,
    subscriptions,
)
from .context import Context, expand, new_id, public
from .errors import ApiError
from .forms import Params, decode
from .html import STYLE, Reply
from .routing import find
from .store import Json, Store
from .webhooks import Dispatcher

_LOADED = (
    checkout,
    clock,
    control,
    customers,
    events,
    pages,
    portal,
    portal_page,
    previews,
    subscriptions,
)  # they add routes
_LOG = logging.getLogger("stripe_emulator")
_MAX_BODY = 1_000_000
TICK_SECONDS = 15.0


class Emulator:
    """The running emulator: its state, its webhook workers, its clock thread."""

    def __init__(
        self,
        state_dir: Path,
        *,
        endpoints: list[str],
        secret: str,
        public_url: str | None = None,
        retry_base: float = 1.0,
    ) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self.store = Store(state_dir / "stripe.sqlite3")
        self.dispatcher = Dispatcher(self.store, endpoints, secret, retry_base=retry_base)
        self.public_url = public_url
        self.own_url = ""  # set once the server is bound; for work that no request has caused
        self._stopped = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def start(self) -> None:
        self.dispatcher.start()
        self._ticker.start()

    def stop(self) -> None:
        self._stopped.set()
        self.dispatcher.stop()
        self.store.close()

    def _tick(self) -> None:
        while not self._stopped.wait(TICK_SECONDS):
            ctx = self.context(base_url=self.own_url)
            try:
                with self.store.transaction():
                    clock.tick(ctx)
            except Exception:
                _LOG.exception("the clock could not catch up")
            self.dispatcher.wake()

    def context(
        self,
        *,
        base_url: str,
        params: Json | None = None,
        language: str = "en",
        idempotency_key: str | None = None,
        request_id: str | None = None,
    ) -> Context:
        return Context(
            store=self.store,
            base_url=self.public_url or base_url,
            params=Params(params or {}),
            endpoints=self.dispatcher.endpoints,
            language=language,
            idempotency_key=idempotency_key,
            request_id=request_id,
        )

    def call_api(self, ctx: Context, method: str, path: str, key: str, raw: str) -> tuple[int, str, bool]:
        """Answer an API call: status, body, and whether it is a replay."""
        if not path.startswith("/v1/"):
            raise _unknown_url(method, path)
        remember = f"{key}:{ctx.idempotency_key}" if method == "POST" and ctx.idempotency_key else None
        fingerprint = hashlib.sha256(f"{method} {path}\n{raw}".encode()).hexdigest()
        with self.store.transaction():
            if remember and (known := self.store.replay(remember)):
                if known["fingerprint"] != fingerprint:
                    raise ApiError(
                        400,
                        "Keys for idempotent requests can only be used with the same parameters they "
                        "were first used with. Try using a key other than "
                        f"'{ctx.idempotency_key}' if you meant to execute a different request.",
                        type="idempotency_error",
                    )
                return known["status"], known["body"], True
            status, body = self._execute(ctx, method, path)
            text = json.dumps(body, ensure_ascii=False)
            if remember:
                self.store.remember(remember, fingerprint, status, text)
        return status, text, False

    def _execute(self, ctx: Context, method: str, path: str) -> tuple[int, Json]:
        found = find(method, path)
        if found is None:
            raise _unknown_url(method, path)
        handler, arguments = found
        paths = ctx.params.texts("expand")
        try:
            return 200, public(expand(ctx, handler(ctx, **arguments), paths))
        except ApiError as error:
            if not error.commit:
                raise
            return error.status, error.body

    def call_page(self, ctx: Context, method: str, path: str) -> Reply:
        if path == "/_emulator/style.css":
            return Reply(200, STYLE, "text/css; charset=utf-8", {"Cache-Control": "max-age=3600"})
        found = find(method, path)
        if found is None or path.startswith("/v1/"):
            raise _unknown_url(method, path)
        handler, arguments = found
        if "dispatcher" in inspect.signature(handler).parameters:
            result: Any = handler(ctx, dispatcher=self.dispatcher, **arguments)
        else:
            with self.store.transaction():
                result = handler(ctx, **arguments)
        if isinstance(result, Reply):
            return result
        return Reply(200, json.dumps(result, ensure_ascii=False, indent=2), "application/json", {})


def _unknown_url(method: str, path: str) -> ApiError:
    return ApiError(404, f"Unrecognized request URL ({method}: {path}).")


def key_of(header: str) -> str:
    """The secret key of an Authorization header (Bearer, or Basic with the key as the name)."""
    scheme, _, value = header.partition(" ")
    key = value.strip()
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key).decode().partition(":")[0]
        except ValueError:
            key = ""
    if not key:
        raise ApiError(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization "
            "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    if not key.startswith(("sk_test_", "rk_test_")):
        raise ApiError(401, f"Invalid API Key provided: {key[:8]}***")
    return key


def _as_form(value: Any) -> Any:
    """Bring a JSON body of a control call into the shape forms have."""
    if isinstance(value, dict):
        return {key: _as_form(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_form(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    emulator: Emulator

    def do_GET(self) -> None:
        self._answer("GET")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        split = urlsplit(self.path)
        path, request_id = unquote(split.path), new_id("req", 14)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(min(length, _MAX_BODY)).decode() if length else split.query
        host = self.headers.get("Host") or "127.0.0.1"
        try:
            ctx = self.emulator.context(
                base_url=f"http://{host}",
                params=self._params(raw),
                request_id=request_id,
                language="zh" if self.headers.get("Accept-Language", "").lower().startswith("zh") else "en",
                idempotency_key=self.headers.get("Idempotency-Key") if path.startswith("/v1/") else None,
            )
            if path == "/favicon.ico":
                self._send(204, "", "image/x-icon", {})
            elif path.startswith(("/_emulator/", "/c/", "/p/", "/i/")):
                ctx.request_id = None
                reply = self.emulator.call_page(ctx, method, path)
                self._send(reply.status, reply.body, reply.content_type, reply.headers)
            else:
                key = key_of(self.headers.get("Authorization", ""))
                status, body, replayed = self.emulator.call_api(ctx, method, path, key, raw)
                headers = {"Idempotent-Replayed": "true"} if replayed else {}
                self._send(status, body, "application/json", {**self._api_headers(request_id), **headers})
        except ApiError as error:
            self._send(error.status, json.dumps(error.body), "application/json", self._api_headers(request_id))
        except Exception:
            _LOG.exception("%s %s failed", method, path)
            failure = {"error": {"type": "api_error", "message": "The emulator failed; its log says why."}}
            self._send(500, json.dumps(failure), "application/json", self._api_headers(request_id))
        self.emulator.dispatcher.wake()

    def _params(self, raw: str) -> Json:
        if not self.headers.get("Content-Type", "").startswith("application/json"):
            return decode(raw)
        try:
            value = json.loads(raw or "{}")
        except ValueError:
            raise ApiError(400, "The body is not valid JSON.") from None
        return dict(_as_form(value)) if isinstance(value, dict) else {}

    def _api_headers(self, request_id: str) -> dict[str, str]:
        headers = {"Request-Id": request_id, "Stripe-Version": self.headers.get("Stripe-Version") or API_VERSION}
        if self.headers.get("Idempotency-Key"):
            headers["Idempotency-Key"] = self.headers["Idempotency-Key"]
        return headers

    def _send(self, status: int, body: str, content_type: str, headers: dict[str, str]) -> None:
        payload = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(payload)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        _LOG.debug(format, *args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def serve(emulator: Emulator, host: str, port: int) -> ThreadingHTTPServer:
    """Bind the server (port 0 picks a free one); the caller runs ``serve_forever``."""
    handler = type("BoundHandler", (Handler,), {"emulator": emulator})
    server = _Server((host, port), handler)
    emulator.own_url = f"http://{host}:{server.server_address[1]}"
    return server
