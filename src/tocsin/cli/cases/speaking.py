"""What all commands share that write a record of a case: who says it, in which circle, and what is said then.

With `--sign-with` the node drafts the record, the officer's key signs it here, and the node writes it so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TypedDict, TypeVar, get_args

import click

from tocsin.cli.cases.parsing import Role, TranslationType
from tocsin.cli.options import as_here, circle_option, config_option, file_option, json_option
from tocsin.cli.reaching import chosen, log_of
from tocsin.cli.records.confirming import confirmed_by, urgency_options
from tocsin.cli.records.note import text_of
from tocsin.cli.terminal import json_text, say_next, shown, strong, typed
from tocsin.core.errors import MalformedKey, MalformedName, Refusal, quoted
from tocsin.core.keys import SigningKey
from tocsin.core.names import LogName
from tocsin.core.records import (
    AuthorKind,
    Place,
    Record,
    Ref,
    Report,
    Tlp,
    Translation,
    parse_record,
    sign_record,
)
from tocsin.node.api.cases.types import SayOfCase
from tocsin.node.api.checks.types import SayOfCheck
from tocsin.node.api.types import CircleState, Say, SayRecord, Written
from tocsin.node.caseclient import CaseClient
from tocsin.node.client import Client
from tocsin.node.config import load_config
from tocsin.node.errors import KeysMissing
from tocsin.node.folder import read_secret

OFFICER = "duty-officer"
_LOOK = "Next: see with `tocsin case list` and `tocsin case show` what there is."
_Decorated = TypeVar("_Decorated", bound=Callable[..., object])


class NoCase(Refusal):
    """This is not the name of a record that is about a case."""

    code = "no-case"


class By(TypedDict):
    """Who says it, as the types of the machine API take it."""

    author: str
    author_kind: AuthorKind
    answerable: str | None


class Marked(By):
    """And who may pass it on."""

    tlp: Tlp | None


class Text(TypedDict):
    """Free text, if there is any."""

    text: str | None
    lang: str | None
    translations: tuple[Translation, ...] | None


class Summary(TypedDict):
    """The same, as reports have it."""

    summary: str | None
    lang: str | None
    translations: tuple[Translation, ...] | None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks at this node, in one circle."""

    client: CaseClient
    state: CircleState
    by: Marked
    lang: str
    key: SigningKey | None
    urgent: bool
    wait_s: float
    as_json: bool

    def in_words(self, text: Text) -> Text:
        """The text, in the desk's language unless another is named."""
        lang = None if text["text"] is None else text["lang"] or self.lang
        return Text(text=text["text"], lang=lang, translations=text["translations"])

    def summary(self, text: Text) -> Summary:
        """The text as the summary of a report."""
        told = self.in_words(text)
        return Summary(summary=told["text"], lang=told["lang"], translations=told["translations"])

    def write(self, say: SayOfCase | SayOfCheck) -> Written:
        """Write it, signed if there is a key."""
        wish: Say = say
        if self.key is not None:
            drafted = parse_record(self.client.draft(self.state.id, say)).record
            wish = SayRecord(record=sign_record(drafted, self.key))
        return self.client.write(self.state.id, wish, urgent=self.urgent)

    def say(self, say: SayOfCase | SayOfCheck, what: str, **more: object) -> str:
        """Write it, and tell of it. Returns what it is called."""
        return self.tell(self.write(say), what, **more)

    def tell(self, written: Written, what: str, **more: object) -> str:
        """What was written is called so, and these have received it. Returns what it is called."""
        name = name_of(written)
        if not self.as_json:
            title = shown(self.state.title)
            click.echo(f"{strong('Durable here')} as {strong(name)}, {shown(what)}, in {title}.")
        by = confirmed_by(self.client, self.state.id, written.index, self.wait_s, shows=not self.as_json)
        if self.as_json:
            told = {"circle": self.state.id, "record": name, "log": written.log, "index": written.index}
            click.echo(json_text(told | {"confirmed_by": by} | more))
        return name

    def nothing(self, what: str, **more: object) -> None:
        """Nothing was to be written, for that reason."""
        told = {"circle": self.state.id, "record": None} | more
        click.echo(json_text(told) if self.as_json else shown(what))

    def next(self, words: str, command: str = "") -> None:
        """To a person: what to do next."""
        if not self.as_json:
            say_next(words, as_here(command) if command else "")

    def case_of(self, *names: str) -> str:
        """The case that these records are about. Raises NoCase."""
        return case_of(self.client, self.state, *names)


def place_of(state: CircleState, name: str) -> Place:
    """Where the record of that name stands. Raises NonMember."""
    member, epoch, index = name.split(".")
    return Place(log=log_of(state, member, int(epoch)), index=int(index))


def case_of(client: CaseClient, state: CircleState, *names: str) -> str:
    """The case that these records are about. Raises NoCase."""
    cases = {_case_of(client, state, name) for name in names}
    if len(cases) > 1:
        raise NoCase(
            f"Expected records of one case, found those of {', '.join(sorted(cases))}. "
            "Next: do it for each case by itself."
        )
    return cases.pop()


def record_of(client: Client, state: CircleState, name: str) -> Record:
    """The record of that name. Raises NoCase."""
    place = place_of(state, name)
    found = client.records(state.id, place.log, place.index, 1).records
    if not found or found[0].record is None:
        raise NoCase(f"Expected a record that can be read here, found none of the name {name}. {_LOOK}")
    return found[0].record


