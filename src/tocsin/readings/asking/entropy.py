"""How much is open, in bits (Shannon 1948), in integers: the same on every machine."""

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context
from functools import cache

from tocsin.readings.arithmetic import WHOLE_PERMILLE

_CONTEXT = Context(prec=24, rounding=ROUND_HALF_EVEN)
_LN_2 = _CONTEXT.ln(2)
_MICRO = 1_000_000


def entropy_microbits(permille: Iterable[int]) -> int:
    """That of a distribution which comes to 1,000 permille: at most the logarithm of how many there are."""
    return sum(map(_of_one, permille))


@cache
def _of_one(permille: int) -> int:
    """What one probability adds: -p log2 p, in millionths of a bit, rounded half to even."""
    if not permille:
        return 0
    probability = _CONTEXT.divide(_CONTEXT.create_decimal(permille), WHOLE_PERMILLE)
    bits = _CONTEXT.divide(_CONTEXT.ln(probability), -_LN_2)
    microbits = _CONTEXT.multiply(_CONTEXT.multiply(probability, bits), _MICRO)
    return int(microbits.to_integral_value(rounding=ROUND_HALF_EVEN))
