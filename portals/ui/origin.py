"""The page a request came from, as the browser says it: a hint, never to be trusted, and not always an address."""

from urllib.parse import SplitResult, urlsplit

from django.http import HttpRequest


def came_from(request: HttpRequest) -> SplitResult:
    """The page's address, empty when the browser sends none or none that can be read."""
    text = request.headers.get("HX-Current-URL", "") or request.headers.get("Referer", "")
    try:
        return urlsplit(text)
    except ValueError:
        return urlsplit("")
