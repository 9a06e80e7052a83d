"""Japanese."""

from typing import Final

PHRASES: Final = {
    "audit": "監査記録",
    "cases": "事案",
    "circles": "サークル",
    "drill": "訓練：ここにあるものはどれも実際のものではありません。",
    "foot": "時刻はUTCで、異なる場合は利用者のタイムゾーンでも示します。このページは、ほかの場所から何も"
    "読み込んでいません。",
    "log": "ログ",
    "more": "さらに表示",
    "new_case": "新しい事案",
    "not_done": "実行されませんでした",
    "not_shown": "ここにあるはずの内容を表示できません。理由はノードのメッセージにあります。",
    "people": "利用者",
    "phone": "電話",
    "room": "状況室",
    "search": "検索",
    "skip": "本文へ",
    "to_room": "状況室へ",
    "ways": "主なメニュー",
}
