"""Where the vendored browser packages are found: installed by npm beside this file, served under `vendor/…`."""

from pathlib import Path

_MODULES = Path(__file__).resolve().parent / "node_modules"

VENDOR_STATIC_DIRS: list[tuple[str, str]] = [
    ("vendor/tabler", str(_MODULES / "@tabler" / "core" / "dist" / "css")),
    ("vendor/echarts", str(_MODULES / "echarts" / "dist")),
]
