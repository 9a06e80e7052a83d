"""Why a file of another format is not taken, or a case does not leave in one (docs/formats.md)."""

from tocsin.core.errors import Refusal


class MalformedFile(Refusal):
    """This is no file of that format."""

    code = "malformed-file"


class FileTooLarge(Refusal):
    """The file is larger than one that is read at once."""

    code = "file-too-large"


class NoLabel(Refusal):
    """The file does not say to whom it may be shown, and nobody said so for it."""

    code = "no-label"


class SharingGroup(Refusal):
    """The file is meant for a sharing group that is empty, or not known here."""

    code = "sharing-group"


class ExerciseMark(Refusal):
    """What is an exercise is not taken as real, nor the reverse."""

    code = "exercise-mark"


class NothingLeaves(Refusal):
    """No report of the case may leave, by its label or because none counts."""

    code = "nothing-leaves"