def _case_of(client: CaseClient, state: CircleState, name: str) -> str:
    try:
        record = record_of(client, state, name)
    except NoCase:
        # A case goes on without the report that opened it, if that was erased.
        if _goes_on(client, state, name):
            return name
        raise
    case = getattr(record, "case", None)
    if isinstance(case, Ref):
        return str(case)
    if isinstance(record, Report):
        return name
    raise NoCase(f"Expected a record that is about a case, found {name}: a {record.kind}. {_LOOK}")


def _goes_on(client: CaseClient, state: CircleState, name: str) -> bool:
    """Whether that is a case, if perhaps one whose first report cannot be read."""
    try:
        client.case(state.id, name)
    except Refusal as refusal:
        if refusal.code in ("unknown-case", "unknown-record"):
            return False
        raise
    return True


def name_of(written: Written) -> str:
    """How people name what was written."""
    return LogName.parse(written.log).record(written.index)


def speaking(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that writes. The command is given them as one `speaker`."""

    @wraps(command)
    def spoken(
        *,
        author: str | None,
        author_kind: AuthorKind,
        answerable: str | None,
        tlp: Tlp | None,
        sign_with: Path | None,
        urgent: bool,
        wait_s: float,
        circle: str | None,
        config_path: Path,
        as_json: bool,
        **others: object,
    ) -> None:
        config = load_config(config_path)
        client = CaseClient(config.api_socket)
        state = chosen(client.status(), circle)
        key = None if sign_with is None else read_officer_key(sign_with, state.log)
        role = key.verifying.name.rpartition("/")[2] if key else OFFICER
        if key and author not in (None, role):
            raise click.UsageError(f"The key of --sign-with signs as {role}: leave --author out.")
        by = Marked(author=author or role, author_kind=author_kind, answerable=answerable, tlp=tlp)
        speaker = Speaker(client, state, by, config.desk.lang, key, urgent, wait_s, as_json)
        command(speaker=speaker, **others)

    for option in reversed(_OPTIONS):
        spoken = option(spoken)
    return spoken


def by_options(command: Callable[..., None]) -> Callable[..., None]:
    """Who says it. The command is given them as one `by`."""

    @wraps(command)
    def told(
        *,
        author: str | None,
        author_kind: AuthorKind,
        answerable: str | None,
        **others: object,
    ) -> None:
        by = By(author=author or OFFICER, author_kind=author_kind, answerable=answerable)
        command(by=by, **others)

    for option in reversed(_BY):
        told = option(told)
    return told


def texts(command: Callable[..., None]) -> Callable[..., None]:
    """The options of free text. The command is given them as one `text`."""

    @wraps(command)
    def told(
        *, text: str | None, lang: str | None, translations: Sequence[Translation], **others: object
    ) -> None:
        command(text=text_in(text, lang, translations), **others)

    option = click.option("--text", help="What there is to say besides; with - it is read.")
    return option(language_options(told))


def language_options(command: _Decorated) -> _Decorated:
    """`--lang` and `--translation`, handed on as `lang` and `translations`."""
    lang = click.option("--lang", help="The language of the text, such as ko.  [default: the desk's]")
    translation = click.option(
        "--translation",
        "translations",
        type=TranslationType(),
        multiple=True,
        metavar="TRANSLATION",
        help='The text in another language: "ko officer duty-officer: …".',
    )
    return lang(translation(command))


def text_in(text: str | None, lang: str | None, translations: Sequence[Translation]) -> Text:
    """Free text, or none."""
    if text is None and (lang or translations):
        raise click.UsageError("--lang and --translation need a text.")
    if text is not None and not text.strip():
        raise click.UsageError("Expected a text, found an empty one. Leave it out, or write what happened.")
    return Text(
        text=None if text is None else text_of(text), lang=lang, translations=tuple(translations) or None
    )


def read_officer_key(path: Path, log: str) -> SigningKey:
    """An officer's key of that log. Raises KeysMissing, UnsafeFile or MalformedKey."""
    if not path.is_file():
        raise KeysMissing(
            f"Expected the key of an officer in {typed(path)}, found no file. "
            "Next: name the file of yours; `tocsin case key` makes one."
        )
    key = SigningKey.parse(read_secret(path).decode("latin-1").strip("\n").rpartition("\n")[2])
    found = key.verifying.name.rpartition("/")[0]
    if found != log:
        raise MalformedKey(
            f"Expected the key of an officer of {_in_short(log)}, found that of one of {_in_short(found)}. "
            "Next: make one for your present log with `tocsin case key`."
        )
    return key


def _in_short(log: str) -> str:
    """A log's name with no more of it than tells it from another of ours."""
    try:
        name = LogName.parse(log)
    except MalformedName:
        return quoted(log)
    return f"{name.member}, epoch {name.epoch}, circle {name.circle[:8]}…"


_BY: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    click.option(
        "--author", type=Role(), metavar="ROLE", help="Who says it, by role.  [default: duty-officer]"
    ),
    click.option(
        "--author-kind",
        type=click.Choice(get_args(AuthorKind)),
        default="officer",
        show_default=True,
        help="What says it.",
    ),
    click.option(
        "--answerable",
        type=Role(),
        metavar="ROLE",
        help="The officer who answers for a machine or an agent.",
    ),
)

_OPTIONS: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
    *_BY,
    click.option(
        "--tlp",
        type=click.Choice(get_args(Tlp)),
        metavar="TLP",
        help="Who may pass it on.  [default: the charter's handling]",
    ),
    file_option("--sign-with", help="The key of the officer who says it."),
    urgency_options,
    circle_option,
    config_option,
    json_option,
)
