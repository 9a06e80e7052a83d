"""The words of this part, a module for each language."""
