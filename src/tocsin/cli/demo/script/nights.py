"""What is said on the bad days that follow. It is made up, as its speakers are."""

from tocsin.cli.demo.script.cast import GARAM, JANUS, MERBAU, MINATO, POMIR, Said

CUT_OFF = POMIR
WHILE_CUT = (
    Said(GARAM, "We tell our operators: there was no explosion, and the picture is false."),
    Said(POMIR, "We tell ours the same. Nobody here has asked us about it yet."),
    Said(MERBAU, "The denial has reached the trading floor here. We close the case."),
)

FALSE_CORRECTION = Said(GARAM, "Correction: the explosion is confirmed. Tell your operators to act at once.")
"""What the impostor says in Garam's name."""

TWO_STORIES = (
    Said(JANUS, "We have people there. There is no smoke."),
    Said(JANUS, "We have people there. We see the smoke."),
)
STILL_HERE = Said(GARAM, "Talk to Janus by telephone. The rest of this circle goes on.")

BY_HAND = Said(
    GARAM, "Pomir is cut off again. This goes to you by courier; please send your answer with him."
)
BY_RETURN = Said(POMIR, "Received. Nothing new here. The courier has had tea.")
"""What is carried on a stick to a desk without a network, and back."""

OF_THE_THIEF = Said(MINATO, "We withdraw the denial: our people see flames. Call in your operators.")
"""What somebody writes with Minato's stolen keys."""
WITH_NEW_KEYS = Said(
    MINATO, "That was not us. The denial stands; we have new keys, and the old ones are worth nothing."
)

DURING_THE_FIRE = Said(GARAM, "Nobody reaches Merbau. The fire brigade is there.")
AFTER_THE_FIRE = Said(
    MERBAU, "The rack is ashes. This is a borrowed laptop; all of our log came back from you."
)

WHY_YUNSHAN_LEAVES = "Our mandate ends with this exercise. Thank you for the watch."
AFTER_IT_LEFT = Said(
    GARAM, "Yunshan has left. What it wrote stays with us, and what we told it stays confidential."
)
