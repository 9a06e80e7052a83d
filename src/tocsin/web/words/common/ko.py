"""Korean."""

from typing import Final

PHRASES: Final = {
    "audit": "감사 기록",
    "cases": "사건",
    "circles": "서클",
    "drill": "훈련: 여기 있는 것은 어느 것도 실제가 아닙니다.",
    "foot": "시각은 UTC로 표시하며, 시간대가 다르면 사용자의 시간대로도 표시합니다. 이 페이지는 다른 "
    "곳에서 아무것도 불러오지 않았습니다.",
    "log": "로그",
    "more": "더 보기",
    "new_case": "새 사건",
    "not_done": "처리되지 않음",
    "not_shown": "여기에 있어야 할 내용을 표시할 수 없습니다. 이유는 노드의 메시지에 있습니다.",
    "people": "사용자",
    "phone": "전화 통화",
    "room": "상황실",
    "search": "검색",
    "skip": "본문으로",
    "to_room": "상황실로",
    "ways": "주 메뉴",
}
