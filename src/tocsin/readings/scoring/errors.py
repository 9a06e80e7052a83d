"""Why something cannot be scored."""

from tocsin.core.errors import Refusal


class Unscorable(Refusal):
    """This is no forecast that can be scored, or there is none."""

    code = "unscorable"
