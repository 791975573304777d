"""A real mail server of one's own on loopback: Postfix hands over by LMTP to Dovecot, which is read by IMAP.

Everything lies in one temporary folder, on free ports: private main.cf, master.cf and queue; virtual mailboxes of invented
offices; nothing of the machine's own mail is touched. Runs as root, as Postfix wants it, and stops with the block.
"""

import datetime as dt
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DOMAIN = "mail.example.test"
PASSWORD = "a-password-for-tests"
PROGRAMS = ("postfix", "postconf", "dovecot")


@dataclass(frozen=True)
class MailServers:
    """Where they listen. Every user of `DOMAIN` named at the start has a mailbox; any password but `PASSWORD` is refused."""

    folder: Path
    smtp_port: int
    imap_port: int
    submission_port: int
    smtps_port: int
    imaps_port: int

    @property
    def authority(self) -> Path:
        """The certificate authority that signed for these servers; no machine trusts it by itself."""
        return self.folder / "authority.pem"

    def encrypted(self, sender: str, security: str) -> dict[str, str]:
        """As `settings`, with a login and encryption: `starttls` on the submission port, `tls` from the first byte."""
        return self.settings(sender) | {
            "SANJI_SMTP_HOST": "localhost",
            "SANJI_SMTP_PORT": str(self.smtps_port if security == "tls" else self.submission_port),
            "SANJI_SMTP_SECURITY": security,
            "SANJI_SMTP_USER": f"{sender}@{DOMAIN}",
            "SANJI_SMTP_PASSWORD": PASSWORD,
            "SANJI_SMTP_CA_FILE": str(self.authority),
            "SANJI_IMAP_HOST": "localhost",
            "SANJI_IMAP_PORT": str(self.imaps_port if security == "tls" else self.imap_port),
            "SANJI_IMAP_SECURITY": security,
            "SANJI_IMAP_CA_FILE": str(self.authority),
        }

    def settings(self, sender: str) -> dict[str, str]:
        """The SANJI_ variables with which `sender` sends here and reads its answers."""
        return {
            "SANJI_MAIL_FROM": f"{sender}@{DOMAIN}",
            "SANJI_SMTP_HOST": "127.0.0.1",
            "SANJI_SMTP_PORT": str(self.smtp_port),
            "SANJI_SMTP_SECURITY": "none",
            "SANJI_SMTP_MESSAGES_PER_MINUTE": "0",
            "SANJI_IMAP_HOST": "127.0.0.1",
            "SANJI_IMAP_PORT": str(self.imap_port),
            "SANJI_IMAP_SECURITY": "none",
            "SANJI_IMAP_USER": f"{sender}@{DOMAIN}",
            "SANJI_IMAP_PASSWORD": PASSWORD,
        }

    def queue_is_empty(self) -> bool:
        """Whether Postfix has nothing left to deliver."""
        folders = ("maildrop", "incoming", "active", "deferred")
        return not any(
            path.is_file() for name in folders for path in (self.folder / "queue" / name).rglob("*")
        )

    def settle(self, seconds: float = 20) -> None:
        """Return when all mail has been delivered; fail when it does not happen in time."""
        end = time.monotonic() + seconds
        while not self.queue_is_empty():
            assert time.monotonic() < end, "mail is stuck: " + self.log()
            time.sleep(0.1)

    def log(self) -> str:
        """What Postfix and Dovecot wrote."""
        logs = (self.folder / "postfix.log", self.folder / "dovecot.log")
        return "\n".join(path.read_text() for path in logs if path.exists())


def missing_programs() -> list[str]:
    """What is not installed here."""
    there = os.environ.get("PATH", "") + ":/usr/sbin"
    return [name for name in PROGRAMS if shutil.which(name, path=there) is None]


