"""What keeps a node from starting, or from joining. Each message says what to do next."""

from tocsin.core.errors import Fault, Refusal


class MalformedConfig(Refusal):
    """The configuration says something that cannot be."""

    code = "malformed-config"


class UnsafeFile(Refusal):
    """A file with a secret in it can be read by others."""

    code = "unsafe-file"


class UnusableFolder(Refusal):
    """A folder that the configuration names cannot be used."""

    code = "unusable-folder"


class KeysMissing(Refusal):
    """The data folder has no keys for this log."""

    code = "keys-missing"


class CannotListen(Refusal):
    """An address to listen on cannot be had."""

    code = "cannot-listen"


class AlertFailed(Refusal):
    """An alert did not go out."""

    code = "alert-failed"


class AppriseMissing(Refusal):
    """The configuration alerts by `apprise`, which is not installed."""

    code = "apprise-missing"


class SensorMissing(Refusal):
    """The configuration names a sensor that no installed package offers."""

    code = "sensor-missing"


class NodeFailed(Fault):
    """A part of the node ended that must not."""

    code = "node-failed"


class NoConsole(Refusal):
    """Expected a console, found none beside this node. Next: add a table `[console]`, and start it again."""

    code = "no-console"


class AlreadyJoined(Refusal):
    """This node is in that circle already."""

    code = "already-joined"
