"""What Garam says and asks about the market: in Korean, its own language, with translations beside it.

It is a program that wrote both, and every translation says so.
"""

from typing import Final

from tocsin.cli.demo.script.cast import Worded

WRITTEN_IN: Final = "ko"
READ_IN: Final = "ru"
"""The language of Pomir's officers, and of the minister whom they serve."""

MARKET: Final[Worded] = {
    "ko": "S&P 500 지수가 4분 사이에 0.26% 내렸습니다. 곧 회복합니다. "
    "확인되지 않은 점: 그중 얼마가 그 사진 때문인지.",
    "en": "The S&P 500 stands 0.26 % lower than four minutes before. It soon recovers. Not established: "
    "how much of that the picture did.",
    "ru": "Индекс S&P 500 за четыре минуты снизился на 0,26 %. Вскоре он восстанавливается. Не установлено: "
    "какая часть этого вызвана снимком.",
}
QUESTION: Final[Worded] = {
    "ko": "귀 기관에서도 같은 하락을 보고 있습니까? 어디에서 보았는지, 출처를 함께 알려 주십시오.",
    "en": "Do you see the same fall? Name the source with it: where did you see it?",
    "ru": "Видите ли вы то же снижение? Укажите и источник: где вы это увидели?",
}
