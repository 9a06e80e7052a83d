"""What every test shares: how Hypothesis searches."""

import os

from hypothesis import settings

# No deadline: the machine's load is no property of the code. `make test` searches the same examples each
# time, so that one state of the code has one verdict; `make simulate` looks for new ones.
settings.register_profile("same", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("new", deadline=None, print_blob=True)
settings.load_profile("new" if "TOCSIN_SIMULATIONS" in os.environ else "same")
