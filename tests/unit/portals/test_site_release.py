"""One release is one rename: killed anywhere, a reader has the old one whole, and the next run ends where it should."""

import json
import os
import pickle
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from apendata.catalog.load import TAKEN
from apendata.errors import PortalRefused
from apendata.model import Withdrawal
from apendata.portals.site import SitePortal
from tests.unit.portals import samples

DRIVER = """
import os, pickle, shutil, signal, sys
root, tree, release, steps = *sys.argv[1:], 0
sys.path.insert(0, root)
from pathlib import Path
import pandas, pyarrow.compute, pyarrow.parquet, pyarrow.dataset
from apendata.portals.site import SitePortal, pages
from apendata.portals.words import texts
from apendata.model import Withdrawal
for language in texts.LANGUAGES:  # read once, before the forks
    texts.catalogue(language)
for template in ("catalog.html", "dataset.html", "parts.html", "withdrawn.html"):
    pages._environment().get_template(template)
changes = {"os.mkdir", "os.rename", "os.symlink", "os.remove", "os.rmdir"}
done = 0
def watch(event, arguments):
    global done
    if event == "open":
        changing = isinstance(arguments[1], str) and "w" in arguments[1] and tree in str(arguments[0])
    else:
        changing = event in changes
    if changing:
        if done == steps:
            os.kill(os.getpid(), signal.SIGKILL)
        done += 1
with open(release, "rb") as stream:
    given = pickle.load(stream)
def work(portal):
    portal.withdraw(*given) if isinstance(given, tuple) else portal.publish(given)
for step in range(1000):  # each step in a child of its own, on a copy of its own
    copy = f"{tree}-{step}"
    shutil.copytree(tree, copy, symlinks=True)
    child = os.fork()
    if child == 0:
        tree, steps, done = copy, step, 0
        sys.addaudithook(watch)
        work(SitePortal(Path(copy)))
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        print(step)
        break
"""


@pytest.fixture
def public(tmp_path):
    return tmp_path / "public"


def test_killed_at_any_step_the_old_or_the_new_release_is_whole_and_the_next_run_converges(public, tmp_path):
    first, middle, newest = samples.staff_history(public)
    portal = SitePortal(public)
    portal.publish(samples.release(first))
    portal.publish(samples.release(middle, first))
    release = samples.release(newest, middle, first)
    steps = _kill_at_every_step(public, release, tmp_path)
    assert steps > 15
    undisturbed = _tree(Path(f"{public}-{steps}"))
    shown = []
    for step in range(steps):
        tree = Path(f"{public}-{step}")
        shown.append(_whole(tree / "ansatte"))
        SitePortal(tree).publish(release)
        assert SitePortal(tree).verify() == ()
        assert _tree(tree) == undisturbed, step
    assert sorted(shown) == shown
    assert set(shown) == {"1.0.1", "1.1.0"}


def test_killed_while_the_first_release_is_made_there_is_nothing_or_all_of_it(public, tmp_path):
    version = samples.put_version(public, samples.REPORTS, samples.REPORT_ROWS)
    release = samples.release(version)
    steps = _kill_at_every_step(public, release, tmp_path)
    undisturbed = _tree(Path(f"{public}-{steps}"))
    for step in range(steps):
        tree = Path(f"{public}-{step}")
        assert (tree / "varsling" / "index.html").exists() == (
            tree / "varsling" / "latest" / "varsling_fordeling.csv"
        ).exists()
        SitePortal(tree).publish(release)
        assert _tree(tree) == undisturbed, step


GONE = Withdrawal("ansatte", None, "Feil telling", "2026-11-26T10:00:00Z")
CANARY = "samples of the version that goes"


def _with_a_canary(public):
    """A version whose page shows what no other has, and one before it, both published in turn."""
    first, middle, newest = samples.staff_history(public)
    title = {**middle.descriptor, "title": CANARY, "title_en": CANARY}
    middle = replace(middle, descriptor=title)
    SitePortal(public).publish(samples.release(first))
    SitePortal(public).publish(samples.release(middle, first))
    return first, middle, newest


