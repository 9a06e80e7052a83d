"""How much an ask asks for, and how closely: from the ask alone, whatever anybody has observed.

An ask is specific if little fits it. In points: 8 for each hash, URL or address of e-mail; 4 for a domain or
an IP; 3 for a system with its version, 2 for another name; 1 for each different word of its texts that is
not a common one (below), 12 at most; pairs of characters of unspaced scripts count half. "Are you seeing this
too? A chatbot gives bad advice" has 1.

It costs 1 for each thing that it looks for: whoever tries out a list of hashes pays for each.
"""

from tocsin.cases.matching.asked import Asked
from tocsin.cases.matching.texts.wording import passages

CONTENT, PLACE, VERSION, NAME = 8, 4, 3, 2
MOST_BY_WORDS = 12

_COMMON_WORDS = """
a about after again against all also am an and any are as at be because been before being but by can could
did do does don't down few for from further had has have he her here him his how i if in into is it its
just may me more most my new no not now of off on one only or other our out over own say said says she
should since so some still such than that the their them then there these they this those through to too
under up us use used user very was we were what when where which while who whom why will with would you
your al au da das de del dem den der des die e ein eine el en est et il im la las le les los mehr mit na
no non o os par para pas per por que qui se si su sur u un una und une von y zu и в на не что по с за от
из у о advice ai algorithm app artificial automated autonomous bot bad case chatbot company companies
computer content data deepfake fake false generated generates google harm image incident intelligence
learning machine model online people person photo police post problem report robot see seeing system tech
technology tool victim video voice warns warning wrong
"""
_EVERYWHERE = frozenset(word for words, _ in passages(_COMMON_WORDS) for word in words)


def cost(asked: Asked) -> int:
    """How many things it looks for; at least 1."""
    return max(1, len(asked.keys) + len(asked.names) + len(asked.texts))


def specificity(asked: Asked) -> int:
    """How closely it asks, in points."""
    by_keys = sum(CONTENT if key.strength == "content" else PLACE for key in asked.keys)
    by_names = sum(VERSION if version else NAME for _, version in asked.names)
    words = {word for text in asked.texts for part, _ in passages(text) for word in part}
    telling = [word for word in words if word not in _EVERYWHERE and (len(word) > 1 or not word.isascii())]
    halves = sum(1 if len(word) == 2 and not word.isascii() else 2 for word in telling)
    return by_keys + by_names + min(MOST_BY_WORDS, halves // 2)
