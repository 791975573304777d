"""Signatures: DKIM that its public key verifies, S/MIME that another program verifies, and messages still whole inside."""

import datetime as dt
import email
import email.policy
import shutil
import subprocess
from pathlib import Path

import dkim
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from etl.edges.signing import dkim_signer, smime_signer
from etl.errors import ConfigError
from tests.unit.edges.test_mail import FILES, message

PEM, PKCS8, OPEN = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an RSA key and a certificate of its own making."""
    folder = tmp_path_factory.mktemp("keys")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "report@data.example")])
    since = dt.datetime(2018, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(since).not_valid_after(since + dt.timedelta(days=36500)).sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(key.private_bytes(PEM, PKCS8, OPEN))
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(PEM))
    public = key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    (folder / "record").write_text("v=DKIM1; p=" + "".join(public.splitlines()[1:-1]))
    return folder


def test_dkim_is_verified_by_the_published_key_and_covers_subject_and_body(keys: Path) -> None:
    signed = dkim_signer(keys / "key.pem", "sanji", "data.example")(message())

    def published(*_: object, **__: object) -> bytes:
        return (keys / "record").read_bytes()

    assert dkim.verify(signed, dnsfunc=published)
    for old, new in ((b"Subject: ", b"Subject: x"), (b"Date: Mon", b"Date: Tue"), (b"UEs", b"VEs")):
        assert old in signed
        assert not dkim.verify(signed.replace(old, new), dnsfunc=published)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl verifies what was signed")
def test_smime_is_verified_by_another_program_and_the_same_again(keys: Path, tmp_path: Path) -> None:
    sign = smime_signer(keys / "certificate.pem", keys / "key.pem")
    signed = sign(message(chart=b"\x89PNG"))
    assert signed == sign(message(chart=b"\x89PNG"))
    path = tmp_path / "signed.eml"

    def verified(content: bytes) -> bool:
        path.write_bytes(content)
        command = ["openssl", "cms", "-verify", "-noverify", "-in", path, "-out", tmp_path / "inside"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    assert verified(signed)
    assert not verified(signed.replace(b"UEs", b"VEs"))


def test_what_is_signed_keeps_its_headers_and_attachments(keys: Path) -> None:
    plain = email.message_from_bytes(message(), policy=email.policy.default)
    raw = smime_signer(keys / "certificate.pem", keys / "key.pem")(message())
    signed = email.message_from_bytes(raw, policy=email.policy.default)
    assert signed.get_content_type() == "multipart/signed"
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        assert signed.get_all(name) == plain.get_all(name)
    inner = signed.get_payload(0)
    assert isinstance(inner, email.message.EmailMessage)
    assert [part.get_payload(decode=True) for part in inner.iter_attachments()] == [file.content for file in FILES]
    raw.decode("ascii")
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_keys_that_do_not_load_are_for_the_administrator(keys: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no key")
    with pytest.raises(ConfigError, match="No such file"):
        dkim_signer(tmp_path / "missing.pem", "sanji", "data.example")
    with pytest.raises(ConfigError, match="DKIM key"):
        dkim_signer(broken, "sanji", "data.example")(message())
    with pytest.raises(ConfigError, match="S/MIME"):
        smime_signer(broken, keys / "key.pem")
