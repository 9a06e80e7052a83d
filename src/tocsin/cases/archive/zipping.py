"""Files in one ZIP file, and one ZIP file only for the same files: stored, in their order, at one time.

There is one way to write an archive: what `read_zip` takes, `write_zip` writes again byte for byte, so that
nothing can be hidden between or behind the files.
"""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO

from tocsin.cases.archive.errors import MalformedArchive

MAX_ARCHIVE_BYTES = 2**30
MAX_FILES = 65_000

_WHEN = (1980, 1, 1, 0, 0, 0)
_UNIX, _READABLE = 3, 0o100644 << 16
_NAME = re.compile(r"(?:[a-z0-9-]{1,64}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def write_zip(files: Mapping[str, bytes]) -> bytes:
    """The files, in this order."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _WHEN)
            info.create_system, info.external_attr = _UNIX, _READABLE
            archive.writestr(info, content)
    return data.getvalue()


def read_zip(data: bytes) -> dict[str, bytes]:
    """What `write_zip` wrote. Raises MalformedArchive.

    (1) its size; (2) a ZIP file with plain names, each once, that says nothing is compressed; (3) the files;
    (4) written again, it is the same.
    """
    # (1) size
    if len(data) > MAX_ARCHIVE_BYTES:
        raise MalformedArchive(f"Expected an archive of at most {MAX_ARCHIVE_BYTES} bytes.")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            # (2) names and sizes
            found = archive.infolist()
            if len(found) > MAX_FILES or not all(_NAME.fullmatch(info.filename) for info in found):
                raise MalformedArchive(f"Expected at most {MAX_FILES} files with plain names.")
            if any(info.compress_type or info.compress_size != info.file_size for info in found):
                raise MalformedArchive("Expected files that are stored as they are, found compressed ones.")
            if sum(info.file_size for info in found) > len(data):
                raise MalformedArchive("Expected files that lie one after the other.")
            # (3) files
            files = {info.filename: archive.read(info) for info in found}
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise MalformedArchive(f"Expected a ZIP file, found: {error}.") from None
    except (ValueError, OverflowError, EOFError) as error:
        raise MalformedArchive(f"Expected a ZIP file, found: {error}.") from None
    # (4) the same
    if write_zip(files) != data:
        raise MalformedArchive(
            "Expected an archive as it was made: files in another form, or more than them."
        )
    return files
