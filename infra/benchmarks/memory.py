"""What a process of the web server holds in memory after a thousand pages."""

from itertools import cycle, islice

from infra.benchmarks import environment, pages, web
from infra.benchmarks.report import Figure

REQUESTS, CLIENTS = 1000, 4
MOST_MEBIBYTES = 250


def run() -> list[Figure]:
    """One worker answers all of them, so that all of it gathers in one process."""
    from backend.kernel.tenancy import run_in

    environment.new_database()
    web.collect_static()
    with run_in(environment.company()):
        asked = [(page.who, page.path) for page in pages.prepare(orders_in_all=1000)]
    with web.server(workers=1) as server:
        web.visit(server.port, asked, clients=1)
        early = server.memory()
        web.visit(server.port, list(islice(cycle(asked), REQUESTS)), clients=CLIENTS)
        late = server.memory()
    return [
        Figure("memory", "web process after each page once", early, "MiB"),
        Figure(
            "memory", f"web process after {REQUESTS} pages", late, "MiB",
            f"≤ {MOST_MEBIBYTES}", late <= MOST_MEBIBYTES,
        ),
    ]  # fmt: skip
