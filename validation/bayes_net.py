"""Bayesian networks of yes and no, exactly: every world is gone through, in fractions.

That takes 2ⁿ steps for n nodes: it is for a handful.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product


@dataclass(frozen=True, slots=True)
class Node:
    """What is so or not. `probability`: that it is so, by what its parents are, in their order."""

    parents: tuple[str, ...]
    probability: Mapping[tuple[bool, ...], Fraction]


def root(probability: Fraction) -> Node:
    """A node that hangs on no other."""
    return Node((), {(): probability})


def signal(of: str, true_positive: Fraction, false_positive: Fraction) -> Node:
    """A node that tells of another, with these rates."""
    return Node((of,), {(True,): true_positive, (False,): false_positive})


def posterior(network: Mapping[str, Node], of: str, observed: Mapping[str, bool]) -> Fraction:
    """The probability that a node is so, given what others are seen to be.

    A name that the network lacks is a KeyError; what cannot be seen at all is a ValueError.
    """
    if missing := {of, *observed} - set(network):
        raise KeyError(f"Expected nodes of the network, found {sorted(missing)}.")
    weights = {True: Fraction(0), False: Fraction(0)}
    for values in product((True, False), repeat=len(network)):
        world = dict(zip(network, values, strict=True))
        if all(world[name] is value for name, value in observed.items()):
            weights[world[of]] += _weight(network, world)
    if not (whole := sum(weights.values())):
        raise ValueError("Expected what can be seen together; found a probability of 0.")
    return weights[True] / whole


def _weight(network: Mapping[str, Node], world: Mapping[str, bool]) -> Fraction:
    weight = Fraction(1)
    for name, node in network.items():
        so = node.probability[tuple(world[parent] for parent in node.parents)]
        weight *= so if world[name] else 1 - so
    return weight
