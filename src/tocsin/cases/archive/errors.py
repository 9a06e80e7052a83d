"""Why an archive is refused."""

from tocsin.core.errors import Refusal


class MalformedArchive(Refusal):
    """This is no archive of a case."""

    code = "malformed-archive"


class ArchivePart(Refusal):
    """A part of the archive is not what it has to be: it says which."""

    code = "archive-part"
