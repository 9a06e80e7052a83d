"""What every answer tells the browser: that nothing runs here but what this console sent."""

from typing import Final

ALWAYS: Final = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""On every answer."""

OF_PAGES: Final = {"cache-control": "no-store", "vary": "cookie, accept-language"}
"""On what only the person who asked may see."""

OVER_TLS: Final = {"strict-transport-security": "max-age=31536000"}
"""Where the console is reached by TLS."""
