"""Accounts: people who may use this console, and with what they show that it is them.

An account is one document. Whoever reads it reads what holds now; whoever changes it does so within one
transaction, of which these are the rules:

- A name is the account's alone, however it is written; it is legible, and has 1 to 64 characters.
- Once somebody could see to people, somebody always can: an administrator who is not suspended.
- An account has a way to sign in, always.
- There is no way to delete one: who did what stays with a name. It is suspended.
"""

import unicodedata
from collections.abc import Callable, Iterable
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec.structs import replace

from tocsin.core.legible import is_legible
from tocsin.core.records.common import Slug
from tocsin.log.committer import Committer
from tocsin.log.store import Store
from tocsin.node.alerting.desks import zone
from tocsin.web.languages import LANGUAGES
from tocsin.web.people.errors import (
    ConsoleFull,
    LastAdministrator,
    LastCredential,
    MalformedAccount,
    NameTaken,
    NoSuchAccount,
)
from tocsin.web.serving.person import Person, Role, Theme

SPACE: Final = "console/accounts"
MAX_ACCOUNTS: Final = 500
MAX_CREDENTIALS: Final = 16
MAX_NAME_CHARACTERS: Final = 64
ACCOUNT_ID_BYTES: Final = 16


class Passkey(msgspec.Struct, frozen=True, kw_only=True, tag="passkey", tag_field="kind"):
    """A WebAuthn credential. `data` is its attested credential data, which has the public key in it.

    `label` says where it was made, `counter` is the last that it signed. `synced`: it can be copied.
    """

    id: bytes
    data: bytes
    counter: int
    synced: bool
    label: str
    made_at_ms: int


class SignInKey(msgspec.Struct, frozen=True, kw_only=True, tag="key-file", tag_field="kind"):
    """The public half of a key file, an Ed25519 key, which is also its id."""

    id: bytes
    label: str
    made_at_ms: int


Credential: TypeAlias = Passkey | SignInKey


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may use this console. `role_name` is how records name them. Raises MalformedAccount.

    `roles` are those besides *reader*, which everyone has.
    """

    id: str
    name: str
    role_name: Slug
    roles: tuple[Role, ...]
    language: str
    zone: str = "UTC"
    theme: Theme = "system"
    suspended: bool = False
    made_at_ms: int
    credentials: Annotated[tuple[Credential, ...], msgspec.Meta(max_length=MAX_CREDENTIALS)]

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise MalformedAccount(f"Expected one of the languages {', '.join(LANGUAGES)}, found another.")
        if zone(self.zone) is None:
            raise MalformedAccount(f"Expected a time zone such as Asia/Seoul, found {self.zone[:64]!r}.")

    @property
    def person(self) -> Person:
        """Who that is, for pages."""
        return Person(
            id=self.id,
            name=self.name,
            role_name=self.role_name,
            roles=frozenset({Role.READER, *self.roles}),
            language=self.language,
            zone=self.zone,
            theme=self.theme,
        )

    def with_settings(self, language: str, zone: str, theme: Theme) -> "Account":
        """The same account, shown otherwise to its person. Raises MalformedAccount."""
        return replace(self, language=language, zone=zone, theme=theme)

    @property
    def administers(self) -> bool:
        """Whether they can see to people."""
        return Role.ADMINISTRATOR in self.roles and not self.suspended


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Account)


class Accounts:
    """The accounts of one console."""

    def __init__(self, store: Store, committer: Committer) -> None:
        self._store = store
        self._committer = committer

    def find(self, account_id: str) -> Account | None:
        """The account of that id."""
        data = self._store.document(SPACE, account_id)
        return None if data is None else _DECODER.decode(data)

    def get(self, account_id: str) -> Account:
        """The account of that id. Raises NoSuchAccount."""
        if (account := self.find(account_id)) is None:
            raise NoSuchAccount
        return account

    def named(self, name: str) -> Account:
        """The account of that name. Raises NoSuchAccount."""
        for account in self.all():
            if _folded(account.name) == _folded(name):
                return account
        raise NoSuchAccount(f"Expected the name of an account, found {name[:MAX_NAME_CHARACTERS]!r}.")

    def all(self) -> list[Account]:
        """Every account, by name."""
        accounts = map(_DECODER.decode, self._store.documents(SPACE).values())
        return sorted(accounts, key=lambda account: (_folded(account.name), account.id))

    async def change(self, account_id: str, change: Callable[[Account], Account]) -> Account:
        """Put what `change` makes of an account in its place, durably.

        Raises NoSuchAccount, and what `put` and the change raise.
        """

        def job() -> Account:
            changed = change(self.get(account_id))
            self.put(changed)
            return changed

        return await self._committer.submit(job)

    def put(self, account: Account) -> None:
        """Keep an account, new or changed; within a transaction.

        (1) a way to sign in: LastCredential; (2) a name of its own: NameTaken; (3) not too many: ConsoleFull;
        (4) an administrator, where there was one: LastAdministrator.
        """
        others = [one for one in self.all() if one.id != account.id]
        before = self.find(account.id)
        # (1) a way in
        if not account.credentials:
            raise LastCredential
        # (2) the name
        check_free(account.name, others)
        # (3) how many
        if before is None and len(others) >= MAX_ACCOUNTS:
            raise ConsoleFull(f"Expected at most {MAX_ACCOUNTS} accounts, found one more.")
        # (4) an administrator
        if before and before.administers and not any(one.administers for one in (*others, account)):
            raise LastAdministrator
        self._store.put_document(SPACE, account.id, _ENCODER.encode(account))


def check_free(name: str, others: Iterable[Account]) -> None:
    """That none of the others has this name. Raises NameTaken."""
    if _folded(name) in {_folded(other.name) for other in others}:
        raise NameTaken


def name_of(text: str) -> str:
    """The name that somebody typed. Raises MalformedAccount."""
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not 1 <= len(name) <= MAX_NAME_CHARACTERS:
        raise MalformedAccount(
            f"Expected a name of 1 to {MAX_NAME_CHARACTERS} characters, found {len(name)}."
        )
    if not all(map(is_legible, name)):
        raise MalformedAccount("Expected a name that can be read, found invisible characters in it.")
    return name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
