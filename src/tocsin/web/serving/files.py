"""Files that are handed out: to be kept, never to be shown by a browser."""

from starlette.responses import Response

from tocsin.web.serving.headers import OF_PAGES


def as_file(name: str, data: bytes, media_type: str = "application/octet-stream") -> Response:
    """A file of that name, which is of letters, digits, dots and hyphens."""
    headers = OF_PAGES | {"content-disposition": f'attachment; filename="{name}"'}
    return Response(data, headers=headers, media_type=media_type)
