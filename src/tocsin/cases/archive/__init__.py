"""A case with everything that shows it, in one file that verifies itself.

- `making`: what is in it; `document`: its page, with scripts and style from `page`; `proofs`: proof files in
  parts; `zipping`: one way to write it; `opening`: whether all of it is true.
"""

from tocsin.cases.archive.errors import ArchivePart, MalformedArchive
from tocsin.cases.archive.making import make_archive
from tocsin.cases.archive.opening import Opened, Proven, open_archive

__all__ = ["ArchivePart", "MalformedArchive", "Opened", "Proven", "make_archive", "open_archive"]
