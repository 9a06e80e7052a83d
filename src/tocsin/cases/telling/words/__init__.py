"""The words of each language, as data: one module of one form for each (`language.Language`)."""
