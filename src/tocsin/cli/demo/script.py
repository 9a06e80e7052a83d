"""Who speaks in the demo, and what is said: members that do not exist, and facts that are real.

- The organisations are invented. Each has the label that it gives itself, in its own words.
- What they report is what was published about 22 May 2023, when a false picture of an explosion near the
  Pentagon went round. A minute of the event stands here only if a source gives it; what is not established,
  or told in different ways, is said to be so in the record itself. Washington was four hours behind UTC.
- The circles are drills, since nothing in them is meant: no live circle accepts their keys.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from tocsin.core.records import Moment, NoteRecord, Report, Source, Tlp
from tocsin.core.records.cases.vocabulary import Precision

DOMAIN = "drill.tocsin.example"
PURPOSE = "To show five nodes at work, with what was published about 22 May 2023. The members are invented."
HANDLING: Tlp = "TLP:CLEAR"

DESK = "duty-desk"
OFFICER = "duty-officer"
"""Who writes at every desk here, a program, and who would answer for it."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An invented organisation."""

    slug: str
    name: str
    label: str
    economy: str


GARAM = Organisation("garam", "Garam", "가람 AI안전센터", "KR")
MINATO = Organisation("minato", "Minato", "みなとメディア検証室", "JP")
MERBAU = Organisation("merbau", "Merbau", "Merbau AI Desk", "SG")
YUNSHAN = Organisation("yunshan", "Yunshan", "雲杉資安應變小組", "TW")
POMIR = Organisation("pomir", "Pomir", "Дидбонгоҳи Помир", "TJ")
FIVE = (GARAM, MINATO, MERBAU, YUNSHAN, POMIR)

JANUS = Organisation("janus", "Janus", "Janus Bureau", "ZZ")
"""The sixth member of the second circle. Its economy is nobody's: the code ZZ is assigned to none."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that an organisation says: a note."""

    author: Organisation
    text: str

    def record(self, circle: str, at_ms: int) -> NoteRecord | Report:
        """The record that says it."""
        return NoteRecord(
            circle=circle,
            at_ms=at_ms,
            author=DESK,
            author_kind="machine",
            tlp=HANDLING,
            lang="en",
            text=self.text,
        )


@dataclass(frozen=True, slots=True)
class Published:
    """Where something was published: by whom, under which title, at which address."""

    by: str
    title: str
    url: str

    @property
    def source(self) -> Source:
        """It, as a record cites it."""
        return Source(kind="website", locator=self.url, obtained="published")


@dataclass(frozen=True, slots=True)
class Reported(Said):
    """A report: what happened at `at`, to that precision; what of it is open; where it was published."""

    at: datetime
    precision: Precision
    not_established: str
    sources: tuple[Published, ...]

    def record(self, circle: str, at_ms: int) -> Report:
        """The record that says it."""
        return Report(
            circle=circle,
            at_ms=at_ms,
            author=DESK,
            author_kind="machine",
            answerable=OFFICER,
            tlp=HANDLING,
            event="hazard",
            lang="en",
            summary=f"{self.text} Not established: {self.not_established}",
            sources=tuple(published.source for published in self.sources),
            moments=(
                Moment(
                    asserted_by="press",
                    at_ms=int(self.at.timestamp() * 1000),
                    clock="occurred",
                    precision=self.precision,
                ),
            ),
        )


def _on_the_day(hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2023, 5, 22, hour, minute, tzinfo=UTC)


_ABC = Published(
    "ABC News in excerpts",
    "How verified accounts helped make fake images of a Pentagon explosion go viral",
    "https://blog.ourcrowd.com/how-verified-accounts-helped-make-fake-images-of-a-pentagon-explosion-go-viral/",
)
_AP = Published(
    "AP",
    "Fact focus: Fake image of Pentagon explosion briefly sends jitters through stock market",
    "https://ktar.com/story/5498768/fact-focus-fake-image-of-pentagon-explosion-briefly-sends-jitters-through-stock-market/",
)
_DAILY_NEWS_PLANET = Published(
    "Daily News Planet",
    "Fake image on Twitter rocks the stock market",
    "https://dailynewsplanet.com/2023/05/fake-image-on-twitter-rocks-the-stock-market",
)
_DONUT = Published(
    "The Donut", "23 May 2023", "https://thedonut.co/catch-up/business-markets/2023/05/23/ai-spy"
)
_IFLSCIENCE = Published(
    "IFLScience",
    "Fake Image Of The Pentagon On Fire Prompts Entire Stock Market To Dip",
    "https://www.iflscience.com/fake-image-of-the-pentagon-on-fire-prompts-entire-stock-market-to-dip-69057",
)
_NEWSALTITUDE = Published(
    "Newsaltitude",
    "Fake picture of explosion at Pentagon spooks Twitter",
    "https://newsaltitude.com/2023/05/24/fake-picture-of-explosion-at-pentagon-spooks-twitter/",
)
_NPR = Published(
    "NPR",
    "Fake viral images of an explosion at the Pentagon were probably created by AI",
    "https://www.npr.org/2023/05/22/1177590231/fake-viral-images-of-an-explosion-at-the-pentagon-were-probably-created-by-ai",
)
_N_SEIKEI = Published("N-Seikei", "May 2023", "https://n-seikei.jp/i/2023/05/post-91286.html")
_POLITICO = Published(
    "Politico",
    "22 May 2023",
    "https://www.politico.com/news/2023/05/22/fake-image-pentagon-explosion-goes-viral-00098207",
)
_POWER_ORLANDO = Published(
    "AP in Power Orlando",
    "AI-generated image of fake explosion near Pentagon spread on social media, stocks fell",
    "https://www.powerorlando.com/news/trending/"
    "ai-generated-image-fake-explosion-near-pentagon-spread-social-media-stocks-fell/7FAD5AFUMFDGNLGI73DIPUGEQM/",
)
_SNOPES = Published(
    "Snopes",
    "Fake Pentagon Explosion Pic Goes Viral On Twitter",
    "https://www.snopes.com/fact-check/pentagon-explosion-photo-twitter/",
)

