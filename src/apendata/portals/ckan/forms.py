"""The form of each answer that is read further: what stands before CKAN, or an extension, may send anything as JSON.

Only what the code reaches into is named; every other field may be what it likes.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

_RESOURCE: Final = {"id": str}
_PACKAGE: Final = {
    "id": str,
    "name": str,
    "metadata_modified": str,
    "resources": [_RESOURCE],
    "extras?": [{"key": str, "value": object}],
    "tags?": [{"name": str}],
}
_STATE: Final[Mapping[str, Any]] = {"data?": {"package?": {"resources?": [{}], "extras?": [{}], "tags?": [{}]}}}
_FORMS: Final[Mapping[str, Any]] = {
    "package_show": _PACKAGE,
    "package_create": _PACKAGE,
    "package_revise": {"package": _PACKAGE},
    "package_search": {"results": [_PACKAGE]},
    "package_activity_list": [_STATE],
    "resource_show": {"package_id": str},
    "resource_view_list": [{}],
    "datastore_info": {"fields": [{"id": str, "type": str, "info?": object, "schema?": {}}], "meta?": {"count?": int}},
    "datastore_search": {"total": int},
    "organization_list_for_user": [{"name": str}],
    "status_show": {"extensions?": [str]},
    "user_show": {"name": str},
}
"""Action → form: a type; a list of one form; an object's fields, ``?`` behind those that may be missing or null."""


def is_of_form(action: str, result: Any) -> bool:
    """Tell whether an action's result has the form that CKAN gives it, and holds texts that can be written down."""
    if action not in _FORMS:
        return True
    try:
        json.dumps(result, ensure_ascii=False).encode()  # half a pair of surrogates is no text
    except UnicodeEncodeError:
        return False
    return _fits(result, _FORMS[action])


def _fits(value: Any, form: Any) -> bool:
    if isinstance(form, dict):
        return isinstance(value, dict) and all(_field_fits(value, name, part) for name, part in form.items())
    if isinstance(form, list):
        return isinstance(value, list) and all(_fits(part, form[0]) for part in value)
    return isinstance(value, form)


def _field_fits(value: Mapping[str, Any], name: str, form: Any) -> bool:
    if name.endswith("?"):
        return (found := value.get(name[:-1])) is None or _fits(found, form)
    return name in value and _fits(value[name], form)
