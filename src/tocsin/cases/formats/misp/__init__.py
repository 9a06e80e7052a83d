"""MISP events, as PyMISP writes and reads them."""
