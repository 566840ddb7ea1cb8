"""The embedded PostgreSQL and Valkey, really started."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from infra.runner import accounts
from infra.runner.paths import State
from infra.runner.postgres import TEST_SETTINGS, EmbeddedPostgres
from infra.runner.process import wait_for
from infra.runner.trouble import Trouble
from infra.runner.valkey import EmbeddedValkey

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes accounts")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's account can reach (pytest's own lie below one that it cannot)."""
    made = Path(tempfile.mkdtemp(prefix="troika-test-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def small(state: State) -> EmbeddedPostgres:
    state.prepare()
    return EmbeddedPostgres(state, {**TEST_SETTINGS, "shared_buffers": "16MB", "max_connections": "20"})


def test_data_survives_a_restart_and_a_kill(folder: Path) -> None:
    server = small(State(folder / "state"))
    server.start_detached()
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            assert connection.execute("SHOW server_version_num").fetchone()[0].startswith("18")
            assert connection.execute("SHOW server_encoding").fetchone()[0] == "UTF8"
            provider = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
            assert connection.execute(provider).fetchone() == ("b", "C.UTF-8")
            assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = 'troika'").fetchone() == (False,)
            for extension in ("pg_trgm", "btree_gist", "unaccent"):
                connection.execute(f"CREATE EXTENSION {extension}")
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('三驾马车')")
        os.kill(server.running_pid() or 0, signal.SIGINT)
        assert wait_for(lambda: server.running_pid() is None, seconds=20)
        again = small(State(folder / "state"))
        assert again.initialise() is False
        again.start_detached()
        with psycopg.connect(again.url()) as connection:
            assert connection.execute("SELECT word FROM kept").fetchone() == ("三驾马车",)
    finally:
        server.stop()


def test_a_wrong_password_is_refused_and_the_right_one_is_secret(folder: Path) -> None:
    server = small(State(folder / "state"))
    server.start_detached()
    try:
        password = server.state.secret("troika_password")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url().replace(password, "guess"))
        assert password not in " ".join(server.command())
        assert server.data.stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_a_lock_of_a_process_that_is_gone_does_not_stop_the_start(folder: Path) -> None:
    server = small(State(folder / "state"))
    server.initialise()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n0\n5432\n\n127.0.0.1\n")
    server.start_detached()
    server.stop()


def test_data_of_another_major_version_is_told(folder: Path) -> None:
    server = small(State(folder / "state"))
    server.initialise()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(Trouble, match="written by PostgreSQL 17, but the installed programs are version 18"):
        server.initialise()


@as_root
def test_root_drops_to_an_account_that_exists(folder: Path) -> None:
    server = small(State(folder / "state"))
    server.start_detached()
    try:
        owner = Path(f"/proc/{server.running_pid()}").stat().st_uid
        assert owner == server.account.uid != 0
        assert server.home == server.state.folder
    finally:
        server.stop()


@as_root
def test_a_folder_that_the_account_cannot_enter_is_left_alone(folder: Path) -> None:
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    state = State(hidden / "state")
    outside = accounts.outside_folder(state.folder)
    try:
        server = small(state)
        assert server.home == outside
        server.start_detached()
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        server.stop()
        assert hidden.stat().st_mode & 0o777 == 0o700
        assert outside.stat().st_mode & 0o777 == 0o711
    finally:
        shutil.rmtree(outside, ignore_errors=True)


@as_root
def test_programs_that_the_account_cannot_read_are_copied(folder: Path) -> None:
    package = folder / "hidden" / "package"
    (package / "bin").mkdir(parents=True)
    (folder / "hidden").chmod(0o700)
    program = package / "bin" / "postgres"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    account = accounts.account_for(folder / "nothing")
    place = accounts.reachable_copy([package], program, account, folder, "1")
    assert place == folder / "programs-1"
    assert account.can_read(place / "package/bin/postgres")
    assert accounts.reachable_copy([package], program, account, folder, "2") == folder / "programs-2"
    assert not place.exists()


@as_root
def test_a_stranger_s_folder_in_the_shared_place_is_refused(folder: Path) -> None:
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    outside = accounts.outside_folder(hidden)
    outside.symlink_to(folder)
    try:
        with pytest.raises(Trouble, match="does not belong to root"):
            accounts.data_home(hidden)
    finally:
        outside.unlink()


def test_valkey_keeps_what_it_was_told_and_asks_for_its_password(folder: Path) -> None:
    state = State(folder / "state")
    state.prepare()
    server = EmbeddedValkey(state)
    server.start_detached()
    try:
        redis.Redis.from_url(server.url()).set("word", "三驾马车")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(server.url().replace(state.secret("valkey_password"), "guess")).ping()
        assert state.secret("valkey_password") not in " ".join(server.command())
        server.stop()
        server.start_detached()
        assert redis.Redis.from_url(server.url()).get("word").decode() == "三驾马车"
    finally:
        server.stop()
