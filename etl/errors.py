"""What can go wrong, by who must act. Bad input is a finding and never one of these."""


class SanjiError(Exception):
    """Base of all; shown as one line, with its own exit code."""

    exit_code = 1


class Misuse(SanjiError):
    """The person at the keyboard must act: an unknown programme, period or place."""

    exit_code = 2


class ConfigError(SanjiError):
    """Whoever keeps the configuration must act: a programme, a rule or a setting does not load."""

    exit_code = 3


class Retryable(SanjiError):
    """Nobody must act yet: a server or a disk did not answer; trying again may help."""

    exit_code = 4


class Bug(SanjiError):
    """The developers must act: something that cannot be, is."""

    exit_code = 5
