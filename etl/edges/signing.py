"""Signatures on outgoing mail: S/MIME by the sender's certificate, DKIM by the sending domain.

Both are put on when a message is handed over: the .eml in the outbox is what is said, the signatures are how it travels.
S/MIME comes first, because DKIM covers the body as it leaves.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import dkim
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from etl.errors import ConfigError

Signer = Callable[[bytes], bytes]

_DKIM_HEADERS = [
    b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"auto-submitted",
]
_HEADER = re.compile(rb"[!-9;-~]+:(?:[^\r\n]*\r\n)(?:[ \t][^\r\n]*\r\n)*")
_LINE = 64


def dkim_signer(key_file: Path, selector: str, domain: str) -> Signer:
    """Puts a DKIM-Signature in front of a message (RFC 6376, relaxed/relaxed). ConfigError if the key does not load."""
    key = _read(key_file)

    def sign(content: bytes) -> bytes:
        try:
            header = dkim.sign(
                content, selector.encode(), domain.encode(), key,
                canonicalize=(b"relaxed", b"relaxed"), include_headers=_DKIM_HEADERS,
            )
        except (dkim.DKIMException, ValueError) as error:
            raise ConfigError(f"DKIM key {key_file.name}: {error}") from error
        return bytes(header) + content

    return sign


def smime_signer(certificate_file: Path, key_file: Path) -> Signer:
    """Makes a message multipart/signed (RFC 8551), readable by programs that know nothing of it.

    ConfigError if the certificate or the key does not load.
    """
    certificate, key = _pair(certificate_file, key_file)

    def sign(content: bytes) -> bytes:
        outer, entity = _split(content)
        signature = (
            pkcs7.PKCS7SignatureBuilder()
            .set_data(entity)
            .add_signer(certificate, key, hashes.SHA256())
            .sign(
                serialization.Encoding.DER,
                # Without signing time and other attributes the same message gives the same signature.
                [
                    pkcs7.PKCS7Options.DetachedSignature,
                    pkcs7.PKCS7Options.Binary,
                    pkcs7.PKCS7Options.NoAttributes,
                ],
            )
        )
        return outer + _signed(entity, signature)

    return sign


@cache
def _pair(
    certificate_file: Path, key_file: Path
) -> tuple[x509.Certificate, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate(_read(certificate_file))
        key = serialization.load_pem_private_key(_read(key_file), password=None)
    except ValueError as error:
        raise ConfigError(f"S/MIME certificate or key: {error}") from error
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ConfigError("S/MIME key: neither RSA nor elliptic curve")
    return certificate, key


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"signing key {path}: {error.strerror}") from error


def _split(content: bytes) -> tuple[bytes, bytes]:
    """The headers of the message, and its content with the headers that describe it."""
    head, _, body = content.partition(b"\r\n\r\n")
    outer, inner = [], []
    for header in _HEADER.findall(head + b"\r\n"):
        name = header.partition(b":")[0].lower()
        if name.startswith(b"content-"):
            inner.append(header)
        else:
            outer.append(header)
    return b"".join(outer), b"".join(inner) + b"\r\n" + body


def _signed(entity: bytes, signature: bytes) -> bytes:
    boundary = b"=_smime_" + hashlib.sha256(entity).hexdigest()[:32].encode()
    lines = base64.b64encode(signature)
    wrapped = b"\r\n".join(lines[at : at + _LINE] for at in range(0, len(lines), _LINE))
    return b"\r\n".join(
        (
            b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg="sha-256";',
            b' boundary="' + boundary + b'"',
            b"",
            b"This is an S/MIME signed message",
            b"--" + boundary,
            entity,
            b"--" + boundary,
            b'Content-Type: application/pkcs7-signature; name="smime.p7s"',
            b"Content-Transfer-Encoding: base64",
            b'Content-Disposition: attachment; filename="smime.p7s"',
            b"",
            wrapped,
            b"--" + boundary + b"--",
            b"",
        )
    )
