"""Who CKAN takes us for. A wrong or expired token is no error there: it makes a reader of us, who may read all."""

from apendata.errors import PortalForbidden
from apendata.portals.ckan.api import Api


def require_rights(api: Api, organization: str) -> None:
    """See to it that the token may publish for the organisation, before anything is sent.

    Raises:
        PortalForbidden: it may not.
        Answer: CKAN cannot be asked.
    """
    if organization not in organizations(api):
        raise PortalForbidden(
            f"CKAN does not take us for an editor of the organisation «{organization}». The token in "
            "APENDATA_CKAN_TOKEN is wrong, expired or revoked, or its user is no editor there. `apendata portal check` "
            "says which; docs/ckan.md says how to get a new token."
        )


def organizations(api: Api) -> tuple[str, ...]:
    """Return the organisations in which we may make packages; none for a token that counts for nothing."""
    found = api.read("organization_list_for_user", permission="create_dataset")
    return tuple(str(organization.get("name")) for organization in found)
