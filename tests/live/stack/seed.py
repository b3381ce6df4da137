"""seed.py INI PG_PORT OUT, run by CKAN's own Python: tables, permissions, users, an organisation; one start of CKAN."""

import json
import subprocess
import sys
import time
from pathlib import Path

from ckan import model
from ckan.cli import CKANConfigLoader
from ckan.cli.db import _migrate_plugins
from ckan.config.middleware import make_app
from ckan.lib import api_token
from ckan.lib.search import is_available
from ckan.logic import get_action
from ckanext.datastore.cli import permissions_sql

ORGANIZATION = "kommune"
ini, pg_port, out = sys.argv[1:]
app = make_app(CKANConfigLoader(ini).get_config())
flask = getattr(app, "_wsgi_app", app)


def migrate():
    with flask.app_context():
        model.repo.upgrade_db()
        _migrate_plugins(apply=True)
    where = ["-h", "127.0.0.1", "-p", pg_port, "-U", "postgres", "-d", "postgres"]
    sql = permissions_sql("ckan", "datastore", "ckan", "ckan", "datastore_ro")
    psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *where]
    subprocess.run(psql, input=sql, text=True, check=True, stdout=subprocess.DEVNULL)


def wait_for_solr():
    """An organisation is indexed as it is made."""
    end = time.monotonic() + 90
    while not is_available() and time.monotonic() < end:
        time.sleep(0.2)


def act(action, by, **data):
    return get_action(action)({"ignore_auth": True, "user": by}, data)


def token(user):
    return act("api_token_create", user, user=user, name="loopback")["token"]


def expired(good):
    """The editor's own token as it is an hour after its end, signed by CKAN itself."""
    return api_token.encode({**api_token.decode(good), "exp": int(time.time()) - 3600})


def people():
    with flask.test_request_context():
        site = get_action("get_site_user")({"ignore_auth": True}, {})["name"]
        for name, more in (("admin", {"sysadmin": True}), ("editor", {}), ("outsider", {})):
            if not model.User.get(name):
                act("user_create", site, name=name, email=f"{name}@example.org", password="loopback-only", **more)
        if not model.Group.get(ORGANIZATION):
            users = [{"name": "admin", "capacity": "admin"}, {"name": "editor", "capacity": "editor"}]
            act("organization_create", "admin", name=ORGANIZATION, title="Kommune", users=users)
        editor = token("editor")
        return {
            "org": ORGANIZATION,
            "sysadmin": token("admin"),
            "editor": editor,
            "outsider": token("outsider"),
            "expired": expired(editor),
        }


migrate()
wait_for_solr()
Path(out).write_text(json.dumps(people()))
