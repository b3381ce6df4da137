"""What the machine needs, installed once into the project's own ``.cache``: Debian packages, CKAN, Solr's jars."""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent.parent
CACHE: Final = ROOT / ".cache" / "ckan"
VENV: Final = CACHE / "venv"
JARS: Final = CACHE / "solr"
LOCK: Final = HERE / "requirements.lock"
_POM: Final = HERE / "solr" / "pom.xml"
_LAUNCHER: Final = HERE / "solr" / "SolrLauncher.java"
_COMMANDS: Final = {
    "redis-server": "redis-server",
    "java": "openjdk-17-jdk-headless",
    "javac": "openjdk-17-jdk-headless",
    "mvn": "maven",
}
_BUILDERS: Final = ("packaging", "setuptools", "setuptools-scm", "vcs-versioning")
_BUILD_COMMANDS: Final = {"gcc": "gcc", "pg_config": "libpq-dev"}


class CannotBeInstalled(Exception):
    """This machine lacks what the stack needs, and we may not install it."""


class CommandFailed(Exception):
    """A command ended badly; the text has its last words. Of a stack that is installed, this is a fault and no lack."""


def install() -> None:
    """Install what is missing; another run that is at it is waited for.

    Raises:
        CannotBeInstalled: it needs root and apt, or a registry did not answer.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with _alone(CACHE / "lock"), ThreadPoolExecutor(2) as pool:
        try:
            _debian()
            for part in (pool.submit(_python), pool.submit(_solr)):
                part.result()
        except CommandFailed as error:
            raise CannotBeInstalled(str(error)) from error


def run(*command: Any, **more: Any) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        CommandFailed: it ended with anything but 0.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode:
        raise CommandFailed(f"{' '.join(words)[:200]} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def postgres_binaries() -> Path | None:
    """Where Debian keeps the newest PostgreSQL's programs."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in found), key=lambda path: int(path.parent.name), default=None)


def _debian() -> None:
    commands = _COMMANDS if _python_is_there() else _COMMANDS | _BUILD_COMMANDS
    missing = {package for command, package in commands.items() if not shutil.which(command)}
    if postgres_binaries() is None:
        missing.add("postgresql")
    if not list(Path("/usr/lib").glob("*/libmagic.so.1")):
        missing.add("libmagic1")
    if not _python_is_there():
        missing |= _headers()
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotBeInstalled(f"needs {', '.join(sorted(missing))}, and only root on Debian can install them here")
    # RUNLEVEL=1 keeps the packages' own services from being started.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    options = ("-qq", "-o=Dpkg::Use-Pty=0", "-o=DPkg::Lock::Timeout=300")
    run("apt-get", *options, "update", env=quiet)
    run("apt-get", *options, "install", "-y", "--no-install-recommends", *sorted(missing), env=quiet)


def _headers() -> set[str]:
    """Return what is needed beside a compiler: psycopg2 has no wheel for Linux, and is built here."""
    needed = {
        Path("/usr/include/stdlib.h"): "libc6-dev",
        Path(sysconfig.get_path("include")) / "Python.h": "python3-dev",
    }
    return {package for header, package in needed.items() if not header.exists()}


def _python_is_there() -> bool:
    return _noted(VENV / "installed.lock", _wanted_python())


def _wanted_python() -> str:
    return LOCK.read_text(encoding="utf-8") + sys.version


def _python() -> None:
    """CKAN's own environment, by a lock with hashes; one that was not finished is made anew.

    What builds goes first: packages without a wheel are built with what the lock names, not with what is newest.
    """
    if _python_is_there():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    run(sys.executable, "-m", "venv", VENV)
    own = {**os.environ, "PIP_CACHE_DIR": str(ROOT / ".cache" / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    install = (VENV / "bin" / "pip", "install", "-q", "--no-deps", "--require-hashes")
    first, lock = VENV / "builders.lock", LOCK.read_text(encoding="utf-8")
    first.write_text("".join(_entry(package, lock) for package in _BUILDERS), encoding="utf-8")
    run(*install, "-r", first, env=own)
    run(*install, "--no-build-isolation", "--use-pep517", "-r", LOCK, env=own)
    (VENV / "installed.lock").write_text(_wanted_python(), encoding="utf-8")


def _entry(package: str, lock: str) -> str:
    """Return one package's lines of a lock: its pin, then its hashes, indented."""
    lines = lock.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    hashes = takewhile(lambda line: line.startswith(" "), lines[start + 1 :])
    return "".join((lines[start], *hashes))


def _solr() -> None:
    """Solr from its jars: no registry has its distribution, and an embedded Jetty with its own filter is enough."""
    note = JARS / "installed.txt"
    wanted = _POM.read_text(encoding="utf-8") + _LAUNCHER.read_text(encoding="utf-8")
    if _noted(note, wanted):
        return
    shutil.rmtree(JARS, ignore_errors=True)
    run("mvn", "-q", "-B", f"-Dmaven.repo.local={CACHE / 'm2'}", "-f", _POM, "dependency:copy-dependencies",
        f"-DoutputDirectory={JARS / 'lib'}", "-DincludeScope=runtime")  # fmt: skip
    run("javac", "-cp", f"{JARS / 'lib'}/*", "-d", JARS, _LAUNCHER)
    note.write_text(wanted, encoding="utf-8")


def _noted(note: Path, wanted: str) -> bool:
    """Say whether a part was finished, and is the one that is wanted now: its note is written last."""
    return note.exists() and note.read_text(encoding="utf-8") == wanted


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
