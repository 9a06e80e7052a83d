"""One request by one person: what they sent, and how they are answered."""

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tocsin.cases.telling import Language
from tocsin.web.languages import LANGUAGES
from tocsin.web.serving import forms
from tocsin.web.serving.errors import MalformedForm, NotSignedIn
from tocsin.web.serving.headers import OF_PAGES
from tocsin.web.serving.person import Person, Role, Signed
from tocsin.web.serving.static import Assets

_ZIPPED_FROM_BYTES: Final = 2_048
_ZIP_LEVEL: Final = 2

Query = TypeVar("Query", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Site:
    """What is the same for all visits: templates, files, the address, and the name of whose console it is.

    `moment` gives the newest number of what happens (`web.live`); `slots` what stands above pages, by its id.
    """

    templates: Environment
    assets: Assets
    origin: str
    name: str
    moment: Callable[[], str] = str
    slots: Mapping[str, Callable[["Visit"], str]] = field(default_factory=dict)

    @property
    def over_tls(self) -> bool:
        """Whether browsers reach it by TLS."""
        return self.origin.startswith("https://")


@dataclass(slots=True)
class Visit:
    """One request. `signed` is None for who is not signed in; `fields` are those of a form that was sent.

    `moment` is the number of what had happened when it came: a page shows that, and perhaps more.
    """

    request: Request
    site: Site
    language: Language
    signed: Signed | None
    body: bytes = b""
    fields: Mapping[str, list[str]] = field(default_factory=dict)
    moment: str = ""

    @property
    def path(self) -> Mapping[str, str]:
        """What stood in the path, by name, as text."""
        return {name: str(value) for name, value in self.request.path_params.items()}

    @property
    def url_path(self) -> str:
        """The whole path."""
        return self.request.url.path

    @property
    def person(self) -> Person:
        """Who is signed in. Raises NotSignedIn."""
        if self.signed is None:
            raise NotSignedIn
        return self.signed.person

    @property
    def partial(self) -> bool:
        """Whether a part of a page is asked for, by htmx, not a whole page."""
        return self.request.headers.get("hx-request") == "true"

    def may(self, role: Role) -> bool:
        """Whether whoever looks has that role."""
        return self.signed is not None and role in self.signed.person.roles

    def say(self, key: str, **values: object) -> str:
        """A sentence of ours in the reader's language."""
        return self.language.say(key, **values)

    def form(self, kind: type[Query]) -> Query:
        """The form that was sent. Raises MalformedForm."""
        return forms.convert(self.fields, kind)

    def query(self, kind: type[Query]) -> Query:
        """What stands behind the question mark. Raises MalformedForm."""
        given: dict[str, list[str]] = {}
        for name, value in self.request.query_params.multi_items():
            given.setdefault(name, []).extend([value] if value else [])
        return forms.convert(given, kind)

    def json(self, kind: type[Query]) -> Query:
        """The body, sent by a script of ours as JSON. Raises MalformedForm."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedForm(f"{error}.") from None

    def text(self, template: str, **values: object) -> str:
        """A template as text: a whole page, or a part of one."""
        return self.site.templates.get_template(template).render(
            values,
            visit=self,
            language=self.language,
            languages=LANGUAGES,
            Role=Role,
            say=self.language.say,
            word=self.language.word,
            tongue=self.language.tongue,
            listed=self.language.listed,
            asset=self.site.assets.url,
        )

    def render(self, template: str, *, status: int = 200, **values: object) -> Response:
        """A page, or a part of one."""
        return self.html(self.text(template, **values), status)

    def html(self, text: str, status: int = 200) -> Response:
        """Markup as an answer, packed if that is worth it."""
        data = text.encode()
        headers = dict(OF_PAGES)
        if len(data) >= _ZIPPED_FROM_BYTES and "gzip" in self.request.headers.get("accept-encoding", ""):
            data = gzip.compress(data, _ZIP_LEVEL, mtime=0)
            headers["content-encoding"] = "gzip"
        return Response(data, status, headers, media_type="text/html")

    def go(self, path: str) -> Response:
        """On to another page, after something was done (RFC 9110, section 15.4.4)."""
        return RedirectResponse(path, 303, OF_PAGES)