def _showing_canary(public):
    return [path for path in public.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def test_a_withdrawal_killed_at_any_step_ends_where_it_should(public, tmp_path):
    first, *_ = _with_a_canary(public)
    assert len(_showing_canary(public)) >= 3
    steps = _kill_at_every_step(public, (GONE, [first]), tmp_path)
    assert steps > 15
    undisturbed = _tree(Path(f"{public}-{steps}"))
    for step in range(steps):
        tree = Path(f"{public}-{step}")
        SitePortal(tree).withdraw(GONE, [first])
        assert _tree(tree) == undisturbed, step
        assert SitePortal(tree).verify() == ()
        assert _showing_canary(tree) == []
        assert not (tree / "ansatte" / "latest").exists()


def test_a_version_goes_from_the_pages_though_the_run_was_killed_at_any_step(public, tmp_path):
    first, middle, _ = _with_a_canary(public)
    release = replace(samples.release(first), withdrawn=(replace(GONE, number=middle.number),))
    steps = _kill_at_every_step(public, release, tmp_path)
    undisturbed = _tree(Path(f"{public}-{steps}"))
    complaints = set()
    for step in range(steps):
        tree = Path(f"{public}-{step}")
        complaints |= {finding.code for finding in SitePortal(tree).verify() if _showing_canary(tree)}
        SitePortal(tree).publish(release)
        assert _tree(tree) == undisturbed, step
        assert SitePortal(tree).verify() == ()
        assert _showing_canary(tree) == []
    assert "portal_not_withdrawn" in complaints


def test_after_a_withdrawal_the_state_before_is_spared_again_as_it_always_is(public):
    first, middle, newest = _with_a_canary(public)
    portal, gone = SitePortal(public), (replace(GONE, number=middle.number),)
    seen = []
    for version, earlier in ((first, ()), (newest, (first,))):
        portal.publish(replace(samples.release(version, *earlier), withdrawn=gone))
        seen.append((public / "ansatte" / "release").readlink().name)
    assert {folder.name for folder in (public / "ansatte" / "releases").iterdir()} == set(seen)
    assert portal.verify() == ()


def test_a_withdrawn_dataset_is_listed_without_figures_and_its_page_says_why_and_whom_to_ask(public):
    for release in samples.releases(public, base_url="http://localhost:8000/"):
        SitePortal(public).publish(release)
    version = next(release.version for release in samples.releases(public) if release.dataset == "ansatte")
    SitePortal(public).withdraw(GONE, [version])
    catalog = json.loads((public / "catalog.json").read_text())
    assert "ansatte" not in {entry["dataset"] for entry in catalog["datasets"]}
    assert [(entry["dataset"], entry["because"]) for entry in catalog["withdrawn"]] == [("ansatte", "Feil telling")]
    for page, words in (("index.html", "Trukket tilbake 26."), ("en.html", "Withdrawn 26")):
        for text in ((public / page).read_text(), (public / "ansatte" / page).read_text()):
            assert words in text
            assert "Feil telling" in text
        assert "hr@trondheim.kommune.example" in (public / "ansatte" / page).read_text()
    assert SitePortal(public).verify() == ()
    catalog["withdrawn"] = []
    (public / "catalog.json").write_text(json.dumps(catalog))
    assert [finding.code for finding in SitePortal(public).verify()] == ["portal_catalog_stale"]


def test_when_all_is_withdrawn_nobody_is_told_that_nothing_was_published_yet(public):
    version = samples.put_version(public, samples.STAFF, samples.STAFF_ROWS)
    SitePortal(public).publish(samples.release(version))
    SitePortal(public).withdraw(GONE, [version])
    assert "ennå" not in (public / "index.html").read_text()


def _kill_at_every_step(public, given, tmp_path):
    """Publish, or withdraw, on copies ``public-0`` …, each killed one change of the disk later; return their number."""
    (tmp_path / "release").write_bytes(pickle.dumps(given))
    root = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", DRIVER, root, str(public), str(tmp_path / "release")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


def _whole(home):
    """The version that a reader is shown, the same by every way to it."""
    latest = json.loads((home / "latest.json").read_text())
    version = latest["version"]
    assert (home / "latest").resolve().name == f"v{version}"
    for page, word in (("index.html", "Versjon"), ("en.html", "Version")):
        text = (home / page).read_text()
        assert f"<li>{word} {version}</li>" in text
        assert text.rstrip().endswith("</html>")
    for file in latest["files"]:
        assert (home / file["url"]).stat().st_size == file["bytes"]
    return version


def _tree(public):
    found = {}
    for path in public.rglob("*"):
        content = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(public))] = content
    return found


def test_the_state_before_stays_for_whoever_is_reading_it_and_older_ones_go(public):
    first, middle, newest = samples.staff_history(public)
    portal, home = SitePortal(public), public / "ansatte"
    seen = []
    for version, earlier in ((first, ()), (middle, (first,)), (newest, (middle, first))):
        portal.publish(samples.release(version, *earlier))
        seen.append((home / "release").readlink().name)
    assert {folder.name for folder in (home / "releases").iterdir()} == set(seen[1:])


def test_after_going_back_the_page_shows_the_old_figures_and_still_tells_of_the_newer_version(public):
    first, middle, newest = samples.staff_history(public)
    portal = SitePortal(public)
    portal.publish(samples.release(newest, middle, first))
    portal.publish(samples.release(first, newest, middle, first))
    page = (public / "ansatte" / "index.html").read_text()
    assert 'Versjon 1.1.0 <span class="tag">ikke vist for tiden</span>' in page
    assert 'Versjon 1.0.0 <span class="tag">vises nå</span>' in page
    assert (public / "ansatte" / "latest").resolve().name == "v1.0.0"
    assert [v["version"] for v in json.loads((public / "ansatte" / "latest.json").read_text())["history"]] == [
        "1.1.0",
        "1.0.1",
        "1.0.0",
    ]


def test_equal_releases_have_equal_bytes_wherever_they_are_made(tmp_path):
    trees = []
    for name in "ab":
        public = tmp_path / name / "public"
        for release in samples.releases(public):
            SitePortal(public).publish(release)
        trees.append(_tree(public))
    assert trees[0] == trees[1]


