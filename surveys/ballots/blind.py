"""Blind signatures as RFC 9474 has them: the issuer signs what it cannot read. Pure.

The names of the steps, and the numbers in brackets, are the RFC's. Everything travels as bytes, most
significant first, as long as the modulus (`Key.size`).
"""

import hashlib
import math
import secrets
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

BITS = 2048
EXPONENT = 65537
NONCE = 32  # bytes that Prepare sets before a message [4.1]
DIGEST = 48  # bytes of SHA-384


class Refused(Exception):
    """A step of the protocol cannot be taken with what was given; says which and why."""


@dataclass(frozen=True)
class Variant:
    """One of the RFC's four named ways [5]: the salt's length, and whether Prepare draws a nonce."""

    name: str
    salt: int
    randomized: bool


PSS_RANDOMIZED = Variant("RSABSSA-SHA384-PSS-Randomized", DIGEST, True)  # the one that ballots use
VARIANTS = (
    PSS_RANDOMIZED,
    Variant("RSABSSA-SHA384-PSSZERO-Randomized", 0, True),
    Variant("RSABSSA-SHA384-PSS-Deterministic", DIGEST, False),
    Variant("RSABSSA-SHA384-PSSZERO-Deterministic", 0, False),
)


@dataclass(frozen=True)
class Key:
    """The public half: what blinds, and what verifies."""

    n: int
    e: int = EXPONENT

    @property
    def size(self) -> int:
        """The length of everything signed by it, in bytes."""
        return (self.n.bit_length() + 7) // 8

    @cached_property
    def public(self) -> rsa.RSAPublicKey:
        """The same for the library that verifies."""
        return rsa.RSAPublicNumbers(self.e, self.n).public_key()

    @cached_property
    def der(self) -> bytes:
        """Its standard form: a SubjectPublicKeyInfo in DER (RFC 5280), which fingerprints are taken of."""
        return self.public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the standard form, in hexadecimal digits."""
        return hashlib.sha256(self.der).hexdigest()

    @classmethod
    def read(cls, der: bytes) -> "Key":
        """The key whose standard form this is."""
        numbers = _of_rsa(serialization.load_der_public_key(der)).public_numbers()
        return cls(numbers.n, numbers.e)


@dataclass(frozen=True, repr=False)
class PrivateKey:
    """The half that signs. It has no readable form, so that no error quotes it."""

    p: int
    q: int
    d: int
    key: Key

    @classmethod
    def made(cls, bits: int = BITS) -> "PrivateKey":
        """A new key: about 56 ms for 2048 bits."""
        return cls._of(rsa.generate_private_key(EXPONENT, bits))

    @classmethod
    def read(cls, der: bytes) -> "PrivateKey":
        """The key that `der` wrote; its parts are not examined again, because we made them."""
        found = serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
        assert isinstance(found, rsa.RSAPrivateKey)
        return cls._of(found)

    @classmethod
    def _of(cls, key: rsa.RSAPrivateKey) -> "PrivateKey":
        numbers = key.private_numbers()
        public = numbers.public_numbers
        return cls(numbers.p, numbers.q, numbers.d, Key(public.n, public.e))

    @property
    def der(self) -> bytes:
        """Its standard form: PKCS #8 in DER, in the clear."""
        p, q, d = self.p, self.q, self.d
        rest = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
        public = rsa.RSAPublicNumbers(self.key.e, self.key.n)
        key = rsa.RSAPrivateNumbers(p, q, d, *rest, public).private_key(unsafe_skip_rsa_key_validation=True)
        return key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass(frozen=True)
class Blinded:
    """What the issuer gets to see, and what only the asker knows: the inverse of the blinding factor."""

    message: bytes
    inverse: int


def prepare(message: bytes, nonce: bytes | None = None) -> bytes:
    """A message with 32 random bytes before it, so that no two prepared ones are alike [4.1]."""
    return (secrets.token_bytes(NONCE) if nonce is None else nonce) + message


