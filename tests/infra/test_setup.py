"""Installing packages: what is said when it fails, and that nothing is asked twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.runner import setup
from infra.runner.paths import ROOT
from infra.runner.trouble import Trouble


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("ERROR: Could not find a version that satisfies the requirement django==5.2.19", "registry cannot be reached"),
        ("NewConnectionError: Failed to establish a new connection: [Errno -2]", "registry cannot be reached"),
        ("npm error code ENOTFOUND\nnpm error network request failed", "registry cannot be reached"),
        ("error: client error (Connect): dns error: failed to lookup address", "registry cannot be reached"),
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one that was pinned"),
        ("npm error code EINTEGRITY\nnpm error integrity checksum failed", "not the one that was pinned"),
        (
            "npm error code SELF_SIGNED_CERT_IN_CHAIN\nself-signed certificate in chain",
            "is not trusted on this machine",
        ),
        ("gcc: fatal error: no input files", "gcc: fatal error"),
    ],
)
def test_why_an_installer_failed_is_told_in_words(output: str, words: str) -> None:
    assert words in setup.explain("The packages could not be installed", output).message


def test_a_failing_installer_leaves_its_output_in_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "CACHE", tmp_path)
    monkeypatch.setattr(setup, "LOG", tmp_path / "setup.log")
    with pytest.raises(Trouble, match="registry cannot be reached") as caught:
        setup._run([sys.executable, "-c", "print('Connection refused'); raise SystemExit(1)"], "It failed", tmp_path)
    assert str(tmp_path / "setup.log") in caught.value.hint
    assert "Connection refused" in (tmp_path / "setup.log").read_text()


def test_a_stamp_holds_while_the_requirement_file_is_the_same(tmp_path: Path) -> None:
    source, stamp = tmp_path / "requirements.txt", tmp_path / "deep" / "stamp"
    source.write_text("django==5.2")
    assert not setup._is_stamped(stamp, source)
    setup._set_stamp(stamp, source)
    assert setup._is_stamped(stamp, source)
    source.write_text("django==5.3")
    assert not setup._is_stamped(stamp, source)


def test_another_python_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Trouble, match=r"Python 3\.11 is needed; this is Python 3\.13"):
        setup.check_python()


def test_too_little_disk_is_told_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 3_000_000})())
    with pytest.raises(Trouble, match="has 3 MB free"):
        setup._check_disk()


def test_everything_is_pinned_by_hash_and_no_registry_is_named() -> None:
    for path in setup.REQUIREMENTS.values():
        lines = path.read_text().splitlines()
        pins = [line for line in lines if line and not line.startswith((" ", "#"))]
        assert pins
        assert all("==" in line and line.endswith("\\") for line in pins), path
        assert "://" not in path.read_text()
    lock = (ROOT / "portals/ui/package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_the_requirement_files_hold_what_the_project_asks_for() -> None:
    import tomllib

    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    def pinned(kind: str) -> dict[str, str]:
        rows = [line.split()[0] for line in setup.REQUIREMENTS[kind].read_text().splitlines() if "==" in line]
        return {canonicalize_name(name): version for name, version in (row.split("==") for row in rows)}

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = {
        "run": project["project"]["dependencies"] + groups["embedded"],
        "dev": groups["dev"],
        "node": groups["node"],
    }
    for kind, names in asked.items():
        have = pinned(kind)
        for text in names:
            wanted = Requirement(text)
            assert wanted.specifier.contains(have[canonicalize_name(wanted.name)]), f"{text}: run infra/lock"


def test_nothing_before_the_packages_needs_a_package() -> None:
    """The bare Python must be able to import what `infra/up` begins with."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); import infra.runner.commands",
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
