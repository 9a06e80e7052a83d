"""Records in JSON, with the names by which they are typed."""

from typing import Any, Final

import msgspec

_REF: Final = {"entry", "index", "log"}


def named(value: object) -> Any:  # noqa: ANN401 - what is built in
    """The same as JSON has it, and in each reference the `name` that commands take, such as birch.1.12."""
    return _named(msgspec.to_builtins(value))


def _named(value: Any) -> Any:  # noqa: ANN401 - what is built in
    if isinstance(value, list | tuple):
        return [_named(one) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == _REF:
        member, epoch = value["log"].split("/")[-2:]
        return {"name": f"{member}.{epoch}.{value['index']}", **value}
    return {key: _named(one) for key, one in value.items()}
