"""The cases, part by part of the protocol, and what a circle may be told only once at the end."""

from tocsin.cli.conform.cases import (
    amendments,
    attachments,
    calls,
    erasing,
    events,
    limits,
    newest,
    pushes,
    tls,
    witness,
)

ALL = tuple(
    case
    for part in (tls, pushes, newest, limits, calls, witness, events, erasing, attachments, amendments)
    for case in part.CASES.all
)
"""Amendments come last: two that follow one version end the versions of this circle's charter."""
