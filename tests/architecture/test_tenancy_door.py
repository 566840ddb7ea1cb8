"""The current company has one door: ``backend.kernel.tenancy``."""

import ast
from pathlib import Path

from tests.databases import ROOT

DOOR = "backend/kernel/tenancy.py"
FORBIDDEN_NAMES = {"tenant_context", "schema_context", "set_tenant", "set_schema", "set_schema_to_public"}
FOLDERS = ("backend", "portals", "tenants", "infra", "tests")


def _sources() -> list[Path]:
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "node_modules" not in path.parts)


def _breaches(path: Path, code: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(code)):
        name = getattr(node, "attr", None) or getattr(node, "id", None)
        if isinstance(node, ast.alias):
            name = node.name
        if name in FORBIDDEN_NAMES:
            found.append(f"{path}:{getattr(node, 'lineno', 0)} uses {name}")
        if isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                words = ast.unparse(item.context_expr)
                if words.split(".")[-1] in {"tenant", "company"}:
                    found.append(f"{path}:{node.lineno} enters `with {words}:`")
    return found


def test_nothing_else_switches_the_schema() -> None:
    sources = [path for path in _sources() if str(path.relative_to(ROOT)) != DOOR]
    assert [line for path in sources for line in _breaches(path.relative_to(ROOT), path.read_text())] == []


def test_the_check_sees_what_it_forbids() -> None:
    code = "from django_tenants.utils import schema_context\nwith tenant:\n    connection.set_tenant(tenant)\n"
    assert len(_breaches(Path("sample.py"), code)) == 3
