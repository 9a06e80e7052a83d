"""Which part of a case is looked at: in which order, what of it, and from where on."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.core.records.common import Slug
from tocsin.node.api.cases.types import RecordName

Order = Literal["newest", "causal"]


class Look(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The timeline's `order`; only what is of this `kind`, and of this `member`; what comes `after` a record.

    `received`: with who has what, however long that takes.
    """

    order: Order = "newest"
    kind: Annotated[str, Meta(pattern=r"^[a-z]{1,32}\Z")] | None = None
    member: Slug | None = None
    after: RecordName | None = None
    received: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is the timeline from its newest record on, with nothing left out."""
        return self.order == "newest" and self.kind is None and self.member is None and self.after is None

    def address(self, path: str, **other: object) -> str:
        """Where this look is to be had, with some of it otherwise."""
        fields = {"order": self.order, "kind": self.kind, "member": self.member, "after": self.after, **other}
        told = [
            f"{name}={value}"
            for name, value in fields.items()
            if value is not None and (name, value) != ("order", "newest")
        ]
        return f"{path}?{'&'.join(told)}" if told else path