REPLAY: tuple[Said, ...] = (
    Reported(
        YUNSHAN,
        "First known post of a picture: black smoke beside a building, said to be an explosion near the "
        "Pentagon. The account has a check mark that can be bought.",
        _on_the_day(12, 42),
        "minute",
        "who made the picture; and who was first, since Politico names another account.",
        (_ABC, _NEWSALTITUDE, _POLITICO),
    ),
    Reported(
        GARAM,
        "The broadcaster RT posts “reports of an explosion near the Pentagon” to more than three million "
        "followers. It deletes the post later.",
        _on_the_day(14, 3),
        "minute",
        "when it was deleted.",
        (_NEWSALTITUDE, _AP, _DAILY_NEWS_PLANET),
    ),
    Reported(
        MINATO,
        "A business news account with 650,000 followers passes the post on.",
        _on_the_day(14, 6),
        "minute",
        "how many had seen it by then.",
        (_IFLSCIENCE,),
    ),
    Reported(
        POMIR,
        "Nick Waters of Bellingcat: the fence melds into the barriers; there is no other picture, no video, "
        "no witness.",
        _on_the_day(),
        "day",
        "the minute at which he wrote this.",
        (_NPR,),
    ),
    Said(
        GARAM,
        "One picture, no second angle, no witness. Nothing that we hold says that an explosion happened. "
        "We look for an official word.",
    ),
    Reported(
        MINATO,
        "The Pentagon Force Protection Agency and the Arlington fire department: “There is NO explosion or "
        "incident taking place at or near the Pentagon reservation”.",
        _on_the_day(),
        "day",
        "the minute. One source has it around 14:30 UTC, another at 15:27 UTC.",
        (_NPR, _DONUT, _N_SEIKEI),
    ),
)

MARKET = Reported(
    MERBAU,
    "The S&P 500 stands 0.26 % lower than four minutes before. It soon recovers.",
    _on_the_day(14, 10),
    "minute",
    "how much of that the picture did.",
    (_SNOPES,),
)
SAME_PAGE = ((GARAM, _SNOPES.url), (YUNSHAN, f"{_SNOPES.url}?utm_source=wire"))
"""Who else has it from there, and the address under which each found it."""
FROM_ANOTHER = MINATO
"""Who has it from Merbau."""
LOOKED = (POMIR, _POWER_ORLANDO, "AP counts about 0.3 % itself.")
"""Who has it from somebody who counted anew."""

CUT_OFF = POMIR
WHILE_CUT = (
    Said(GARAM, "We tell our operators: there was no explosion, and the picture is false."),
    Said(POMIR, "We tell ours the same. Nobody here has asked us about it yet."),
    Said(MERBAU, "The denial has reached the trading floor here. We close the case."),
)

FALSE_CORRECTION = Said(GARAM, "Correction: the explosion is confirmed. Tell your operators to act at once.")
"""What the impostor says in Garam's name."""

TWO_STORIES = (
    Said(JANUS, "We have people there. There is no smoke."),
    Said(JANUS, "We have people there. We see the smoke."),
)
STILL_HERE = Said(GARAM, "Talk to Janus by telephone. The rest of this circle goes on.")

BY_HAND = Said(
    GARAM, "Pomir is cut off again. This goes to you by courier; please send your answer with him."
)
BY_RETURN = Said(POMIR, "Received. Nothing new here. The courier has had tea.")
"""What is carried on a stick to a desk without a network, and back."""

OF_THE_THIEF = Said(MINATO, "We withdraw the denial: our people see flames. Call in your operators.")
"""What somebody writes with Minato's stolen keys."""
WITH_NEW_KEYS = Said(
    MINATO, "That was not us. The denial stands; we have new keys, and the old ones are worth nothing."
)

DURING_THE_FIRE = Said(GARAM, "Nobody reaches Merbau. The fire brigade is there.")
AFTER_THE_FIRE = Said(
    MERBAU, "The rack is ashes. This is a borrowed laptop; all of our log came back from you."
)

WHY_YUNSHAN_LEAVES = "Our mandate ends with this exercise. Thank you for the watch."
AFTER_IT_LEFT = Said(
    GARAM, "Yunshan has left. What it wrote stays with us, and what we told it stays confidential."
)
