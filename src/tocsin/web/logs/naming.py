"""Where logs and their entries stand in the console: their names are paths already."""


def log_path(log: str) -> str:
    """The page of a log."""
    return f"/log/{log}"


def entry_path(log: str, index: int) -> str:
    """The page of an entry."""
    return f"/log/{log}/{index}"
