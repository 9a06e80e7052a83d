"""What a result that is held back lacks, in words: in each case what would help."""

from collections.abc import Iterator

from tocsin.cli.readings.words import numbered
from tocsin.readings.lacking import classes_of_all, lacking
from tocsin.readings.view import CommonView

_MOST = 10
_RULE = (
    "By the numbers it would be likely; the number that stands there is a limit, not a finding. To be likely "
    "takes two members who each saw a source themselves, of classes that have nothing in common, and who "
    "each read it so."
)


def missing(view: CommonView) -> str:
    """Whose word it takes for a result that is held back, whose there is, and what is missing."""
    return " ".join(
        (_RULE, *_so_far(view), _missing(view), "Citing another's record does not count as having seen.")
    )


def _so_far(view: CommonView) -> Iterator[str]:
    told = [
        f"{one.member}, by {numbered(one.source)} ({', '.join(one.classes)})" for one in view.standing[:_MOST]
    ]
    if told:
        more = f"; and {len(view.standing) - _MOST} more" if len(view.standing) > _MOST else ""
        yield f"So far: {'; '.join(told)}{more}."


def _missing(view: CommonView) -> str:
    first = lacking(view)[0]
    classes = ", ".join(classes_of_all(view))
    if first == "witness":
        return "Nobody who saw a source themselves reads it so."
    if first == "second":
        name = view.standing[0].member
        another = f", of another class than {classes}" if classes else ""
        return (
            f"Only {name} reads it so by a source of its own. Another member has to cite one that it looked "
            f"at itself{another}."
        )
    if first == "class":
        return (
            f"All saw the same class of source ({classes}). One of them, or another member, has to cite a "
            "source of another class and read it so."
        )
    return "Each two of these have a member, a source or a class in common."
