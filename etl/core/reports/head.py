"""Which edition a report is, and its head: who writes to whom, under which number and title."""

import datetime as dt
from dataclasses import dataclass

from etl.core.period import Period
from etl.core.programmes.documents import DispatchSettings, for_tier
from etl.core.programmes.programme import Theme
from etl.core.reports.index import Record
from etl.core.reports.model import EditionPart, HeadPart
from etl.core.wording import Wording, day_text, initial_of, one_line, period_text, whole_of


@dataclass(frozen=True)
class Edition:
    """What one report is about, and its days. `previous` and `last_year` are None where there is no such report, `theme` where
    the programme sets none for the year."""

    programme: str
    programme_zh: str
    period: Period
    previous: Period | None
    last_year: Period | None
    node_id: str
    number: int
    issued_on: dt.date
    data_as_of: dt.date
    reply_by: dt.date
    revision: int = 1
    theme: Theme | None = None

    @property
    def key(self) -> str:
        """What identifies the edition in ledgers and Message-IDs."""
        return f"{self.period}/{self.programme}/{self.node_id}/r{self.revision}"


def edition_part(edition: Edition, name: str, tier: str, words: Wording) -> EditionPart:
    """The model's `edition`: what it is about and its days, as keys and in words."""
    return {
        "key": edition.key,
        "revision": edition.revision,
        "number_in_year": edition.number,
        "programme": edition.programme,
        "programme_zh": edition.programme_zh,
        "period": str(edition.period),
        "period_zh": period_text(edition.period, words),
        "previous_zh": period_text(edition.previous, words) if edition.previous else "",
        "last_year_zh": period_text(edition.last_year, words) if edition.last_year else "",
        "node_id": edition.node_id,
        "name": name,
        "tier": tier,
        "whole": whole_of(name, words),
        "issued_on": edition.issued_on.isoformat(),
        "issued_on_zh": day_text(edition.issued_on, words),
        "last_day_zh": day_text(edition.period.last_day, words),
        "data_as_of_zh": day_text(edition.data_as_of, words),
        "reply_by_zh": day_text(edition.reply_by, words),
        "theme": {"zh": edition.theme.zh, "actions": list(edition.theme.actions)} if edition.theme else None,
    }


def head_part(
    edition: Edition, name: str, tier: str, parent: Record | None, settings: DispatchSettings, words: Wording
) -> HeadPart:
    """The model's `head`: form, issuer, what the paper is called, number, title and addressees, as the tier's settings say."""
    values = {
        "name": name,
        "initial": initial_of(name, words),
        "kind": name[-1:],
        "parent": one_line(str(parent["name"])) if parent else "",
        "whole": whole_of(name, words),
        "year": edition.issued_on.year,
        "number": edition.number,
        "period": period_text(edition.period, words),
        "programme": edition.programme_zh,
    }
    of = settings.letterhead(words.language)
    organ = for_tier(of.issuer, tier).format(**values)
    values["organ"] = organ
    values["called"] = called = words.papers[settings.direction.get(tier, settings.direction.get("default", "downward"))]
    return {
        "form": settings.form.get(tier, settings.form.get("default", "document")),
        "organ": organ,
        "called": called,
        "number": for_tier(of.number, tier).format(**values),
        "title_lines": [line.format(**values) for line in settings.title_lines],
        "to": for_tier(of.to, tier).format(**values),
        "cc": for_tier(of.cc, tier).format(**values),
        "printed_by": for_tier(of.printed_by, tier).format(**values) or organ,
    }
