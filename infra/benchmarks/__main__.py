"""``infra/bench [NAME…] [--json]``: runs benchmarks one after the other and prints their figures."""

import argparse
import importlib
import sys

from infra.benchmarks import environment
from infra.benchmarks.report import Figure, as_json, as_table

BENCHES = {
    "order-to-cash": "order_to_cash",
    "procure-to-pay": "procure_to_pay",
    "concurrency": "concurrency",
    "pages": "pages",
    "tenant": "tenants",
    "exceptions": "exceptions",
    "memory": "memory",
    "receive": "receive",
    "lots": "lots",
    "recall": "recall",
    "revaluation": "revaluation",
}


def main(arguments: list[str]) -> int:
    """Run what was asked for; exit status 1 when a target was missed."""
    parser = argparse.ArgumentParser(prog="infra/bench", description="Measure the product against its floors.")
    parser.add_argument("bench", nargs="*", choices=[*BENCHES, []], help="which (all when none is named)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    figures: list[Figure] = []
    with environment.servers():
        for name in chosen.bench or BENCHES:
            print(f"{name} …", file=sys.stderr, flush=True)
            found = importlib.import_module(f"infra.benchmarks.{BENCHES[name]}").run()
            print(as_table(found), file=sys.stderr, flush=True)
            figures += found
    print(as_json(figures) if chosen.json else as_table(figures))
    return 1 if any(figure.reached is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
