"""What is said of 22 May 2023, when a false picture of an explosion near the Pentagon went round.

- It is what was published about it. A minute stands here only if a source gives it; what is not established,
  or told in different ways, is said to be so in the record itself. Washington was four hours behind UTC.
"""

from datetime import UTC, datetime

from tocsin.cli.demo.script.cast import (
    GARAM,
    MERBAU,
    MINATO,
    POMIR,
    YUNSHAN,
    Published,
    Reported,
    Said,
)


def on_the_day(hour: int = 0, minute: int = 0) -> datetime:
    """A minute of that day, in UTC; the day itself where none is known."""
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
        on_the_day(12, 42),
        "minute",
        "who made the picture; and who was first, since Politico names another account.",
        (_ABC, _NEWSALTITUDE, _POLITICO),
    ),
    Reported(
        GARAM,
        "The broadcaster RT posts “reports of an explosion near the Pentagon” to more than three million "
        "followers. It deletes the post later.",
        on_the_day(14, 3),
        "minute",
        "when it was deleted.",
        (_NEWSALTITUDE, _AP, _DAILY_NEWS_PLANET),
    ),
    Reported(
        MINATO,
        "A business news account with 650,000 followers passes the post on.",
        on_the_day(14, 6),
        "minute",
        "how many had seen it by then.",
        (_IFLSCIENCE,),
    ),
    Reported(
        POMIR,
        "Nick Waters of Bellingcat: the fence melds into the barriers; there is no other picture, no video, "
        "no witness.",
        on_the_day(),
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
        on_the_day(),
        "day",
        "the minute. One source has it around 14:30 UTC, another at 15:27 UTC.",
        (_NPR, _DONUT, _N_SEIKEI),
    ),
)

MARKET_AT = on_the_day(14, 10)
FEED = _SNOPES
"""Where Garam has it from, and the two who cite the same; one of them found it under another address."""
SAME_FEED = ((MERBAU, FEED.url), (YUNSHAN, f"{FEED.url}?utm_source=wire"))
FROM_ANOTHER = MINATO
"""Who has it from Garam."""
LOOKED = (POMIR, _POWER_ORLANDO, "AP counts about 0.3 % itself.")
"""Who has it from somebody who counted anew."""

DISPATCH = _AP
"""Where three have it from who say what it was: one dispatch, which they found under three addresses."""
