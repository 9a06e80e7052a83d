"""Who plays: five organisations that do not exist, and one that does not keep to the rules.

Each has the label that it gives itself, in its own words; `name` is how the screen calls it. The circles are
drills, since nothing said in them is meant: no live circle accepts their keys.
"""

from dataclasses import dataclass

DOMAIN = "drill.tocsin.example"
TITLE = "Demonstration: a picture that was not true"
PURPOSE = "To show five nodes at work. It replays what was published about 22 May 2023; the members are invented."


@dataclass(frozen=True, slots=True)
class Organisation:
    """An invented organisation."""

    slug: str
    name: str
    label: str
    economy: str


GARAM = Organisation("garam", "Garam", "가람 인공지능안전센터", "KR")
MINATO = Organisation("minato", "Minato", "みなと合成メディア検証室", "JP")
MERBAU = Organisation("merbau", "Merbau", "Merbau AI Assurance Desk", "SG")
YUNSHAN = Organisation("yunshan", "Yunshan", "雲杉資安應變小組", "TW")
POMIR = Organisation("pomir", "Pomir", "Дидбонгоҳи зеҳни сунъии Помир", "TJ")
FIVE = (GARAM, MINATO, MERBAU, YUNSHAN, POMIR)

TWO_FACED = Organisation("janus", "Janus", "Janus Foundation", "ZZ")
"""The sixth member of the second circle. Nobody's economy: ZZ is assigned to none."""
