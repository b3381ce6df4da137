"""What ends the checking of a file: it becomes errors of the report, and never reaches a user by itself."""

from collections.abc import Sequence

from apendata.tabular.listed import Listed


class Refused(Exception):
    """A schema, a header or the bytes of a file are not what they should be; nothing below them can be judged."""

    def __init__(self, errors: Sequence[Listed]) -> None:
        """Hand over the errors of the report."""
        super().__init__(", ".join(error.kind for error in errors))
        self.errors = tuple(errors)


def refused(kind: str, note: str) -> Refused:
    """One error of the file, by Frictionless' type and with what was found."""
    return Refused([Listed(kind, note, kind)])
