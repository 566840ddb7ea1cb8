"""What a careless or hostile browser may send."""

from collections.abc import Iterator

from django.core.files.uploadedfile import SimpleUploadedFile

NUL = "a\x00b"
LONG = "长" * 6000
TEXTS = ("", NUL, LONG, "<script>alert(1)</script>", "' OR 1=1 --", "\u202e\ufffd\U0001f4a9%_\\", "{{7*7}}")
NUMBERS = ("-1", "1e40", "NaN", "-Infinity", "1e-30", "٣", "²", "9" * 5000, "1e999999", "0x10", "1_0", "999999999999")
DATES = ("0001-01-01", "9999-12-31", "not-a-date", "2026-02-30", "10000-01-01", "9999-12-31T23:59:59Z", "2026-W01")
KEYS = ("not-a-uuid", "00000000-0000-0000-0000-000000000000", "01a20079-d2ea-7000-bbec-7b0de8b483ec")
LISTS = ("-nope", "--", ",,,", "9999-12-31..0001-01-01", "NaN..1e40", "..", "-1..-2", "lines__document__id")
VALUES = (*TEXTS[1:], *NUMBERS, *DATES, *KEYS, *LISTS, "")


def rotation(keys: list[str], rounds: int, *, start: int = 0) -> Iterator[dict[str, str]]:
    """Every key gets a value; over the rounds the pairs change, so that no value hides another for ever."""
    step = max(1, len(VALUES) // max(rounds, 1))
    for turn in range(rounds):
        yield {key: VALUES[(start + turn * step + place * 7) % len(VALUES)] for place, key in enumerate(sorted(keys))}


def uploads() -> Iterator[SimpleUploadedFile]:
    """Files that are not what they say, are empty, too large or badly named."""
    yield SimpleUploadedFile("empty.png", b"", "image/png")
    yield SimpleUploadedFile("run.exe", b"MZ\x90", "application/octet-stream")
    yield SimpleUploadedFile("page.png", b"<html><script>1</script>", "image/png")
    yield SimpleUploadedFile("x" * 400 + ".png", b"\x89PNG\r\n\x1a\n", "image/png")
    yield SimpleUploadedFile("a\x00b.xlsx", b"PK\x03\x04broken", "application/vnd.ms-excel")
    yield SimpleUploadedFile("../../etc/passwd", b"\xff\xfe\x00", "text/csv")
    yield SimpleUploadedFile("large.pdf", b"%PDF-" + b"0" * (11 * 1024 * 1024), "application/pdf")


# Rows of a grid: numbers nobody counts to, digits that are none, fields without a row.
GRID = {
    "lines-²-qty": "1",
    "lines-٣-qty": "1",
    f"lines-{'9' * 5000}-qty": "1",
    "lines-99999999999999999999-qty": "1",
    "lines--1-qty": "1",
    "lines-0": "1",
    "lines-": "1",
    "lines-0-": "1",
    "lines-TOTAL_FORMS": "1000000",
}
