"""How long to look: half a minute, for the same each time; or for something new, as long as one wants."""

import os
import random
from pathlib import Path

_asked = os.environ.get("TOCSIN_FUZZ_SECONDS")

SECONDS = float(_asked or 30)
"""How long the decoders, the wire and the machine API are looked at, each."""

SEED = random.SystemRandom().randrange(1, 2**32) if _asked else 1
"""Where chance begins."""

FOUND = Path(found) if (found := os.environ.get("TOCSIN_FUZZ_FOLDER")) else None
"""Where to keep inputs that cover something new, for the next time; None to forget them."""
