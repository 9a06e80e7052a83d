"""A report, as its corrections leave it (docs/protocol.md, section 19.2)."""

from collections.abc import Sequence
from typing import get_args

from tocsin.cases.picture.view import Corrected
from tocsin.core.records import Correction, Moment, Report
from tocsin.core.records.cases.report import Described

_DESCRIBED = get_args(Described)


def moments(report: Report | Corrected) -> tuple[Moment, ...]:
    """The moments that a report gives, the one of the versions before 0.3.0 included."""
    if isinstance(report, Corrected) or report.occurred_at_ms is None or report.occurred_precision is None:
        return report.moments or ()
    at_ms, precision = report.occurred_at_ms, report.occurred_precision
    return (Moment(asserted_by="author", at_ms=at_ms, clock="occurred", precision=precision),)


def as_corrected(report: Report, corrections: Sequence[Correction]) -> Corrected:
    """What it says when each of these, the oldest first, has put something in its place."""
    fields = {name: getattr(report, name) for name in Corrected.__struct_fields__}
    fields["moments"] = moments(report) or None
    for correction in corrections:
        for name in _DESCRIBED:
            value = getattr(correction, name)
            if value is not None or name in (correction.cleared or ()):
                fields[name] = value
                if name == "summary":
                    fields |= {"lang": correction.lang, "translations": correction.translations}
        fields["sources"] = correction.sources or fields["sources"]
    return Corrected(**fields)
