"""The parts of a MISP event that are looked into. All others are carried as they are."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from tocsin.cases.formats.errors import MalformedFile
from tocsin.cases.formats.trees import Json
from tocsin.core.errors import problem_of

_Uuid = Annotated[str, Meta(pattern=r"^[0-9a-fA-F-]{36}\Z")]


class Organisation(Struct, frozen=True):
    """Who made an event."""

    name: str | None = None


class Sighting(Struct, frozen=True):
    """0: seen; 1: a false positive; 2: no more."""

    type: str | int = "0"
    uuid: str | None = None


class Attribute(Struct, frozen=True):
    """A value of a type; in an object, `relation` says what it is there."""

    type: str
    value: str | int | float | bool | None = None
    category: str | None = None
    relation: str | None = field(default=None, name="object_relation")
    deleted: bool | int | str | None = None
    sightings: tuple[Sighting, ...] | None = field(default=None, name="Sighting")

    @property
    def text(self) -> str:
        """Its value; nothing of one that was deleted."""
        return self.value if isinstance(self.value, str) and self.deleted in {None, False, "0"} else ""


class Object(Struct, frozen=True):
    """Attributes that belong together."""

    name: str
    uuid: str | None = None
    template: str | None = field(default=None, name="template_uuid")
    deleted: bool | int | str | None = None
    attributes: tuple[Attribute, ...] | None = field(default=None, name="Attribute")


class Event(Struct, frozen=True):
    """An event."""

    uuid: _Uuid
    info: str
    date: str | None = None
    organisation: Organisation | None = field(default=None, name="Orgc")
    attributes: tuple[Attribute, ...] | None = field(default=None, name="Attribute")
    objects: tuple[Object, ...] | None = field(default=None, name="Object")
    sightings: tuple[Sighting, ...] | None = field(default=None, name="Sighting")


def event_in(value: Json, path: str) -> Event:
    """The event that stands at `path`. Raises MalformedFile."""
    try:
        return msgspec.convert(value, Event)
    except msgspec.ValidationError as error:
        raise MalformedFile(f"Expected a MISP event at {path or '/'}: {problem_of(error)}") from None
