"""Errors that end a command: one or two sentences that say what, where and what to do."""


class M3itError(Exception):
    """Something that the user can mend; the command ends with `exit_code`."""

    exit_code = 2
    report: object = None
    """What was done before this ended all: of a build its report; None where nothing is told."""


class PartError(M3itError):
    """Something wrong with one split or shard: the others are not concerned, and go on."""


class SourceError(PartError):
    """A source file that cannot be read: names the file, the place in it, and the way out."""


class MissingSource(SourceError):
    """Files of a task that are not there."""


class MachineError(PartError):
    """A fault of the machine, not of the data: nothing was decided, and the same command goes on when it is gone."""


class UnknownName(M3itError):
    """A task, language or option that does not exist; names the closest ones."""


class SettingsError(M3itError):
    """Settings that contradict each other or an output folder."""


class OutputError(M3itError):
    """An output folder that cannot be written, is locked, or holds something else."""
