"""Logarithms and shares in integers, the same on every machine.

Logarithms are natural, in thousandths: *milli-nats*. Floating point differs between machines in its last
place, and a picture that differs anywhere is another picture. `decimal` rounds logarithms and exponentials
correctly, as IBM's General Decimal Arithmetic (1.70) has it.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context
from functools import lru_cache

WHOLE_PERMILLE = 1_000

_CONTEXT = Context(prec=24, rounding=ROUND_HALF_EVEN)
_ONE_BITS = 48
_LEAST_MILLINATS = 32_000
_COARSE = 200


@lru_cache(maxsize=16_384)
def ln_millinats(number: int) -> int:
    """The logarithm of a number of at least 1, rounded half to even."""
    logarithm = _CONTEXT.multiply(_CONTEXT.ln(_CONTEXT.create_decimal(number)), 1_000)
    return int(logarithm.to_integral_value(rounding=ROUND_HALF_EVEN))


def _powers(count: int, step_millinats: int) -> tuple[int, ...]:
    """How much e^(-k * step) is of 2^48, for each k."""
    exponents = (_CONTEXT.divide(_CONTEXT.create_decimal(-k * step_millinats), 1_000) for k in range(count))
    return tuple(int(_CONTEXT.multiply(_CONTEXT.exp(one), 1 << _ONE_BITS)) for one in exponents)


_SHARES = [
    coarse * fine >> _ONE_BITS
    for coarse in _powers(_LEAST_MILLINATS // _COARSE + 1, _COARSE)
    for fine in _powers(_COARSE, 1)
][: _LEAST_MILLINATS + 1]


def shares(millinats: Sequence[int]) -> list[int]:
    """What is in proportion to the exponentials of these: the largest is 2^48.

    What is e^-32 of the largest, or less, counts as that.
    """
    most = max(millinats)
    return [_SHARES[below if (below := most - one) < _LEAST_MILLINATS else -1] for one in millinats]


def permille_of(parts: Sequence[int], permille: int = WHOLE_PERMILLE) -> tuple[int, ...]:
    """In proportion to these parts, so many in all: what is left over goes to the largest remainders.

    Of equal remainders the first has it (Hamilton's method of apportionment).
    """
    whole = sum(parts)
    found = [part * permille // whole for part in parts]
    if left := permille - sum(found):
        remainders = [part * permille % whole for part in parts]
        for at in sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)[:left]:
            found[at] += 1
    return tuple(found)


def toward_zero(numbers: Sequence[int], times: int, divisor: int) -> list[int]:
    """Each of them, times that and divided by that, without its fraction: never further from zero than it is.

    `times` and `divisor` are positive.
    """
    return [one * times // divisor if one >= 0 else -(-one * times // divisor) for one in numbers]
