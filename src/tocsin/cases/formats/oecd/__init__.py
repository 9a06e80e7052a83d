"""The OECD's common reporting framework for AI incidents."""
