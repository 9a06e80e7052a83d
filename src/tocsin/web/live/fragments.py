"""Parts of pages that are made without anybody who asks for one: in a language, for all who read it."""

from typing import Final

from jinja2 import Environment
from markupsafe import Markup

from tocsin.cases.telling import Language

_PARTIAL: Final = Markup('<hx-partial hx-target="#{}" hx-swap="{}">{}</hx-partial>')


class Fragments:
    """Makes them of templates, which know no visit: what they show may be shown to whoever sees the page."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def text(self, language: Language, template: str, **values: object) -> str:
        """A template's text."""
        return self._environment.get_template(template).render(
            values,
            language=language,
            say=language.say,
            word=language.word,
            tongue=language.tongue,
            listed=language.listed,
        )

    def partial(
        self, language: Language, target: str, template: str, /, *, swap: str = "outerMorph", **values: object
    ) -> str:
        """A template's text, to be put where the element with the id `target` is."""
        return str(_PARTIAL.format(target, swap, Markup(self.text(language, template, **values))))  # noqa: S704