def blind(
    key: Key, prepared: bytes, variant: Variant = PSS_RANDOMIZED, *, salt: bytes | None = None, r: int = 0
) -> Blinded:
    """A message made unreadable for the issuer: multiplied by r^e, which any number can be [4.2].

    salt, r -- drawn at random; given only by the tests that follow the RFC's examples

    Raises Refused where the message shares a factor with the modulus, which never happens by chance.
    """
    m = int.from_bytes(encode(prepared, key.n.bit_length() - 1, variant, salt))
    if math.gcd(m, key.n) != 1:
        raise Refused("the message is not invertible modulo n")
    r, inverse = (r, pow(r, -1, key.n)) if r else _invertible(key.n)
    return Blinded((m * pow(r, key.e, key.n) % key.n).to_bytes(key.size), inverse)


def blind_sign(private: PrivateKey, blinded: bytes) -> bytes:
    """The signature of a message the issuer cannot read [4.3]; the same message gets the same signature.

    The work is done on a random multiple of the message, so that its duration tells nothing of the key, and
    is verified before it leaves, so that a fault of the machine does not give the key away [8.1]. 9 ms.
    Raises Refused for what is no number below n, or is shorter or longer than the modulus.
    """
    key = private.key
    m = int.from_bytes(blinded)
    if len(blinded) != key.size or not 1 < m < key.n - 1:
        raise Refused("not a blinded message for this key")
    r, inverse = _invertible(key.n)
    s = _power(private, m * pow(r, key.e, key.n) % key.n) * inverse % key.n
    if pow(s, key.e, key.n) != m:
        raise Refused("signing failure")
    return s.to_bytes(key.size)


def _power(private: PrivateKey, base: int) -> int:
    """base^d modulo n by its two prime factors (RFC 8017 §5.1.2), four times as fast."""
    p, q, d = private.p, private.q, private.d
    m1, m2 = pow(base % p, d % (p - 1), p), pow(base % q, d % (q - 1), q)
    return m2 + q * ((m1 - m2) * pow(q, -1, p) % p)


def finalize(
    key: Key, prepared: bytes, signature: bytes, inverse: int, variant: Variant = PSS_RANDOMIZED
) -> bytes:
    """The signature of the message itself: the factor taken out again, and checked [4.4]; raises Refused."""
    if len(signature) != key.size:
        raise Refused("unexpected input size")
    found = (int.from_bytes(signature) * inverse % key.n).to_bytes(key.size)
    if not verified(key, prepared, found, variant):
        raise Refused("invalid signature")
    return found


def verified(key: Key, prepared: bytes, signature: bytes, variant: Variant = PSS_RANDOMIZED) -> bool:
    """Whether this is the key's signature of a prepared message: a plain RSASSA-PSS check [4.5]."""
    way = padding.PSS(padding.MGF1(hashes.SHA384()), variant.salt)
    try:
        key.public.verify(signature, prepared, way, hashes.SHA384())
    except InvalidSignature:
        return False
    return True


def encode(message: bytes, bits: int, variant: Variant = PSS_RANDOMIZED, salt: bytes | None = None) -> bytes:
    """EMSA-PSS-ENCODE of RFC 8017 §9.1.1 with SHA-384: the number that is signed, below 2^bits.

    The salt is random unless given; raises Refused where the key is too short for it.
    """
    salt = secrets.token_bytes(variant.salt) if salt is None else salt
    length = (bits + 7) // 8
    if length < DIGEST + len(salt) + 2:
        raise Refused("encoding error")
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    block = bytes(length - len(salt) - DIGEST - 2) + b"\x01" + salt
    masked = int.from_bytes(block) ^ int.from_bytes(_mask(digest, len(block)))
    masked &= (1 << 8 * len(block) - (8 * length - bits)) - 1
    return masked.to_bytes(len(block)) + digest + b"\xbc"


def _mask(seed: bytes, length: int) -> bytes:
    """MGF1 of RFC 8017 §B.2.1 with SHA-384."""
    parts = -(-length // DIGEST)
    return b"".join(hashlib.sha384(seed + i.to_bytes(4)).digest() for i in range(parts))[:length]


def _invertible(n: int) -> tuple[int, int]:
    """A random number below n that shares no factor with it, and its inverse."""
    while True:
        r = secrets.randbelow(n - 1) + 1
        if math.gcd(r, n) == 1:
            return r, pow(r, -1, n)


def _of_rsa(key: object) -> rsa.RSAPublicKey:
    assert isinstance(key, rsa.RSAPublicKey)
    return key
