"""What a portal check reads of a token and a version, whatever stands in them."""

import base64

import pytest

from apendata.portals.ckan.checking import _expiry, _version


@pytest.mark.parametrize("claims", ['{"exp": 1795722432000}', '{"exp": 1e999}', '{"exp": NaN}', "[]", "[" * 100_000])
def test_an_end_of_a_token_that_is_no_date_is_none(claims) -> None:
    payload = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
    assert _expiry(f"a.{payload}.c").found == "none that it tells of"


@pytest.mark.parametrize(("text", "ok"), [("2.12.0", True), ("2.9", False), ("9" * 5000, False), ("", False)])
def test_a_version_may_be_any_text(text, ok) -> None:
    assert _version(text).ok is ok
