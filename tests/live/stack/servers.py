"""The four servers: how each is set up in a state folder, started, and asked whether it is there."""

import os
import secrets
import shutil
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from tests.live.stack.machine import HERE, JARS, VENV, postgres_binaries, run
from tests.live.stack.processes import Process

Ports = dict[str, int]
PLUGINS: Final = "datastore text_view image_view datatables_view activity"
ORDERLY: Final = {"postgres": signal.SIGINT}  # PostgreSQL's fast shutdown; the others take SIGTERM

_LOGGING: Final = """
[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = WARNING
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic
[formatter_generic]
format = %(asctime)s %(levelname)-5.5s [%(name)s] %(message)s
"""


def start_postgres(state: Path, ports: Ports) -> None:
    """PostgreSQL with CKAN's two databases. It refuses root, so it then runs as Debian's user ``postgres``."""
    binaries, data = postgres_binaries(), state / "postgres"
    assert binaries is not None
    is_root = os.geteuid() == 0
    as_user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if is_root else {}
    if not data.exists():
        _make_cluster(binaries, data, as_user)
    process = Process(state, "postgres")
    process.start(
        binaries / "postgres", "-D", data, "-p", ports["postgres"], "-c", "listen_addresses=127.0.0.1",
        "-c", "unix_socket_directories=", "-c", "max_connections=100",
        # The DataStore's rows are stemmed by the database's language, its queries by CKAN's: both must be Norwegian.
        "-c", "default_text_search_config=pg_catalog.norwegian",
        cwd="/", **as_user,
    )  # fmt: skip
    admin = psql(ports)
    ask = [*admin, "-tAc", "select 1"]
    process.wait(lambda: subprocess.run(ask, capture_output=True, check=False).returncode == 0)
    if not (state / "databases").exists():
        _make_databases(admin)
        (state / "databases").touch()


def _make_cluster(binaries: Path, data: Path, as_user: dict[str, Any]) -> None:
    """Make it beside, and whole, before it has its name: ``initdb`` writes PG_VERSION first and may be killed later."""
    beside = data.with_suffix(".new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(mode=0o700)
    if as_user:
        shutil.chown(beside, as_user["user"], as_user["group"])
    run(binaries / "initdb", "-D", beside, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
        "--no-sync", cwd="/", **as_user)  # fmt: skip
    beside.rename(data)


def _make_databases(admin: list[str]) -> None:
    """Make both databases and their roles, also where another try was ended half-way: nothing is in them yet."""
    for name in ("ckan", "datastore"):
        run(*admin, "-c", f"DROP DATABASE IF EXISTS {name}")
    for name in ("ckan", "datastore_ro"):
        run(*admin, "-c", f"DROP ROLE IF EXISTS {name}", "-c", f"CREATE ROLE {name} LOGIN PASSWORD 'ckan'")
    for name in ("ckan", "datastore"):
        run(*admin, "-c", f"CREATE DATABASE {name} OWNER ckan")


def psql(ports: Ports) -> list[str]:
    """The command that speaks to PostgreSQL as its administrator."""
    where = ("-h", "127.0.0.1", "-p", str(ports["postgres"]), "-U", "postgres")
    return ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *where]


def start_redis(state: Path, ports: Ports) -> None:
    process = Process(state, "redis")
    process.start("redis-server", "--bind", "127.0.0.1", "--port", ports["redis"], "--save", "", "--dir", state)
    ping = ["redis-cli", "-h", "127.0.0.1", "-p", str(ports["redis"]), "ping"]
    process.wait(lambda: subprocess.run(ping, capture_output=True, check=False).stdout.strip() == b"PONG")


def start_solr(state: Path, ports: Ports) -> None:
    home = state / "solr"
    core = home / "ckan" / "conf"
    if not (home / "solr.xml").exists():
        core.mkdir(parents=True, exist_ok=True)
        shutil.copy(next(VENV.glob("lib/python3*/site-packages/ckan/config/solr/schema.xml")), core)
        shutil.copy(HERE / "solr" / "solrconfig.xml", core)
        for name in ("synonyms.txt", "protwords.txt"):
            (core / name).touch()
        (home / "ckan" / "core.properties").write_text("name=ckan\n")
        (home / "solr.xml").write_text("<solr/>\n")
    process = Process(state, "solr")
    process.start(
        "java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", f"-Dsolr.solr.home={home}",
        f"-Dsolr.log.dir={state}", "-Dlog4j2.level=WARN", "-cp", f"{JARS}:{JARS / 'lib'}/*", "SolrLauncher",
        ports["solr"],
    )  # fmt: skip
    process.wait(lambda: _answers(f"http://127.0.0.1:{ports['solr']}/solr/ckan/admin/ping"))


def write_ini(state: Path, ports: Ports) -> None:
    """CKAN's settings, once for each state folder: its key and ports stay as they are."""
    ini = state / "ckan.ini"
    if ini.exists():
        return
    (state / "storage").mkdir(exist_ok=True)
    base = f"postgresql://ckan:ckan@127.0.0.1:{ports['postgres']}"
    settings = {
        "use": "egg:ckan",
        "debug": "false",
        "SECRET_KEY": secrets.token_urlsafe(32),
        "ckan.site_id": "loopback",
        "ckan.site_url": f"http://127.0.0.1:{ports['ckan']}",
        "ckan.locale_default": "en",
        "sqlalchemy.url": f"{base}/ckan",
        "ckan.datastore.write_url": f"{base}/datastore",
        "ckan.datastore.read_url": f"{base.replace('ckan:', 'datastore_ro:', 1)}/datastore",
        "ckan.datastore.sqlsearch.enabled": "true",
        "ckan.datastore.default_fts_lang": "norwegian",
        "solr_url": f"http://127.0.0.1:{ports['solr']}/solr/ckan",
        "ckan.redis.url": f"redis://127.0.0.1:{ports['redis']}/0",
        "ckan.plugins": PLUGINS,
        "ckan.storage_path": state / "storage",
        "ckan.max_resource_size": 200,
        "ckan.auth.create_user_via_web": "false",
        "ckan.auth.create_user_via_api": "false",
        "ckan.auth.create_unowned_dataset": "false",
        "ckan.auth.anon_create_dataset": "false",
        "ckan.auth.user_create_groups": "false",
        "ckan.auth.user_create_organizations": "false",
    }
    lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
    ini.write_text(f"[app:main]\n{lines}{_LOGGING}", encoding="utf-8")


def seed(state: Path, ports: Ports) -> None:
    """Tables, DataStore permissions, users, tokens and an organisation, in one start of CKAN."""
    if not (state / "who.json").exists():
        beside = state / "who.new"
        run(VENV / "bin" / "python", HERE / "seed.py", state / "ckan.ini", ports["postgres"], beside, cwd=state)
        beside.rename(state / "who.json")


def start_ckan(state: Path, ports: Ports) -> None:
    process = Process(state, "ckan")
    process.start(
        VENV / "bin" / "gunicorn", "--chdir", HERE, "--bind", f"127.0.0.1:{ports['ckan']}", "--workers", 2,
        "--threads", 4, "--timeout", 300, "--graceful-timeout", 5, "--no-control-socket", "wsgi:application",
        env={**os.environ, "CKAN_INI": str(state / "ckan.ini"), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    process.wait(lambda: _answers(f"http://127.0.0.1:{ports['ckan']}/api/3/action/status_show"))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:
            return reply.status == 200
    except (OSError, urllib.error.URLError):
        return False
