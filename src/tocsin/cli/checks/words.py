"""Checks in plain words, and how long something took."""

from collections.abc import Iterator

from tocsin.cli.cases.words import quote, translated
from tocsin.core.records import Check, CheckAnswer

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def check_said(record: Check | CheckAnswer, indent: str) -> Iterator[str]:
    """What is said."""
    if isinstance(record, CheckAnswer):
        yield f"{indent}to {record.check}"
        return
    yield f"{indent}to be answered within {record.within_minutes} min on duty"
    if record.text:
        yield from quote(record.text, indent)
    for translation in record.translations or ():
        yield from translated(translation, indent)


def lasted(time_ms: int) -> str:
    """A time in its two largest units, such as 4 min 10 s; less than a second is 0 s."""
    left_s, parts = time_ms // 1000, []
    for unit, seconds in _UNITS:
        count, left_s = divmod(left_s, seconds)
        parts.append((count, unit))
    first = next((at for at, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"
