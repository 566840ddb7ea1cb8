"""Serves the gallery on a port of its own: `python -m tests.portals.ui.serve 8899`."""

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


def main(port: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.portals.ui.gallery_settings"
    import django

    django.setup()
    from tests.portals.ui import samplerows

    samplerows.fill()
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.wsgi import get_wsgi_application

    with make_server("127.0.0.1", port, StaticFilesHandler(get_wsgi_application()), _Server, _Quiet) as server:
        print(f"gallery on {server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
