"""The duty of an organisation in a case: for what its people are called, and of what it reminds the others.

- `policy`: the shares of a period at which something happens; `ladder`: the moments of an alarm.
- `bells`: what one's own people owe, until it is done; `reminding`: the records that remind others.

All of it is a function of the case, of who holds what, and of a moment. Nothing is counted down anywhere: a
node that was stopped, and looks again later, finds what it would have found.
"""

from tocsin.cases.duty.looking import Look, look
from tocsin.cases.duty.policy import Policy
from tocsin.core.views import Bell

__all__ = ["Bell", "Look", "Policy", "look"]
