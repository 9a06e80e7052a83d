"""What pages about people share: how browsers are asked for a proof, and where one goes afterwards."""

from typing import Final

from starlette.responses import Response

from tocsin.web.serving.headers import OF_PAGES

MAX_PATH_CHARACTERS: Final = 512


def asked(data: bytes) -> Response:
    """What a script of ours gets, to ask a browser for a proof."""
    return Response(data, headers=OF_PAGES, media_type="application/json")


def way_back(path: str) -> str:
    """A path of this console, as somebody brought it along; the first page for anything else."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= MAX_PATH_CHARACTERS
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"
