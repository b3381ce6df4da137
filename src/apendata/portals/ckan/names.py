"""Names and ids on CKAN, computed from the dataset alone: a lake and a portal that lost each other meet again."""

import re
import uuid
from collections.abc import Iterable, Iterator
from typing import Final

from apendata.errors import PortalRefused

LONGEST: Final = 100
ARCHIVE: Final = "-arkiv"
STAGING: Final = "-klargjoering"
MARK: Final = "apendata_dataset"
"""The extra by which a package is ours; its value is the dataset's id."""
ROLE: Final = "apendata_role"
"""The extra that tells the three kinds of our packages apart: ``dataset``, ``archive``, ``staging``."""
RELEASE: Final = "apendata_release"
"""The field of every resource that names the release it belongs to."""

_NAME: Final = re.compile(r"[a-z0-9_-]{2,100}")


def package_name(dataset: str) -> str:
    """Return the package's name, which is the dataset's id.

    Raises:
        PortalRefused: CKAN has no room for that name, or for those of its archive and its staging package.
    """
    if not _NAME.fullmatch(dataset) or len(dataset) + len(STAGING) > LONGEST:
        raise PortalRefused(
            f"«{dataset}» cannot be a package's name on CKAN: expected 2 to {LONGEST - len(STAGING)} lower-case "
            "letters, digits, hyphens and underscores."
        )
    return dataset


def archive_name(dataset: str) -> str:
    """The package that holds every version's files, where files are uploaded."""
    return package_name(dataset) + ARCHIVE


def staging_name(dataset: str) -> str:
    """The private package where a new table is filled before readers may see it."""
    return package_name(dataset) + STAGING


def resource_id(lasting_id: str, name: str, generation: int = 1) -> str:
    """Return a resource's id: the same for as long as the dataset and the table's generation last.

    Args:
        lasting_id: the dataset's own id, ``id`` of its descriptor.
        name: of the resource, such as ``ansatte.csv``.
        generation: see :mod:`apendata.portals.ckan.generations`.
    """
    return str(uuid.uuid5(uuid.UUID(lasting_id), f"ckan/{generation}/{name}"))


def resource_ids(lasting_id: str, files: Iterable[str], generations: int) -> Iterator[str]:
    """Yield the ids of all resources that files may have, or have had, in so many generations."""
    return (resource_id(lasting_id, name, number) for name in files for number in range(1, generations + 1))


def is_computed(id_: str) -> bool:
    """Tell whether an id is one of those that are computed here: CKAN's own, and so people's resources, are random."""
    try:
        return uuid.UUID(id_).version == 5
    except ValueError:
        return False


def archived_id(lasting_id: str, version: str, path: str, sha256: str) -> str:
    """Return the id of one version's file in the archive; other bytes have another id, so no file is ever replaced."""
    return str(uuid.uuid5(uuid.UUID(lasting_id), f"ckan-archive/{version}/{path}/{sha256}"))
