"""Traditional Chinese."""

from typing import Final

PHRASES: Final = {
    "audit": "稽核紀錄",
    "cases": "案件",
    "circles": "圈",
    "drill": "演練：此處一切皆非真實。",
    "foot": "時間以 UTC 顯示；您的時區若不同，也一併顯示。本頁未從其他任何地方載入內容。",
    "log": "日誌",
    "more": "更多",
    "new_case": "新案件",
    "not_done": "未完成",
    "not_shown": "此處應有的內容無法顯示，原因見節點的訊息。",
    "people": "人員",
    "phone": "電話",
    "room": "情勢室",
    "search": "搜尋",
    "skip": "跳至內容",
    "to_room": "前往情勢室",
    "ways": "主要導覽",
}
