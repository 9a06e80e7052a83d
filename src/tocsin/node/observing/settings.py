"""What an operator decides about observations: `[observing]` (docs/configuration.md)."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from tocsin.cases.matching import Grant, Policy
from tocsin.core.records.common import Slug

Names = Annotated[Mapping[str, str], msgspec.Meta(max_length=1_000)]


class ObservingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[observing]`: sensors to run, what a machine may answer, names that mean one, and the model."""

    sensors: tuple[Slug, ...] = ()
    grants: tuple[Grant, ...] = ()
    aliases: Names = {}
    meaning: bool = True

    def __post_init__(self) -> None:
        Policy(grants=self.grants)

    @property
    def policy(self) -> Policy:
        """What a machine may answer."""
        return Policy(grants=self.grants)
