"""What a form sends: `application/x-www-form-urlencoded`, small, strict, and of this very session.

- A field that is sent empty is as if it were not sent; a field that is not known is refused.
- Line ends come as browsers send them, CR LF, and go on as LF.
- To decode one takes many times its room: what is larger than `MOST_BYTES` comes as bytes, by a script.
"""

import hmac
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec

from tocsin.web.serving.errors import ForeignForm, MalformedForm

MOST_BYTES = 4 * 2**20
_MAX_FIELDS = 512
_CSRF = "csrf"

Form = TypeVar("Form", bound=msgspec.Struct)


def fields_of(body: bytes) -> dict[str, list[str]]:
    """The fields of a form, each with all its values that are not empty. Raises MalformedForm."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise MalformedForm(f"Expected the fields of a form, found something else ({error}).") from None
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        values = fields.setdefault(name, [])
        if value:
            values.append(value.replace("\r\n", "\n"))
    return fields


def check_csrf(fields: dict[str, list[str]], expected: str) -> None:
    """That the form is of this session; the field goes. Raises ForeignForm."""
    sent = fields.pop(_CSRF, [])
    if len(sent) != 1 or not hmac.compare_digest(sent[0].encode(), expected.encode()):
        raise ForeignForm


def convert(fields: Mapping[str, list[str]], kind: type[Form]) -> Form:
    """The fields as that struct, whose tuples take several values. Raises MalformedForm."""
    known = {field.name: field.type for field in msgspec.structs.fields(kind)}
    given: dict[str, Any] = {}
    for name, values in fields.items():
        if name not in known:
            raise MalformedForm(f"Expected one of {', '.join(known)}, found a field {name[:64]!r}.")
        if _is_tuple(known[name]):
            given[name] = values
        elif len(values) > 1:
            raise MalformedForm(f"Expected the field {name!r} once, found it {len(values)} times.")
        elif values:
            given[name] = values[0]
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise MalformedForm(f"{error}.") from None


def _is_tuple(kind: object) -> bool:
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        return any(map(_is_tuple, get_args(kind)))
    return _is_tuple(get_args(kind)[0]) if origin is Annotated else origin is tuple
