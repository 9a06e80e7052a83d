"""The AI-incident extension: a property extension of STIX 2.1 incidents (docs/formats.md).

Its definition and JSON Schema follow from `Account`; they are shipped as `extension-definition.json` and
`extension-schema.json` besides.
"""

from typing import Final

import msgspec

from tocsin.cases.formats.account import Account, read_account
from tocsin.cases.formats.ids import uuid_of
from tocsin.cases.formats.trees import Json, Object, compact

EXTENSION: Final = "extension-definition--9c5a1d0e-7f0b-4d0c-8c58-5b6c2f0a7e43"
VERSION: Final = "1.0.0"
EXERCISE_LABEL: Final = "exercise"
_MADE: Final = "2026-11-22T00:00:00.000Z"
_AUTHOR: Final = f"identity--{uuid_of('identity', 'tocsin')}"


def schema() -> Object:
    """The JSON Schema of what stands under the extension's identifier in an incident."""
    _, parts = msgspec.json.schema_components([Account], ref_template="#/$defs/{name}")
    account = parts.pop(Account.__name__)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "AI-incident extension",
        "description": str(Account.__doc__),
        "type": "object",
        "additionalProperties": False,
        "required": ["extension_type", *account["required"]],
        "properties": {
            "extension_type": {"const": "property-extension"},
            **{key: _public(value) for key, value in account["properties"].items()},
        },
        "$defs": {key: _public(part) for key, part in sorted(parts.items())},
    }


def definition() -> tuple[Object, Object]:
    """The extension-definition, and the identity that it names as its author."""
    identity: Object = {
        "type": "identity",
        "spec_version": "2.1",
        "id": _AUTHOR,
        "created": _MADE,
        "modified": _MADE,
        "name": "tocsin",
        "identity_class": "system",
    }
    extension: Object = {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": EXTENSION,
        "created_by_ref": _AUTHOR,
        "created": _MADE,
        "modified": _MADE,
        "name": "AI incident",
        "description": "What one organisation says of an incident in which AI has a part.",
        "schema": compact(schema()),
        "version": VERSION,
        "extension_types": ["property-extension"],
    }
    return extension, identity


def extension_of(account: Account) -> Object:
    """An account, as it stands in an incident."""
    said: Object = msgspec.to_builtins(account)
    return {"extension_type": "property-extension", **said}


def account_in(incident: Object) -> Account | None:
    """The account in an incident; None if there is none, or it is not of the schema."""
    extensions = incident.get("extensions")
    extension = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    if not isinstance(extension, dict) or extension.get("extension_type") != "property-extension":
        return None
    return read_account({key: value for key, value in extension.items() if key != "extension_type"})


def _public(part: object) -> Json:
    """A part of the schema as others write it: their patterns, and no null, which STIX does not have."""
    match part:
        case {"anyOf": [dict() as given, {"type": "null"}]}:
            return _public(given)
        case dict():
            return {str(key): _public(value) for key, value in part.items() if key != "title"}
        case list():
            return [_public(value) for value in part]
        case str():
            return part.replace(r"\Z", "$")
        case int() | float() | bool() | None:
            return part
        case _:
            return str(part)
