"""What to look at in which window, scene by scene, and what to do there."""

from typing import Final

from tocsin.cli.demo.screen import Look

_BOTH: Final = "Both"
_GARAM: Final = "Garam"
_POMIR: Final = "Pomir"

REPLAY: Final = (
    Look(_BOTH, "A case appears at the top, striped since it is a drill. Open it beside the room: it grows."),
    Look(_GARAM, "At the bottom, each member: what it has confirmed of ours, what we hold of it."),
)
ASKING: Final = (
    Look(_GARAM, "A second case, in Korean, as it was written."),
    Look(_POMIR, "The same case, with its Russian translation below. Open it: what is asked, and by whom."),
)
READINGS: Final = (
    Look(_GARAM, "Open the case of the picture, at 무엇이었는가 (what it was)."),
    Look(_POMIR, "There it is Что это было; then comes Следующий запрос (next question)."),
)
IMPOSTOR: Final = (Look(_POMIR, "Журнал (log), then Отказы (refusals): the attempt is there, and why."),)
CALL: Final = (
    Look(_GARAM, "전화 통화 (telephone), then the button on the card of minato: digits of the same minute."),
)
CUT: Final = (
    Look(_GARAM, "At the bottom of the room: Pomir is out of reach, and what waits for it is counted."),
    Look(_POMIR, "Its console goes on, on its own machine; it reaches none of the four others."),
)
CARRIED: Final = (
    Look(_GARAM, "Pomir's line stays down. Its confirmation comes all the same, on the stick."),
)
BRIEF: Final = (Look(_POMIR, "In the case, Справка (brief) is the same page, in any of six languages."),)
TWO_VERSIONS: Final = (
    Look(
        _GARAM,
        "A second circle, at the end of the room, with Janus: soon there are two versions of its log.",
    ),
)
STOLEN: Final = (
    Look(
        _GARAM,
        "로그 (log), then 거부 (refusals): who comes with the old keys is no member any more.",
    ),
)
BURNT: Final = (Look(_BOTH, "At the bottom of the room, Merbau is out of reach, and comes back."),)
TRUTH: Final = (
    Look(_GARAM, "At the end of that section, 판단의 정확도 (scores) has its own, and no others'."),
)
LEAVING: Final = (Look(_BOTH, "Yunshan leaves the list of the first circle. Its records stay in the cases."),)
PROOF: Final = (
    Look(_GARAM, "In a case, 보관 기관과 증명 및 할 수 있는 일 opens the proof of an entry, to be checked."),
)
ARCHIVE: Final = (Look(_BOTH, "The case S&P 500, at its end: the evidence archive, by one button."),)

TAKE_PART: Final = (
    "Open /keys there, press the one button, and your browser makes a key, which the demo puts on the card.",
    "In the room, open the case S&P 500: Ответить (answer). Choose, such as не наблюдаем (not seen): Дальше.",
    "Read what would be said, and to whom. Sign it: it is written ten seconds later.",
)
TAKE_PART_AT_LAST: Final = (
    "Open the case S&P 500: its sources, who repeats whom, and its evidence archive, which checks itself.",
    "Say something: make a key at /keys, report a case at Garam, and acknowledge it at Pomir.",
    "Call yourself: /phone in both windows, Garam for pomir and Pomir for garam; read the digits aloud.",
)
