"""What the machine needs, installed once into the project's own ``.cache``: Debian packages, CKAN, Solr's jars."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent.parent.parent
CACHE: Final = ROOT / ".cache" / "ckan"
VENV: Final = CACHE / "venv"
JARS: Final = CACHE / "solr"
LOCK: Final = HERE / "requirements.lock"
_POM: Final = HERE / "solr" / "pom.xml"
_COMMANDS: Final = {
    "redis-server": "redis-server",
    "java": "openjdk-17-jdk-headless",
    "javac": "openjdk-17-jdk-headless",
    "mvn": "maven",
}


class CannotBeInstalled(Exception):
    """This machine lacks what the stack needs, and we may not install it."""


def install() -> None:
    """Install what is missing; another run that is at it is waited for.

    Raises:
        CannotBeInstalled: it needs root and apt, or a registry did not answer.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    with _alone(CACHE / "lock"), ThreadPoolExecutor(2) as pool:
        _debian()
        for part in (pool.submit(_python), pool.submit(_solr)):
            part.result()


def run(*command: Any, **more: Any) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        CannotBeInstalled: it failed; the text has its last words.
    """
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode:
        raise CannotBeInstalled(f"{' '.join(words)[:200]} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def postgres_binaries() -> Path | None:
    """Where Debian keeps the newest PostgreSQL's programs."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in found), key=lambda path: int(path.parent.name), default=None)


def _debian() -> None:
    missing = {package for command, package in _COMMANDS.items() if not shutil.which(command)}
    if postgres_binaries() is None:
        missing.add("postgresql")
    if not list(Path("/usr/lib").glob("*/libmagic.so.1")):
        missing.add("libmagic1")
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotBeInstalled(f"needs {', '.join(sorted(missing))}, and only root on Debian can install them here")
    # RUNLEVEL=1 keeps the packages' own services from being started.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    options = ("-qq", "-o=Dpkg::Use-Pty=0", "-o=DPkg::Lock::Timeout=300")
    run("apt-get", *options, "update", env=quiet)
    run("apt-get", *options, "install", "-y", "--no-install-recommends", *sorted(missing), env=quiet)


def _python() -> None:
    """CKAN's own environment, by a lock with hashes; one that was not finished is made anew."""
    note = VENV / "installed.lock"
    wanted = LOCK.read_text(encoding="utf-8") + sys.version
    if note.exists() and note.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    run(sys.executable, "-m", "venv", VENV)
    own = {**os.environ, "PIP_CACHE_DIR": str(ROOT / ".cache" / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    run(VENV / "bin" / "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", LOCK, env=own)
    note.write_text(wanted, encoding="utf-8")


def _solr() -> None:
    """Solr from its jars: no registry has its distribution, and an embedded Jetty with its own filter is enough."""
    note = JARS / "installed.xml"
    wanted = _POM.read_text(encoding="utf-8")
    if note.exists() and note.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(JARS, ignore_errors=True)
    run("mvn", "-q", "-B", f"-Dmaven.repo.local={CACHE / 'm2'}", "-f", _POM, "dependency:copy-dependencies",
        f"-DoutputDirectory={JARS / 'lib'}", "-DincludeScope=runtime")  # fmt: skip
    run("javac", "-cp", f"{JARS / 'lib'}/*", "-d", JARS, HERE / "solr" / "SolrLauncher.java")
    note.write_text(wanted, encoding="utf-8")


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
