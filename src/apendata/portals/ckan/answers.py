"""What CKAN, or whatever stands before it, can answer: one class for each thing that the work must decide on.

    Answer
    ├── Missing       404: there is no such package, resource or table
    ├── Unknown       400: this CKAN has no such action, as that of a plugin or a setting that is off
    ├── Invalid       409: what was sent is not what CKAN takes
    ├── LostMatch     409: a package is not as it was read any more; nothing was written
    ├── Denied        401, 403: the user behind the token may not
    ├── TooLarge      413: the proxy or CKAN takes no body of that size
    ├── Strange       a page instead of data, a redirect, no CKAN at all: nobody should try again
    │   └── TooMuch   an answer larger than what is read of one: it is there, and nobody knows what it is
    └── Later         trying again may succeed
        ├── NotDone   the server has surely not done it: refused, 429, a deadlock
        └── Unsure    it may have done it: time-out, reset, 5xx, half an answer. Look before repeating.

These are not the errors that users see: :func:`told` turns what escapes into those of ``apendata.errors``.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from apendata.errors import PortalConflict, PortalForbidden, PortalRefused, PortalUnavailable

_FIELD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,60}")
"""A field's name. Whatever else CKAN, or what stands before it, names may be a value."""
_MOST_FIELDS: Final = 10


class Answer(Exception):
    """An answer that is not the result that was asked for; the text says what was asked and what came back."""


class Missing(Answer):
    """There is no such thing, or none that this user may see."""


class Unknown(Answer):
    """This CKAN has no such action: a plugin or a setting is off. Nobody gets anything by it."""


class Invalid(Answer):
    """CKAN refused what was sent. ``errors`` holds its reasons by field; they may quote what was sent: never shown."""

    def __init__(self, text: str, errors: Mapping[str, Any]) -> None:
        super().__init__(text)
        self.errors = errors


class LostMatch(Answer):
    """Somebody changed the package between our read and our write; nothing was written."""


class Denied(Answer):
    """The user behind the token may not do this; a bad or expired token is a user who may nothing."""


class TooLarge(Answer):
    """The body is larger than the proxy before CKAN, or CKAN itself, takes."""


class Strange(Answer):
    """Whoever answered is not CKAN as we know it: a log-in page, a redirect, a certificate that nobody vouches for."""


class TooMuch(Strange):
    """There is something, and it is larger than what is read of one answer."""


class Later(Answer):
    """Trying again may succeed."""

    def __init__(self, text: str, *, after: float | None = None) -> None:
        super().__init__(text)
        self.after = after
        """Seconds that the server asked us to wait."""


class NotDone(Later):
    """The server has surely not done what was asked."""


class Unsure(Later):
    """The server may have done what was asked."""


@contextmanager
def told() -> Iterator[None]:
    """Turn an answer that nobody handled into the error that a user is shown.

    Raises:
        PortalUnavailable, PortalForbidden, PortalConflict, PortalRefused: by the answer's class.
    """
    try:
        yield
    except LostMatch as answer:
        raise PortalConflict(f"{answer} Nothing of theirs was overwritten; run again.") from None
    except Later as answer:
        raise PortalUnavailable(f"{answer} Run again later; nothing that readers see is half done.") from None
    except Denied as answer:
        raise PortalForbidden(
            f"{answer} The token in APENDATA_CKAN_TOKEN is wrong or expired, or its user is no editor of the "
            "organisation. `apendata portal check` says which; docs/ckan.md says how to get a new one."
        ) from None
    except TooLarge as answer:
        raise PortalRefused(
            f"{answer} Raise the limit of the proxy before CKAN (nginx: client_max_body_size) or of CKAN itself "
            "(ckan.max_resource_size), or lower APENDATA_CKAN_BODY_LIMIT."
        ) from None
    except Invalid as answer:
        fields = sorted(name for name in map(str, answer.errors) if _FIELD.fullmatch(name))[:_MOST_FIELDS]
        raise PortalRefused(f"{answer} CKAN's reasons concern: {', '.join(fields) or 'nothing by name'}.") from None
    except Answer as answer:
        raise PortalRefused(str(answer)) from None
