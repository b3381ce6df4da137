"""Every way in which apendata fails, drawn as a tree; the exit code of each stands at the bottom.

    ApendataError
    ├── UsageError                    the command line was not understood
    ├── DefinitionError               dataset.yaml or a schema is wrong
    ├── SourceError
    │   ├── SourceMissing             no export where the definition says
    │   ├── SourceUnavailable  ~      the server that holds the export did not answer
    │   ├── SourceUnreadable          not the declared format or encoding, empty, damaged, a bomb
    │   ├── SourceChanged             sheet, headers or fields are not the declared ones
    │   └── SourceRejected            undeclared marks, ragged rows, cells that may not be read
    ├── PersonalDataFound             what identifies somebody stands in the export or in what would be published
    ├── DataRejected                  the tables break their contract, a sum or a control total, or hold a formula
    ├── DisclosureRefused             the tables cannot be made safe to publish
    │   ├── LeakFound                 a file, page or payload that was about to be published tells of a hidden cell
    │   └── FoundOut                  with all that was ever published, a reader could learn a protected count
    ├── DriftExceeded                 differs from the last release by more than the definition allows
    ├── AcceptanceError
    │   ├── DifferenceUnknown         what is to be accepted is not the difference that stands now
    │   ├── AlreadyAccepted           somebody has accepted it, and no build has used that yet
    │   └── AcceptanceUsed            a version was made of it: an acceptance is good for one
    ├── LakeError
    │   ├── LakeBusy           ~      another run holds the dataset
    │   ├── LakeConflict              the pointer moved while we worked
    │   ├── LakeCorrupt               a file is not what its recorded hash says
    │   └── LakeUnwritable            the disk is full, or a folder may not be written
    ├── PortalError
    │   ├── PortalRefused             the portal may not, or will not, take this release
    │   ├── PortalUnavailable  ~      the portal did not answer
    │   ├── PortalForbidden           the token is wrong or expired, or its user may not do this
    │   ├── PortalConflict     ~      somebody else changed the dataset there while we published
    │   ├── PortalContested           another installation released or withdrew the same dataset while we published
    │   ├── PortalMismatch            the portal shows something else than was sent; the last release was put back
    │   └── PortalNotEmptied          what was withdrawn can still be read on the portal
    └── InternalError                 a defect in apendata; the details are in the private log

``~`` marks :class:`Transient` errors: the same call may succeed later, so a flow may retry them. Retry looks at the
class alone; the alternative (a list of messages or status codes at the call site) rots.

No error text holds a cell's value: what was found is told by place and count, the values stand in the steward's
private report only.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from apendata.model import Finding


class HandedBack(NamedTuple):
    """A workbook for the steward: her own export with its wrong cells marked. Private, as her report."""

    name: str
    content: bytes

    def __repr__(self) -> str:
        return f"HandedBack({self.name})"


class ApendataError(Exception):
    """Base of all errors that a user is shown: what was found, what was expected, what to do."""

    def __init__(self, message: str, *, findings: "Sequence[Finding]" = (), private: "Sequence[Finding]" = ()) -> None:
        super().__init__(message)
        self.message = message
        self.findings = tuple(findings)
        self.private = tuple(private) or self.findings
        """The same for the private report alone: these may hold values in their words."""
        self.handed_back: tuple[HandedBack, ...] = ()


class Transient(Exception):
    """Marker: trying again later may succeed. Nothing else is ever retried."""


class UsageError(ApendataError):
    """The command line was not understood."""


class DefinitionError(ApendataError):
    """dataset.yaml or a schema is wrong: file, line and what was expected."""


class SourceError(ApendataError):
    """An export cannot be used."""


class SourceMissing(SourceError):
    """There is no export where the definition says, or one that was there is gone."""


class SourceUnavailable(SourceError, Transient):
    """The server that holds the export did not answer in time."""


class SourceUnreadable(SourceError):
    """The bytes are not what is declared: wrong encoding, NUL bytes, empty, damaged, a zip bomb."""


class SourceChanged(SourceError):
    """The sheet, its headers or its fields differ from the definition."""


class SourceRejected(SourceError):
    """Cells or rows that the definition does not allow: undeclared marks, ragged rows, formulas without a value."""


class PersonalDataFound(ApendataError):
    """A national identity number stands in the export, or what identifies somebody in what would be published."""


class DataRejected(ApendataError):
    """The tables break their Table Schema, a sum or a control total, or hold what a spreadsheet would run."""


class DisclosureRefused(ApendataError):
    """The tables cannot be made safe under the policy; nothing was published."""


class LeakFound(DisclosureRefused):
    """What was about to be published tells of a hidden cell, or cannot be looked into; nothing was published."""


class FoundOut(DisclosureRefused):
    """A reader of everything that was ever published could learn a protected count; nothing was released."""


class DriftExceeded(ApendataError):
    """The tables differ from the last release by more than the definition allows."""


class AcceptanceError(ApendataError):
    """A difference from the last release cannot be accepted."""


class DifferenceUnknown(AcceptanceError):
    """The export and the definition give another difference than the one that is named, or none that stops."""


class AlreadyAccepted(AcceptanceError):
    """The difference is accepted with another reason, and waits for its build."""


class AcceptanceUsed(AcceptanceError):
    """A version was made of that difference already."""


class LakeError(ApendataError):
    """The lake cannot be written or read as it should."""


class LakeBusy(LakeError, Transient):
    """Another run holds the dataset's lock."""


