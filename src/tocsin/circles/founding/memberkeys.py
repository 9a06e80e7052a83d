"""A member's own secret keys in one circle and epoch (docs/protocol.md, section 2).

The organisation key is not among them: it stays offline. Nor is the TLS key, which is the node's.
"""

from dataclasses import dataclass
from typing import Self

from tocsin.circles.errors import KeyReused
from tocsin.core.clock import Chance
from tocsin.core.errors import MalformedKey
from tocsin.core.keys import SignatureType, SigningKey, VerifyingKey
from tocsin.core.names import LogName


@dataclass(frozen=True, slots=True)
class MemberKeys:
    """The keys with which a node writes `log`, holds and witnesses the others', and signs its requests.

    Raises MalformedKey for a key of another name or type, KeyReused for one key in two places.
    """

    log_name: LogName
    log: SigningKey
    holder: SigningKey
    witness: SigningKey
    request: SigningKey

    def __post_init__(self) -> None:
        found = [(key.verifying.name, key.verifying.type) for key in self._keys()]
        if found != list(_named(self.log_name)):
            raise MalformedKey(f"Expected the four keys of {self.log_name}, found {found}.")
        if len({key.verifying.public for key in self._keys()}) < len(found):
            raise KeyReused(f"Expected four different keys of {self.log_name}, found one twice.")

    @classmethod
    def generate(cls, log_name: LogName, chance: Chance) -> Self:
        """Four new keys."""
        return cls(log_name, *(SigningKey.generate(name, kind, chance) for name, kind in _named(log_name)))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The keys that `encode_unsafe` wrote. Raises MalformedKey, MalformedName or KeyReused."""
        lines = text.splitlines()
        if len(lines) != 4:
            raise MalformedKey(f"Expected four secret keys, one on each line, found {len(lines)} lines.")
        keys = [SigningKey.parse(line) for line in lines]
        return cls(LogName.parse(keys[0].verifying.name), *keys)

    def encode_unsafe(self) -> str:
        """The four secrets, one on each line: whoever reads this text can write as this member."""
        return "".join(f"{key.encode_unsafe()}\n" for key in self._keys())

    def public(self) -> tuple[VerifyingKey, ...]:
        """Their public halves, in the order in which `Member.online_keys` has them."""
        return tuple(key.verifying for key in self._keys())

    def _keys(self) -> tuple[SigningKey, ...]:
        return self.log, self.holder, self.witness, self.request


def _named(log: LogName) -> tuple[tuple[str, SignatureType], ...]:
    return (
        (str(log), SignatureType.ED25519),
        (log.holder, SignatureType.COSIGNATURE),
        (log.witness, SignatureType.COSIGNATURE),
        (log.request, SignatureType.ED25519),
    )