@contextmanager
def mail_servers(users: Sequence[str], size_limit: int = 30_000_000) -> Iterator[MailServers]:
    """Postfix and Dovecot in a folder of their own, with a mailbox for each user, until the block ends.

    Not under pytest's temporary folder: every start of pytest closes that to the servers' own users.
    """
    with tempfile.TemporaryDirectory(prefix="sanji-mail-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _running(folder, users, size_limit) as servers:
            yield servers


@contextmanager
def _running(folder: Path, users: Sequence[str], size_limit: int) -> Iterator[MailServers]:
    servers = MailServers(folder, *(_free_port() for _ in range(5)))
    _write_certificates(servers)
    _write_dovecot(servers, users)
    _write_postfix(servers, users, size_limit)
    with (folder / "dovecot.out").open("wb") as out:
        command = ["/usr/sbin/dovecot", "-F", "-c", folder / "dovecot.conf"]
        dovecot = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
    postfix = ["/usr/sbin/postfix", "-c", folder / "postfix"]
    try:
        _wait_for(servers.imap_port, servers)
        subprocess.run([*postfix, "start"], check=True, capture_output=True)
        for port in (servers.smtp_port, servers.submission_port, servers.smtps_port):
            _wait_for(port, servers)
        yield servers
    finally:
        subprocess.run([*postfix, "abort"], check=False, capture_output=True)
        dovecot.send_signal(signal.SIGTERM)
        dovecot.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, servers: MailServers, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < end, f"nothing on port {port}: {servers.log()}"
            time.sleep(0.1)


def _write_certificates(servers: MailServers) -> None:
    """An authority of one's own, and its certificate for `localhost`, good for a day."""
    now = dt.datetime.now(dt.UTC)
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("authority", "server")}
    names = {name: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in keys}
    for name, key in keys.items():
        is_authority = name == "authority"
        certificate = (
            x509.CertificateBuilder()
            .subject_name(names[name])
            .issuer_name(names["authority"])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(keys["authority"], hashes.SHA256())
        )
        (servers.folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = keys["server"].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (servers.folder / "server.key").touch(0o600)
    (servers.folder / "server.key").write_bytes(secret)


def _write_dovecot(servers: MailServers, users: Sequence[str]) -> None:
    folder = servers.folder
    run, mail = folder / "dovecot-run", folder / "mailboxes"
    run.mkdir()
    mail.mkdir()
    owner = pwd.getpwnam("nobody")
    os.chown(mail, owner.pw_uid, owner.pw_gid)
    (folder / "users").write_text("".join(f"{user}@{DOMAIN}:{{PLAIN}}{PASSWORD}\n" for user in users))
    (folder / "users").chmod(0o644)
    (folder / "dovecot.conf").write_text(
        f"""
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {run}
state_dir = {run}
log_path = {folder}/dovecot.log
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_mechanisms = plain login
recipient_delimiter = +
mail_location = maildir:{mail}/%n
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={mail}/%n
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {servers.imap_port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {servers.imaps_port}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {folder}/queue/private/dovecot-auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service lmtp {{
  unix_listener {folder}/queue/private/dovecot-lmtp {{
    mode = 0600
    user = postfix
    group = postfix
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@{DOMAIN}
}}
"""
    )
    private = folder / "queue" / "private"
    private.mkdir(parents=True)


_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
tlsmgr unix - - n 1000? 1 tlsmgr
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def _write_postfix(servers: MailServers, users: Sequence[str], size_limit: int) -> None:
    folder = servers.folder
    config, data = folder / "postfix", folder / "data"
    config.mkdir()
    data.mkdir()
    postfix = pwd.getpwnam("postfix")
    os.chown(data, postfix.pw_uid, postfix.pw_gid)
    os.chown(folder / "queue" / "private", postfix.pw_uid, grp.getgrnam("root").gr_gid)
    boxes = config / "mailboxes"
    boxes.write_text("".join(f"{user}@{DOMAIN} {user}\n" for user in users))
    (config / "main.cf").write_text(
        f"""
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {data}
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydomain = {DOMAIN}
myhostname = server.{DOMAIN}
myorigin = {DOMAIN}
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_maps = texthash:{boxes}
virtual_transport = lmtp:unix:private/dovecot-lmtp
recipient_delimiter = +
propagate_unmatched_extensions = virtual
default_transport = error:5.1.2 no mail leaves this machine
relay_transport = error:5.1.2 no mail leaves this machine
message_size_limit = {size_limit}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/dovecot-auth
smtpd_sasl_security_options = noanonymous
in_flow_delay = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
biff = no
"""
    )
    ports = {"port": servers.smtp_port, "submission": servers.submission_port, "smtps": servers.smtps_port}
    (config / "master.cf").write_text(_MASTER.format(**ports))
