"""Decoding of form bodies with nested keys (``items[0][price]=…``) and typed, checked access to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from .errors import invalid_parameter, missing_parameter, unknown_parameter

_TRUE, _FALSE = {"true", "1"}, {"false", "0"}


def decode(encoded: str) -> dict[str, Any]:
    """Turn an urlencoded body or query string into nested dicts and lists."""
    root: dict[str, Any] = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        head, _, tail = key.partition("[")
        parts = [head, *(part.rstrip("]") for part in tail.split("["))] if tail else [head]
        _insert(root, parts, value)
    return {key: _as_lists(value, key) for key, value in root.items()}


def _insert(node: dict[str, Any], parts: list[str], value: str) -> None:
    for part in parts[:-1]:
        child = node.get(part)
        if not isinstance(child, dict):
            child = node[part] = {}
        node = child
    last = parts[-1]
    node[last if last else str(len(node))] = value


def _as_lists(node: Any, key: str) -> Any:
    if not isinstance(node, dict) or key == "metadata":
        return node
    if node and all(name.isdigit() for name in node):
        return [_as_lists(node[name], "") for name in sorted(node, key=int)]
    return {name: _as_lists(value, name) for name, value in node.items()}


class Params:
    """The parameters of one request (or of one nested hash), read by name and type."""

    def __init__(self, data: dict[str, Any], path: str = "") -> None:
        self.data = data
        self._path = path

    def name(self, key: str) -> str:
        return f"{self._path}[{key}]" if self._path else key

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def only(self, names: Iterable[str]) -> None:
        """Refuse every parameter the emulator does not know, as the API refuses what it does not know."""
        allowed = {*names, "expand"}
        for key in self.data:
            if key not in allowed:
                raise unknown_parameter(self.name(key))

    def require(self, *names: str) -> None:
        for key in names:
            if self.data.get(key) in (None, ""):
                raise missing_parameter(self.name(key))

    def text(self, key: str, default: str | None = None) -> str | None:
        value = self.data.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            raise invalid_parameter(self.name(key), f"Invalid string: {value!r}")
        return value or None

    def choice(self, key: str, options: Iterable[str], default: str | None = None) -> str | None:
        value = self.text(key, default)
        names = tuple(options)
        if value is not None and value not in names:
            raise invalid_parameter(self.name(key), f"Invalid {self.name(key)}: must be one of {', '.join(names)}")
        return value

    def integer(self, key: str, default: int | None = None) -> int | None:
        value = self.text(key)
        if value is None:
            return default
        try:
            return int(value)
        except ValueError:
            raise invalid_parameter(self.name(key), f"Invalid integer: {value}", "parameter_invalid_integer") from None

    def boolean(self, key: str, default: bool | None = None) -> bool | None:
        value = self.text(key)
        if value is None:
            return default
        if value.lower() not in _TRUE | _FALSE:
            raise invalid_parameter(self.name(key), f"Invalid boolean: {value}")
        return value.lower() in _TRUE

    def child(self, key: str) -> Params:
        value = self.data.get(key)
        if value in (None, ""):
            value = {}
        if not isinstance(value, dict):
            raise invalid_parameter(self.name(key), "Invalid object")
        return Params(value, self.name(key))

    def children(self, key: str) -> list[Params]:
        value = self.data.get(key)
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise invalid_parameter(self.name(key), "Invalid array")
        return [Params(item, f"{self.name(key)}[{index}]") for index, item in enumerate(value)]

    def texts(self, key: str) -> list[str]:
        value = self.data.get(key)
        if value in (None, ""):
            return []
        return [str(item) for item in (value if isinstance(value, list) else [value])]

    def metadata(self, current: dict[str, str] | None = None) -> dict[str, str]:
        """Merge sent keys into the current ones; an empty value removes a key, an empty hash removes all."""
        if "metadata" not in self.data:
            return dict(current or {})
        sent = self.data["metadata"]
        if sent == "":
            return {}
        if not isinstance(sent, dict):
            raise invalid_parameter(self.name("metadata"), "Invalid object")
        merged = {**(current or {}), **{key: str(value) for key, value in sent.items()}}
        return {key: value for key, value in merged.items() if value != ""}