class LakeConflict(LakeError):
    """The released version moved while this run worked."""


class LakeCorrupt(LakeError):
    """A file in the lake is missing or is not what its recorded hash says."""


class LakeUnwritable(LakeError):
    """The disk is full, or a folder may not be written."""


class PortalError(ApendataError):
    """A portal did not take the release."""


class PortalRefused(PortalError):
    """The portal may not, or will not, take this release."""


class PortalUnavailable(PortalError, Transient):
    """The portal did not answer in time."""


class PortalForbidden(PortalError):
    """The token is wrong or expired, or its user may not do what a release needs."""


class PortalConflict(PortalError, Transient):
    """Somebody else changed the dataset on the portal while we published; nothing of theirs was overwritten."""


class PortalContested(PortalError):
    """Another installation released or withdrew the dataset on the portal while we published; that stands."""


class PortalMismatch(PortalError):
    """Read back from outside, the portal showed something else than was sent; the last release was put back."""


class PortalNotEmptied(PortalError):
    """What was withdrawn can still be read on the portal, and apendata cannot remove it."""


class InternalError(ApendataError):
    """A defect in apendata. The traceback is in the private log; it may hold values and is never shown."""


EXIT_OK: Final = 0
EXIT_DIFFERS: Final = 2
"""Of ``plan`` and ``drift``: something differs. No failure, and so not in the tree."""
EXIT_NOT_READY: Final = 30
"""Of ``portal check``: a portal would refuse us."""

# One code for each kind of failure, so that an operator learns the reason without reading a log. 64 and 70 are
# EX_USAGE and EX_SOFTWARE of sysexits.h; the rest are ours and never change their meaning.
_EXIT_CODES: Final[dict[type[ApendataError], int]] = {
    UsageError: 64,
    DefinitionError: 10,
    SourceMissing: 11,
    SourceUnreadable: 12,
    SourceChanged: 13,
    SourceRejected: 14,
    SourceUnavailable: 15,
    PersonalDataFound: 16,
    DataRejected: 17,
    DisclosureRefused: 18,
    DriftExceeded: 19,
    LakeBusy: 20,
    LakeConflict: 21,
    LakeCorrupt: 22,
    LakeUnwritable: 23,
    DifferenceUnknown: 24,
    AlreadyAccepted: 25,
    AcceptanceUsed: 26,
    FoundOut: 27,
    LeakFound: 28,
    PortalRefused: 30,
    PortalUnavailable: 31,
    PortalForbidden: 32,
    PortalConflict: 33,
    PortalMismatch: 34,
    PortalNotEmptied: 35,
    PortalContested: 36,
    InternalError: 70,
}

# Gravest first: what endangers people, then what endangers what is already public, then what merely is not renewed.
_GRAVITY: Final[tuple[type[ApendataError], ...]] = (
    PersonalDataFound,
    LeakFound,
    FoundOut,
    DisclosureRefused,
    PortalNotEmptied,
    LakeCorrupt,
    LakeUnwritable,
    PortalMismatch,
    InternalError,
    PortalForbidden,
    PortalRefused,
    PortalContested,
    LakeConflict,
    DefinitionError,
    DataRejected,
    DriftExceeded,
    SourceRejected,
    SourceChanged,
    SourceUnreadable,
    SourceMissing,
    PortalConflict,
    PortalUnavailable,
    SourceUnavailable,
    LakeBusy,
    DifferenceUnknown,
    AlreadyAccepted,
    AcceptanceUsed,
    UsageError,
)


def exit_code(error: ApendataError) -> int:
    """Return the process exit code for an error: that of its own class, or of its nearest ancestor that has one."""
    return next(
        (_EXIT_CODES[kind] for kind in type(error).__mro__ if kind in _EXIT_CODES),
        _EXIT_CODES[InternalError],
    )


def gravest(errors: Iterable[ApendataError]) -> ApendataError | None:
    """Return the gravest of several errors, or None where there is none."""
    return min(errors, key=_rank, default=None)


def _rank(error: ApendataError) -> int:
    return next((i for i, kind in enumerate(_GRAVITY) if isinstance(error, kind)), len(_GRAVITY))
