"""What was published about 22 May 2023, when a false picture of an explosion near the Pentagon went round.

- Facts, sources and minutes of the event are real; that these organisations report them is not.
- A minute stands here only if a source gives it. What is not established, or told in different ways, is said
  to be so in the record itself.
- Times are UTC; Washington was four hours behind.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from tocsin.cli.demo.cast import GARAM, MERBAU, MINATO, POMIR, YUNSHAN, Organisation
from tocsin.core.records import Source


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that an organisation says. With sources it is a report, otherwise a note.

    `at` is when it happened, as far as that is known: to the minute, to the day, or not at all (None).
    """

    author: Organisation
    text: str
    sources: tuple[Source, ...] = ()
    at: datetime | None = None
    precision: Literal["minute", "day"] = "minute"

    @property
    def occurred(self) -> str:
        """When it happened, in words for people."""
        if self.at is None:
            return "no time"
        return f"{self.at:%H:%M} UTC" if self.precision == "minute" else f"{self.at.day} {self.at:%B}"


def _on_the_day(hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2023, 5, 22, hour, minute, tzinfo=UTC)


def _published(title: str, url: str) -> Source:
    return Source(kind="website", locator=f"{title}: {url}")


_ABC = _published(
    "ABC News, How verified accounts helped make fake images of a Pentagon explosion go viral (excerpt)",
    "https://blog.ourcrowd.com/how-verified-accounts-helped-make-fake-images-of-a-pentagon-explosion-go-viral/",
)
_NEWSALTITUDE = _published(
    "Fake picture of explosion at Pentagon spooks Twitter",
    "https://newsaltitude.com/2023/05/24/fake-picture-of-explosion-at-pentagon-spooks-twitter/",
)
_DAILY_NEWS_PLANET = _published(
    "Fake image on Twitter rocks the stock market",
    "https://dailynewsplanet.com/2023/05/fake-image-on-twitter-rocks-the-stock-market",
)
_POLITICO = _published(
    "Politico, 22 May 2023",
    "https://www.politico.com/news/2023/05/22/fake-image-pentagon-explosion-goes-viral-00098207",
)
_AP = _published(
    "AP, Fact focus: Fake image of Pentagon explosion briefly sends jitters through stock market",
    "https://ktar.com/story/5498768/fact-focus-fake-image-of-pentagon-explosion-briefly-sends-jitters-through-stock-market/",
)
_AP_ORLANDO = _published(
    "AP, as reported by Power Orlando",
    "https://www.powerorlando.com/news/trending/ai-generated-image-fake-explosion-near-pentagon-spread-social-media-stocks-fell/7FAD5AFUMFDGNLGI73DIPUGEQM/",
)
_INSIDER = _published(
    "Insider, on the hoax that briefly moved markets",
    "https://www.businessinsider.com/ai-generated-hoax-explosion-pentagon-viral-markets-dipped-2023-5",
)
_IFLSCIENCE = _published(
    "IFLScience, Fake Image Of The Pentagon On Fire Prompts Entire Stock Market To Dip",
    "https://www.iflscience.com/fake-image-of-the-pentagon-on-fire-prompts-entire-stock-market-to-dip-69057",
)
_SNOPES = _published(
    "Snopes, Fake Pentagon Explosion Pic Goes Viral On Twitter",
    "https://www.snopes.com/fact-check/pentagon-explosion-photo-twitter/",
)
_NPR = _published(
    "NPR, Fake viral images of an explosion at the Pentagon were probably created by AI",
    "https://www.npr.org/2023/05/22/1177590231/fake-viral-images-of-an-explosion-at-the-pentagon-were-probably-created-by-ai",
)
_DONUT = _published("The Donut, 23 May 2023", "https://thedonut.co/catch-up/business-markets/2023/05/23/ai-spy")
_N_SEIKEI = _published("n-seikei", "https://n-seikei.jp/i/2023/05/post-91286.html")

SCRIPT = (
    Said(
        YUNSHAN,
        "First known post of a picture: black smoke beside a building, said to be an explosion near the "
        "Pentagon. The account has a paid check mark. Not established: who made the picture. Politico names "
        "another account as the first.",
        (_ABC, _NEWSALTITUDE, _POLITICO),
        _on_the_day(12, 42),
    ),
    Said(
        GARAM,
        "The broadcaster RT posts “reports of an explosion near the Pentagon” to more than three million "
        "followers. It deletes the post later; not established: when.",
        (_NEWSALTITUDE, _AP, _DAILY_NEWS_PLANET),
        _on_the_day(14, 3),
    ),
    Said(
        MINATO,
        "A business news account with some 650,000 followers passes the picture on.",
        (_IFLSCIENCE,),
        _on_the_day(14, 6),
    ),
    Said(
        MERBAU,
        "The S&P 500 is 0.26 % lower than four minutes before. Other counts: 0.29 % (AFP), about 0.3 % (AP). "
        "It soon recovers. Not established: how much of this the picture did.",
        (_IFLSCIENCE, _SNOPES, _AP_ORLANDO),
        _on_the_day(14, 10),
    ),
    Said(
        POMIR,
        "Nick Waters of Bellingcat: the fence melts into the barriers; there is no other picture, no video, "
        "no witness. Not established: the minute at which he wrote this.",
        (_NPR,),
        _on_the_day(),
        "day",
    ),
    Said(
        GARAM,
        "To all desks: one picture, no second angle, no witness. Nothing we hold says that an explosion "
        "happened. We look for an official word.",
    ),
    Said(
        MINATO,
        "The Pentagon's police and the Arlington fire department: “There is NO explosion or incident taking "
        "place at or near the Pentagon reservation.” Not established: the minute. One source says around "
        "14:30 UTC, another 15:27 UTC.",
        (_NPR, _AP_ORLANDO, _DONUT, _N_SEIKEI),
        _on_the_day(),
        "day",
    ),
)
