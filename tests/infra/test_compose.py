"""The production shape: what `docker-compose.yml` and the image files promise, checked without an engine."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.runner.paths import ROOT

COMPOSE = ROOT / "docker-compose.yml"
LONG_RUNNING = {"proxy", "web", "worker", "beat", "postgres", "valkey"}
SECRETS = {
    "SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "POSTGRES_PASSWORD", "TROIKA_DB_PASSWORD",
    "VALKEY_PASSWORD", "EMAIL_URL",
}  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text())


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return compose["services"]


def variables() -> set[str]:
    return set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE.read_text()))


def test_every_part_of_the_product_is_there(services: dict[str, Any]) -> None:
    assert set(services) == LONG_RUNNING | {"prepare"}
    assert services["postgres"]["image"].startswith("postgres:18.")
    assert "valkey" in services["valkey"]["image"]


def test_every_lasting_service_has_a_health_check_and_comes_back(services: dict[str, Any]) -> None:
    for name in LONG_RUNNING:
        check = services[name]["healthcheck"]
        assert check["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert check["interval"]
        assert services[name]["restart"] == "unless-stopped"
    assert services["prepare"]["restart"] == "no"
    assert "/readyz" in services["web"]["healthcheck"]["test"][-1]


def test_nobody_is_root_and_nobody_can_become_it(services: dict[str, Any]) -> None:
    for name, service in services.items():
        user = service["user"].split(":")[0]
        assert user.isdigit(), name
        assert int(user) > 0, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["read_only"] is True, name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert not service.get("privileged"), name


def test_only_the_proxy_can_be_reached_from_outside(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert ("ports" in service) == (name == "proxy"), name
        assert ("outer" in service["networks"]) == (name == "proxy"), name
        assert service.get("network_mode") is None, name


def test_secrets_come_from_the_environment_and_are_asked_for(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if variable in SECRETS:
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), f"{name}: {variable}"
    web = services["web"]["environment"]
    assert "${TROIKA_DB_PASSWORD:?" in web["DATABASE_URL"]
    assert "${VALKEY_PASSWORD:?" in web["REDIS_URL"]


def test_production_has_no_demo_and_no_emulator(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat", "prepare"):
        assert services[name]["environment"]["TROIKA_MODE"] == "production", name
        assert "STRIPE_API_BASE" not in services[name]["environment"], name
    assert "create_demo" not in services["prepare"]["command"]
    assert "emulator" not in COMPOSE.read_text()


def test_the_order_of_the_start(services: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["prepare"]["condition"] == "service_completed_successfully"
    for name in ("prepare", "web", "worker", "beat"):
        for store in ("postgres", "valkey"):
            assert services[name]["depends_on"][store]["condition"] == "service_healthy"
    assert services["proxy"]["depends_on"]["web"]["condition"] == "service_healthy"


def test_everything_that_is_referred_to_exists(compose: dict[str, Any], services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        assert set(service["networks"]) <= set(compose["networks"]), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
            elif not source.startswith("$"):
                assert source in compose["volumes"], source
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).is_file(), name


def test_the_example_names_exactly_the_variables_that_are_read() -> None:
    text = (ROOT / "infra/docker/env.example").read_text()
    named = set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.MULTILINE))
    assert named == variables()
    for line in text.splitlines():
        if "PASSWORD=" in line or "KEY=" in line or "SECRET=" in line:
            assert line.endswith("="), f"a value stands in the example: {line}"


@pytest.mark.parametrize("name", ["Dockerfile", "proxy.Dockerfile"])
def test_images_end_as_an_ordinary_user(name: str) -> None:
    text = (ROOT / "infra/docker" / name).read_text()
    users = re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)
    assert users
    assert int(users[-1]) > 0
    assert ":latest" not in text
    for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for path in source.split():
            assert (ROOT / path).exists(), path


def test_the_image_installs_pinned_packages_and_bakes_no_secret() -> None:
    text = (ROOT / "infra/docker/Dockerfile").read_text()
    assert "--require-hashes" in text
    assert "npm ci" in text
    assert not re.search(r"(SECRET_KEY|PASSWORD|API_KEY)=", text)


def test_what_the_image_copies_is_let_through_by_dockerignore() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for name in ("Dockerfile", "proxy.Dockerfile"):
        text = (ROOT / "infra/docker" / name).read_text()
        for source in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
            for path in source.split():
                assert any(path == entry or path.startswith(entry + "/") for entry in allowed), path


def test_the_proxy_serves_the_domain_and_every_sub_domain() -> None:
    text = (ROOT / "infra/docker/Caddyfile").read_text()
    assert "{$TROIKA_BASE_DOMAIN}, *.{$TROIKA_BASE_DOMAIN} {" in text
    assert "tls {$TROIKA_TLS:/certs/fullchain.pem /certs/privkey.pem}" in text
    assert "reverse_proxy web:8000" in text


@pytest.mark.skipif(not shutil.which("caddy"), reason="caddy is not installed")
def test_the_proxy_reads_its_configuration() -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "TROIKA_BASE_DOMAIN": "example.com",
        "TROIKA_TLS": "internal",
    }
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / "infra/docker/Caddyfile")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _compose_client() -> list[str]:
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            told = subprocess.run([*command, "version"], capture_output=True, check=False)
            if told.returncode == 0:
                return command
    return []


@pytest.mark.skipif(not _compose_client(), reason="no compose client is installed")
def test_the_compose_client_reads_the_file(tmp_path: Path) -> None:
    filled = "\n".join(f"{name}=filled" for name in variables() - {"TROIKA_CERTIFICATES", "TROIKA_TLS"})
    (tmp_path / "env").write_text(filled)
    command = [*_compose_client(), "--env-file", str(tmp_path / "env"), "-f", str(COMPOSE), "config"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)
    url = read["services"]["web"]["environment"]["DATABASE_URL"]
    assert url == "postgresql://troika:filled@postgres:5432/troika"


@pytest.mark.skipif(not _compose_client(), reason="no compose client is installed")
def test_a_missing_secret_stops_the_client(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("TROIKA_BASE_DOMAIN=example.com\n")
    command = [*_compose_client(), "--env-file", str(tmp_path / "env"), "-f", str(COMPOSE), "config"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr + done.stdout or "password" in done.stderr
