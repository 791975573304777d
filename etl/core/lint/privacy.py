"""Personal data that no report may hold: phones, identity numbers, health, and names outside honours papers."""

import re
from collections.abc import Iterable, Mapping, Sequence

from etl.core.lint.claims import Fault
from etl.core.lint.text import every_text
from etl.core.programmes.indicators import Model


class Private(Model):
    """The file private.yaml: regular expressions by kind, and words of health."""

    patterns: Mapping[str, str]
    health: tuple[str, ...]


def lint_private(
    model: Mapping[str, object], private: Private, known: Iterable[str], people: Sequence[str] = ()
) -> list[Fault]:
    """Phones, identity numbers, words of health, and any name of `people`.

    `known` are names of units, places and branches: an office may be called 残疾人联合会 or 第一人民医院.
    """
    own = [name for name in known if len(name) > 1]
    offices = re.compile("|".join(map(re.escape, sorted(own, key=lambda n: (-len(n), n)))) or "(?!)")
    kinds = {**private.patterns, "health": "|".join(map(re.escape, private.health))}
    if people:
        kinds["person"] = "|".join(map(re.escape, sorted(people, key=lambda n: (-len(n), n))))
    patterns = {kind: re.compile(pattern) for kind, pattern in kinds.items()}
    faults = []
    for place, text in every_text(model):
        left = offices.sub(" ", text)
        for kind, pattern in patterns.items():
            found = pattern.search(left)
            if found:
                faults.append(Fault(f"private_{kind}", place, text, found[0]))
    return faults
