"""Mail that comes back: bounces, receipts, answers, workbooks."""

from typing import TYPE_CHECKING, Any

from etl.stages.context import open_context
from etl.tasks.mail import let_go_and_send

if TYPE_CHECKING:
    from etl.edges.mailbox import ImapServer
    from etl.edges.smtp import SmtpServer

Result = dict[str, Any]


def mail_in(server: "SmtpServer | None" = None) -> Result:
    """Take up what lies in the reply mailbox, and send the answers; counts by outcome. ConfigError without a mailbox."""
    from etl.edges.clock import now
    from etl.edges.store.database import open_store
    from etl.errors import ConfigError
    from etl.settings import settings
    from etl.stages.mail_in import Desk
    from etl.stages.mail_in import mail_in as stage
    from etl.stages.resubmit import resubmit

    chosen = settings()
    if not chosen.imap_host:
        raise ConfigError("no reply mailbox: set SANJI_IMAP_HOST")
    desk = Desk(open_store(chosen.database_url), chosen, open_context, resubmit, now)
    count = stage(configured_mailbox(), desk)
    for key in sorted(count.touched):
        let_go_and_send(open_context(*key), server)
    return dict(sorted(count.outcomes.items()))


def configured_mailbox() -> "ImapServer":
    """The reply mailbox of the settings."""
    from etl.edges.mailbox import ImapServer
    from etl.settings import settings

    chosen = settings()
    return ImapServer(
        chosen.imap_host,
        chosen.imap_port,
        chosen.imap_security,
        chosen.imap_user,
        chosen.imap_password.get_secret_value(),
        chosen.imap_ca_file,
        chosen.imap_folder,
    )
