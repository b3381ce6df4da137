"""Settings are read once, checked, and show nothing that could be a secret."""

import os
from pathlib import Path

import pytest

from apendata.errors import UsageError
from apendata.settings import Settings


def read(**values: str) -> Settings:
    return Settings.from_mapping({f"APENDATA_{name}": value for name, value in values.items()}, Path("/here"))


def test_defaults_lie_in_the_working_folder() -> None:
    settings = read()
    assert settings.lake == Path("/here/lake")
    assert settings.portals == ("site",)
    assert settings.base_url is None
    assert settings.sources_of("ansatte") == Path("/here/sources/ansatte")


def test_sources_may_be_a_pattern() -> None:
    assert read(SOURCES="/exports/{id}/ut").sources_of("ansatte") == Path("/exports/ansatte/ut")
    assert read().on_samples().sources_of("ansatte") == Path("/here/datasets/ansatte/sample")


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("APENDATA_")]:
        monkeypatch.delenv(name)
    (tmp_path / ".env").write_text("APENDATA_LAKE=fra-fil\nAPENDATA_LOCK_WAIT=7\n")
    monkeypatch.setenv("APENDATA_LAKE", "fra-miljø")
    settings = Settings.load(tmp_path)
    assert settings.lake == tmp_path / "fra-miljø"
    assert settings.lock_wait == 7


@pytest.mark.parametrize(
    "address",
    ["http://example.org/", "http://localhost.example.org/", "ftp://x/", "example.org", "https://x/?a=b", "https://"],
)
def test_an_address_that_could_mislead_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="APENDATA_BASE_URL"):
        read(BASE_URL=address)


def test_an_address_ends_with_one_slash() -> None:
    assert read(BASE_URL="https://data.example.org").base_url == "https://data.example.org/"
    assert read(BASE_URL="http://127.0.0.1:8000//").base_url == "http://127.0.0.1:8000/"


@pytest.mark.parametrize("seconds", ["-1", "soon", "nan", "1e9"])
def test_a_wait_that_is_none_is_refused(seconds: str) -> None:
    with pytest.raises(UsageError, match="APENDATA_LOCK_WAIT"):
        read(LOCK_WAIT=seconds)


def test_what_may_hold_a_secret_is_not_shown() -> None:
    assert "hunter2" not in repr(read(SOURCES="https://me:hunter2@example.org/"))


CKAN = {"CKAN_URL": "https://ckan.example.org", "CKAN_TOKEN": "hunter2", "CKAN_ORGANIZATION": "kommune"}


def test_a_ckan_is_reached_with_its_three_settings() -> None:
    ckan = read(**CKAN, CKAN_TIMEOUT="5").ckan
    assert ckan is not None
    assert (ckan.url, ckan.token, ckan.organization) == ("https://ckan.example.org/", "hunter2", "kommune")
    assert (ckan.timeout, ckan.files) == (5, "linked")
    assert read().ckan is None


def test_a_token_is_never_shown() -> None:
    assert "hunter2" not in repr(read(**CKAN))


@pytest.mark.parametrize(
    "wrong",
    [
        {"CKAN_URL": ""},
        {"CKAN_URL": "http://ckan.example.org"},
        {"CKAN_URL": "https://me:hunter2@ckan.example.org"},
        {"CKAN_TOKEN": "two words"},
        {"CKAN_TOKEN": "tåken"},
        {"CKAN_ORGANIZATION": "Kommunen vår"},
        {"CKAN_FILES": "both"},
        {"CKAN_TIMEOUT": "0"},
        {"CKAN_BODY_LIMIT": "10"},
        {"CKAN_CA_FILE": "nowhere.pem"},
    ],
)
def test_a_ckan_setting_that_cannot_be_is_refused_without_the_token(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError) as told:
        read(**{**CKAN, **wrong})
    assert "hunter2" not in told.value.message


def test_a_settings_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("# Bærum\nAPENDATA_LOCK_WAIT=5\n".encode("latin-1"))
    with pytest.raises(UsageError, match="UTF-8"):
        Settings.load(tmp_path)
