"""What the stack promises before any server runs: half an installation is redone, and no foreign folder is touched."""

import subprocess
import sys
import threading
import time

import pytest

from tests.live.stack import NotAStack, __main__ as command, down, machine, status, up
from tests.live.stack.machine import CannotBeInstalled, CommandFailed
from tests.live.stack.processes import Process, _born

BUILDERS = "".join(f"{name}==1 \\\n    --hash=sha256:aa\n" for name in machine._BUILDERS)


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """A machine whose commands are noted down and leave an empty folder; a project that lies elsewhere."""
    ran = []

    def run(*words, **_):
        ran.append(" ".join(map(str, words)))
        folder = machine.JARS if words[0] in {"mvn", "javac"} else machine.VENV
        folder.mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(machine, "run", run)
    monkeypatch.setattr(machine, "_debian", lambda: None)
    for name, path in {"CACHE": "cache", "VENV": "cache/venv", "JARS": "cache/solr", "LOCK": "lock"}.items():
        monkeypatch.setattr(machine, name, tmp_path / path)
    for name in ("_POM", "_LAUNCHER"):
        monkeypatch.setattr(machine, name, tmp_path / name)
        (tmp_path / name).write_text(name)
    (tmp_path / "lock").write_text(f"ckan==2 \\\n    --hash=sha256:bb\n{BUILDERS}zope==3 \\\n    --hash=sha256:cc\n")
    return ran


def test_what_is_there_is_not_installed_again(commands):
    machine.install()
    done = len(commands)
    machine.install()
    assert len(commands) == done > 0


def test_what_builds_comes_first_by_its_hashes(commands):
    machine.install()
    assert (machine.VENV / "builders.lock").read_text() == BUILDERS
    first, second = (command for command in commands if "pip install" in command)
    assert first.endswith("builders.lock")
    assert "--no-build-isolation" in second


@pytest.mark.parametrize("part", ["venv/installed.lock", "solr/installed.txt"])
@pytest.mark.parametrize("written", [None, "", "half a no"])
def test_half_of_a_part_is_thrown_away_and_made_anew(commands, part, written):
    machine.install()
    note = machine.CACHE / part
    note.unlink()
    if written is not None:
        note.write_text(written)
    (note.parent / "half").touch()
    machine.install()
    assert note.read_text() not in {written, ""}
    assert not (note.parent / "half").exists()


@pytest.mark.parametrize("changed", ["LOCK", "_POM", "_LAUNCHER"])
def test_what_is_pinned_otherwise_is_installed_anew(commands, changed):
    machine.install()
    file = getattr(machine, changed)
    file.write_text(file.read_text() + "# other\n")
    commands.clear()
    machine.install()
    assert commands


def test_a_registry_that_does_not_answer_is_a_lack_of_the_machine(commands, monkeypatch):
    def fail(*_, **__):
        raise CommandFailed("no answer")

    monkeypatch.setattr(machine, "run", fail)
    with pytest.raises(CannotBeInstalled, match="no answer"):
        machine.install()


def test_two_that_install_into_one_cache_take_turns(commands, monkeypatch):
    inside, together = [], []

    def debian():
        inside.append(1)
        together.append(len(inside))
        threading.Event().wait(0.1)
        inside.pop()

    monkeypatch.setattr(machine, "_debian", debian)
    both = [threading.Thread(target=machine.install) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert together == [1, 1]


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    tmp_path.chmod(0o700)
    for deed in (up, down, status):
        with pytest.raises(NotAStack, match=r"ports\.json"):
            deed(tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_folder_in_which_nothing_came_up_is_removed(tmp_path):
    (tmp_path / "empty").mkdir()
    down(tmp_path / "empty")
    assert not (tmp_path / "empty").exists()
    down(tmp_path / "empty")


@pytest.mark.parametrize("what", ["down", "status"])
def test_the_command_says_what_is_no_stack(tmp_path, what, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["stack", what, str(tmp_path / "nowhere")])
    assert command.main() == 1
    assert "NotAStack" in capsys.readouterr().err


OWNER = """
import sys, time
from pathlib import Path
from tests.live.stack.guard import guarded
from tests.live.stack.processes import Process
state = Path(sys.argv[1])
with guarded(state):
    (state / "ports.json").write_text("{}")
    Process(state, "redis").start("sleep", "60")
    print("up", flush=True)
    time.sleep(60)
"""


def test_servers_end_with_an_owner_that_was_killed(tmp_path, root):
    state = tmp_path / "state"
    state.mkdir()
    command = [sys.executable, "-c", OWNER, state]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as owner:
        assert owner.stdout.readline() == b"up\n"
        number = Process(state, "redis").number
        owner.kill()
    end = time.monotonic() + 30
    while state.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not state.exists()
    assert number is not None
    assert _born(number) is None
