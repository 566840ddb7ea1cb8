"""The emulator as a process of its own, the official SDK as its client, and an endpoint that takes its webhooks."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe

ROOT = Path(__file__).resolve().parents[3]
SECRET = "whsec_test_emulator"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


FORM = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)


class Sink:
    """A webhook endpoint that verifies every delivery and can be told to refuse the next ones."""

    def __init__(self) -> None:
        self.events: list[stripe.Event] = []
        self.signatures: list[str] = []
        self.refuse = 0
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = self.rfile.read(int(self.headers["Content-Length"]))
                refused = sink.refuse > 0
                if refused:
                    sink.refuse -= 1
                else:
                    header = self.headers["Stripe-Signature"]
                    sink.events.append(stripe.Webhook.construct_event(payload, header, SECRET))
                    sink.signatures.append(header)
                self.send_response(500 if refused else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    def last(self, type_: str) -> dict[str, Any]:
        found = [event for event in self.events if event.type == type_]
        assert found, f"no {type_} among {self.types}"
        return found[-1].data.object.to_dict()


class Process:
    """One running emulator process; ``restart`` keeps its state."""

    def __init__(self, state_dir: Path, sink: Sink) -> None:
        self.state_dir, self.sink = state_dir, sink
        self.start()

    def start(self) -> None:
        self.popen = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "infra.stripe_emulator",
                "--port",
                "0",
                "--state-dir",
                str(self.state_dir),
                "--webhook-url",
                self.sink.url,
                "--webhook-secret",
                SECRET,
                "--retry-base",
                "0.05",
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.popen.stdout
        self.url = self.popen.stdout.readline().rsplit(" ", 1)[-1].strip()
        assert self.url.startswith("http://")

    def stop(self) -> None:
        self.popen.terminate()
        self.popen.wait(timeout=5)

    def restart(self) -> None:
        self.stop()
        self.start()

    def client(self, key: str = "sk_test_123") -> stripe.StripeClient:
        return stripe.StripeClient(key, base_addresses={"api": self.url}, max_network_retries=0)

    def control(self, path: str, **data: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/_emulator/{path}", json.dumps(data).encode(), {"Content-Type": "application/json"}
        )
        with DIRECT.open(request, timeout=10) as answer:
            return json.load(answer)

    def drain(self) -> None:
        assert self.control("webhooks/drain", timeout=5)["drained"]


@pytest.fixture(scope="module")
def sink_server() -> Iterator[Sink]:
    sink = Sink()
    yield sink
    sink.server.shutdown()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, sink_server: Sink) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("stripe"), sink_server)
    yield process
    process.stop()


@pytest.fixture
def emulator(process: Process) -> Process:
    process.drain()
    process.control("reset")
    process.sink.refuse = 0
    process.sink.events.clear()
    process.sink.signatures.clear()
    return process


@pytest.fixture
def sink(emulator: Process) -> Sink:
    return emulator.sink


@pytest.fixture
def client(emulator: Process) -> stripe.StripeClient:
    return emulator.client()


@pytest.fixture
def price(client: stripe.StripeClient) -> Callable[..., stripe.Price]:
    def make(key: str = "standard_monthly", amount: int = 29_900, interval: str | None = "month") -> stripe.Price:
        params: dict[str, Any] = {
            "currency": "cny",
            "unit_amount": amount,
            "lookup_key": key,
            "product_data": {"name": key},
        }
        if interval:
            params["recurring"] = {"interval": interval}
        return client.v1.prices.create(params)  # type: ignore[arg-type]

    return make


@pytest.fixture
def submit() -> Callable[..., tuple[int, str, str]]:
    """Post a hosted form: status, Location, body."""

    def post(url: str, **fields: str) -> tuple[int, str, str]:
        try:
            answer = FORM.open(url, urllib.parse.urlencode(fields).encode(), timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()

    return post


def fetch(url: str, **headers: str) -> str:
    with DIRECT.open(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return answer.read().decode()


def eventually(check: Callable[[], bool], seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)
