"""The form in which somebody sets their siren."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

from tocsin.web.live.siren.thresholds import Duty, Least, Settings

ClockTime: TypeAlias = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d\Z")]
"""An hour and a minute, as a clock shows them."""


class SettingsForm(Struct, frozen=True, kw_only=True):
    """What somebody sets."""

    duty: Duty
    day: Least
    night: Least
    night_from: ClockTime
    night_until: ClockTime

    @property
    def settings(self) -> Settings:
        """What is kept of it."""
        return Settings(
            duty=self.duty,
            day=self.day,
            night=self.night,
            night_from=_minute(self.night_from),
            night_until=_minute(self.night_until),
        )


def clock_time(minute: int) -> str:
    """A minute of the day, as a clock shows it."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _minute(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
