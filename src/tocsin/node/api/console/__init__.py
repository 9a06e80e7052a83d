"""The console as the command line reaches it, through the node beside which it stands.

The node knows no console. One that stands beside it says so (`Node.console`), and does the rest.
"""
