"""Run the emulator: ``python -m infra.stripe_emulator --port 12111 --state-dir DIR --webhook-url URL``.

Every option can come from the environment: STRIPE_EMULATOR_PORT, STRIPE_EMULATOR_STATE_DIR,
STRIPE_EMULATOR_WEBHOOK_URL (several, separated by commas), STRIPE_EMULATOR_WEBHOOK_SECRET,
STRIPE_EMULATOR_PUBLIC_URL. The address is printed as one line once the server listens.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import threading
from pathlib import Path

from .server import Emulator, serve

DEFAULT_SECRET = "whsec_emulator"


def _parser() -> argparse.ArgumentParser:
    env = os.environ.get
    parser = argparse.ArgumentParser(prog="python -m infra.stripe_emulator", description="A stateful Stripe emulator.")
    parser.add_argument("--host", default=env("STRIPE_EMULATOR_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(env("STRIPE_EMULATOR_PORT", "12111")))
    parser.add_argument("--state-dir", type=Path, default=Path(env("STRIPE_EMULATOR_STATE_DIR", ".state/stripe")))
    parser.add_argument("--webhook-url", action="append", help="may be given several times")
    parser.add_argument("--webhook-secret", default=env("STRIPE_EMULATOR_WEBHOOK_SECRET", DEFAULT_SECRET))
    parser.add_argument(
        "--public-url",
        default=env("STRIPE_EMULATOR_PUBLIC_URL"),
        help="address browsers reach the hosted pages at, if not the one the API is called at",
    )
    parser.add_argument("--retry-base", type=float, default=1.0, help="seconds before the first webhook retry")
    parser.add_argument("--verbose", action="store_true")
    return parser


def main() -> None:
    options = _parser().parse_args()
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.INFO, format="%(levelname)s %(message)s")
    endpoints = options.webhook_url or [
        url.strip() for url in os.environ.get("STRIPE_EMULATOR_WEBHOOK_URL", "").split(",") if url.strip()
    ]
    emulator = Emulator(
        options.state_dir,
        endpoints=endpoints,
        secret=options.webhook_secret,
        public_url=(options.public_url or "").rstrip("/") or None,
        retry_base=options.retry_base,
    )
    server = serve(emulator, options.host, options.port)
    emulator.start()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    print(f"stripe emulator listening on http://{options.host}:{server.server_address[1]}", flush=True)
    try:
        server.serve_forever(poll_interval=0.2)
    finally:
        server.server_close()
        emulator.stop()


if __name__ == "__main__":
    main()