def test_everybody_may_read_all_of_it_whatever_the_umask(public):
    version = samples.put_version(public, samples.KOSTRA, samples.KOSTRA_ROWS)
    before = os.umask(0o077)
    try:
        SitePortal(public).publish(samples.release(version))
    finally:
        os.umask(before)
    own = [p for p in public.rglob("*") if not p.is_symlink() and "v1.0.0" not in p.parts]
    modes = (
        {stat.S_IMODE(p.stat().st_mode) for p in own if p.is_file()},
        {stat.S_IMODE(p.stat().st_mode) for p in own if p.is_dir() and p.name != "budsjett-kostra"},
    )
    assert modes == ({0o644}, {0o755})


def test_the_catalog_tells_of_what_stands_behind_the_pointers(public):
    for release in samples.releases(public, base_url="http://localhost:8000/"):
        SitePortal(public).publish(release)
    catalog = json.loads((public / "catalog.json").read_text())
    assert [entry["dataset"] for entry in catalog["datasets"]] == sorted(
        p.parent.name for p in public.glob("*/release")
    )
    assert all(entry["synthetic"] for entry in catalog["datasets"])
    assert catalog["datasets"][0]["latest"] == "http://localhost:8000/ansatte/latest.json"
    page = (public / "index.html").read_text()
    assert page.index("Budsjett og regnskap") < page.index("Ansatte i Trondheim") < page.index("Varslingssaker")


HARMS = {
    "pointer_removed": (lambda home: (home / "release").unlink(), "portal_pointer_broken"),
    "state_removed": (lambda home: shutil.rmtree((home / "release").resolve()), "portal_pointer_broken"),
    "page_changed": (lambda home: (home / "release" / "en.html").write_text("x"), "portal_page_changed"),
    "link_removed": (lambda home: (home / "latest").unlink(), "portal_link_broken"),
    "file_cut": (lambda home: (home / "v1.1.0" / "ansatte.csv").write_text("x"), "portal_file_missing"),
    "catalog_old": (lambda home: (home.parent / "catalog.json").write_text('{"datasets": []}'), "portal_catalog_stale"),
    "catalog_removed": (lambda home: (home.parent / "en.html").unlink(), "portal_catalog_stale"),
}


@pytest.mark.parametrize(("harm", "code"), HARMS.values(), ids=HARMS)
def test_verify_finds_what_a_reader_would_stumble_on(public, harm, code):
    first, middle, newest = samples.staff_history(public)
    portal = SitePortal(public)
    portal.publish(samples.release(newest, middle, first))
    assert portal.verify() == ()
    harm(public / "ansatte")
    assert code in {finding.code for finding in portal.verify()}


@pytest.mark.parametrize(
    ("base_url", "local"),
    [
        (None, True),
        ("http://localhost:8000/", True),
        ("http://127.0.0.1/", True),
        ("http://[::1]:8000/", True),
        ("https://data.example/", False),
        ("https://localhost.example/", False),
        ("https://127.0.0.1.example/", False),
        ("http://10.0.0.7/", False),
    ],
)
def test_a_site_is_local_without_an_address_or_on_loopback(public, base_url, local):
    assert SitePortal(public).is_local(base_url) is local
    version = samples.put_version(public, samples.REPORTS, samples.REPORT_ROWS, synthetic=True)
    if local:
        SitePortal(public).publish(samples.release(version, base_url=base_url))
    else:
        with pytest.raises(PortalRefused, match="not for this machine alone"):
            SitePortal(public).publish(samples.release(version, base_url=base_url))
    assert (public / "varsling" / "index.html").exists() is local


def test_no_dataset_can_have_the_name_of_something_in_the_sites_first_folder(public):
    SitePortal(public).publish(
        samples.release(samples.put_version(public, samples.REPORTS, samples.REPORT_ROWS, synthetic=False))
    )
    own = {path.name.partition(".")[0] for path in public.iterdir()} - {"varsling"}
    assert own == {"assets", "catalog", "en", "index"}
    assert own <= TAKEN


@pytest.mark.parametrize("damage", [b'{"half', b"\xff", b"[]", None])
@pytest.mark.parametrize("name", ["one/release/latest.json", "catalog.json"])
def test_a_damaged_file_of_one_dataset_stops_no_other_and_is_written_anew(public, name, damage):
    portal, (one, other, *_) = SitePortal(public), samples.releases(public)
    portal.publish(one)
    portal.publish(other)
    file = public / name.replace("one", one.dataset)
    whole = file.read_bytes()
    file.chmod(0o644)
    file.unlink() if damage is None else file.write_bytes(damage)
    assert portal.verify()
    portal.publish(other)
    portal.publish(one)
    portal.withdraw(Withdrawal(other.dataset, None, "feil", "2026-11-26T10:00:00Z"), [other.version])
    assert portal.verify() == ()
    assert damage is None or name != "catalog.json" or file.read_bytes() != damage
    assert name == "catalog.json" or file.read_bytes() == whole
