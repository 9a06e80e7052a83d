"""The files that pages load: style, scripts, and the two libraries that nobody here wrote.

- All stand under a path with the hash of all their bytes, so that they may be kept forever, and a page never
  runs with the script of another version.
- The style is one file, made of those in `static/css` in the order of their names.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.requests import Request
from starlette.responses import Response

from tocsin.web.serving.errors import NoSuchPage

_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _File:
    data: bytes
    zipped: bytes
    media_type: str


class Assets:
    """All files, read once; `version` is that of all of them together."""

    def __init__(self) -> None:
        found = dict(_files(files("tocsin.web") / "static", ""))
        styles = [found.pop(name) for name in sorted(found) if name.startswith("css/")]
        found["tocsin.css"] = b"\n".join(styles)
        digest = hashlib.sha256(b"".join(name.encode() + data for name, data in sorted(found.items())))
        self.version = digest.hexdigest()[:16]
        self._files = {
            name: _File(
                data,
                gzip.compress(data, mtime=0),
                mimetypes.guess_type(name)[0] or "text/plain; charset=utf-8",
            )
            for name, data in found.items()
        }

    def url(self, name: str) -> str:
        """Where a file is to be had."""
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    async def serve(self, request: Request) -> Response:
        """A file. Raises NoSuchPage."""
        file = self._files.get(request.path_params["name"])
        if file is None or request.path_params["version"] != self.version:
            raise NoSuchPage
        headers = {"cache-control": _FOREVER, "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                file.zipped, headers=headers | {"content-encoding": "gzip"}, media_type=file.media_type
            )
        return Response(file.data, headers=headers, media_type=file.media_type)


def _files(folder: Traversable, at: str) -> list[tuple[str, bytes]]:
    found = []
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        name = f"{at}{one.name}"
        found.extend(_files(one, f"{name}/") if one.is_dir() else [(name, one.read_bytes())])
    return found
