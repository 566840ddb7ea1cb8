"""`infra/test`: what is left out and what is said at the end."""

import pytest

from infra.checks import templates
from infra.runner import tests as command


def test_without_a_browser_the_browser_tests_are_left_out_and_the_last_line_says_why(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "has_browser", lambda: False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    missing = command.ensure_browser()
    assert command.leave_out(False, bool(missing)) == ["-m", "not e2e"]
    assert command.conclude(0, [], missing) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert said[0].startswith("Not run: the browser tests (tests/")
    assert said[0].endswith(
        "because Chromium is missing and only root may install it: apt-get install chromium fonts-noto-cjk"
    )


def test_root_installs_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    monkeypatch.setattr(command, "has_browser", lambda: bool(installed))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(command.setup, "apt_install", lambda *names: installed.extend(names) or True)
    assert command.ensure_browser() == ""
    assert installed == ["chromium", "fonts-noto-cjk"]


def test_a_failed_check_fails_the_run_even_when_all_tests_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.conclude(0, ["style", "types"], "") == 1
    assert "Checks that failed: style, types" in capsys.readouterr().out
    assert command.conclude(5, [], "") == 5
    assert command.conclude(0, [], "") == 0


def test_what_is_compiled_is_kept_whatever_the_caller_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "")
    command.keep_bytecode()
    environment = command.environment()
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["PYTHONPYCACHEPREFIX"] == str(command.ROOT / ".cache" / "bytecode")


def test_the_fast_run_leaves_out_slow_and_browser_tests() -> None:
    assert command.leave_out(True, False) == ["-m", "not slow and not e2e"]
    assert command.leave_out(False, False) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<script>alert(1)</script>", "inline script"),
        ('<p\n style="color: red">', "style attribute"),
        ('<button onclick="go()">', "inline event handler"),
        ("<style>p {}</style>", "inline style element"),
        ('<a href="javascript:go()">', "javascript: address"),
        ('<script src="/static/a.js"></script>', ""),
        ('<script type="application/json" id="x">{}</script>', ""),
        ("{# <script>no</script> #}<p class='style'>", ""),
        ('<div data-style="x" x-on:click="go">', ""),
    ],
)
def test_what_the_content_security_policy_would_block_is_seen(text: str, fault: str) -> None:
    found = [what for _, what in templates.policy_faults(text)]
    assert found == ([fault] if fault else [])
