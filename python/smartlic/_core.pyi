"""
The licence and its rules, identity, messages, agent and manager: sans-I/O, so time, bytes and entropy are always arguments.
"""
from __future__ import annotations
import collections.abc
import datetime
import numpy
import numpy.typing
import smartlic._gate
import typing
import typing_extensions
import uuid
__all__: list[str] = ['Agent', 'AppendEvent', 'AuthorityOrder', 'Authorization', 'Catalogue', 'CatalogueEntry', 'Certificate', 'CertificateFacts', 'ChainHead', 'ChainReport', 'Checkpoint', 'Csr', 'EntitlementRequest', 'EntitlementTag', 'Entropy', 'Envelope', 'Event', 'Examined', 'Facts', 'FleetPlan', 'FleetResult', 'InstanceRecord', 'InventoryRow', 'LedgerEvent', 'Licence', 'LicensingClock', 'LogEntitlement', 'LogEntry', 'LogReader', 'LogRun', 'Manager', 'ManagerIdentity', 'ManagerPolicy', 'MemoryLedger', 'NewAuthority', 'NewToken', 'Notify', 'Periods', 'Persist', 'Pool', 'PrivateKey', 'PublicKey', 'PutInstance', 'Query', 'RootSet', 'RootSwap', 'RootsUpdate', 'Send', 'Signer', 'SpendToken', 'TokenParts', 'TokenRecord', 'TrustFile', 'Udi', 'Verdict', 'account_hash', 'append_event', 'create_csr', 'dates_valid_at', 'enforcement_table', 'issue_id', 'issue_signing', 'issue_tls_server', 'make_root', 'make_token', 'mode_at', 'new_authority', 'new_root', 'parse_envelope', 'parse_token', 'random_serial', 'rotate_signing', 'run_fleet', 'seal', 'sign_checkpoint', 'signing_due_for_rotation', 'swap_roots', 'trace_device', 'verify_answer_signer', 'verify_chain', 'verify_checkpoint', 'verify_request_signer']
class Periods:
    """
    Every length of time that the rules use. Keyword arguments are the attributes: timedeltas, positive, at most 100
    years; jitter_percent; full_jitter. What is not given is the rules' default. Raises InputError for other values.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, **kwargs: typing.Any) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def ask_denied(self) -> datetime.timedelta:
        """
        Until the next ask after a refusal that names no time (D7).
        """
    @property
    def ask_max(self) -> datetime.timedelta:
        """
        Ceiling of an answer's retry_interval (E8, F3).
        """
    @property
    def ask_min(self) -> datetime.timedelta:
        """
        Floor of an answer's retry_interval (E8).
        """
    @property
    def authorization(self) -> datetime.timedelta:
        """
        From an answer's start_date (E5, D3).
        """
    @property
    def certificate_warning(self) -> datetime.timedelta:
        """
        'certificate_ending' comes this long before its end (E10).
        """
    @property
    def evaluation(self) -> datetime.timedelta:
        """
        The evaluation period, once in a product's life (E4).
        """
    @property
    def evaluation_warning(self) -> datetime.timedelta:
        """
        'evaluation_ending' comes with this much left (E10).
        """
    @property
    def full_jitter(self) -> bool:
        """
        Retries are drawn from their window; if false they wait all of it (E8).
        """
    @property
    def jitter_percent(self) -> int:
        """
        Regular asks come up to this much earlier (E8).
        """
    @property
    def renew_min(self) -> datetime.timedelta:
        """
        Floor of renew_interval (E8).
        """
    @property
    def retry_base(self) -> datetime.timedelta:
        """
        The first back-off window (E8).
        """
    @property
    def retry_max(self) -> datetime.timedelta:
        """
        The largest back-off window (E8).
        """
class Authorization:
    """
    A granting answer that was accepted; held after its end too (E2).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, start: datetime.datetime, bound: datetime.datetime, out_of_compliance: bool = False) -> None:
        """
        start: the answer's start_date (D2). bound: the end of the ID certificate held then.
        """
    def __repr__(self) -> str:
        ...
    def end(self, periods: Periods = ...) -> datetime.datetime:
        """
        The earlier of the own period's end and the bound.
        """
    def ends_by_own_period(self, periods: Periods = ...) -> bool:
        """
        Whether the own period ends it; a tie counts so (E2).
        """
    @property
    def bound(self) -> datetime.datetime:
        """
        The ID certificate's end, moved by renewals made in time.
        """
    @property
    def out_of_compliance(self) -> bool:
        """
        What the answer said (S3).
        """
    @property
    def start(self) -> datetime.datetime:
        """
        The answer's start_date (D2).
        """
class LicensingClock:
    """
    Licensing time L beside the machine's clocks (T1, T2, T4). Within a boot it advances with the boot clock, across
    boots by the wall clock's difference, and never back by itself.
    """
    def __init__(self, *, licensing: datetime.datetime | None = None, seen: smartlic._gate.Now) -> None:
        """
        L was `licensing` at the look `seen`; None when the product first starts: then the wall clock is believed, once.
        """
    def at(self, now: smartlic._gate.Now) -> datetime.datetime:
        """
        L at `now`; moves nothing.
        """
    def correct(self, *, now: smartlic._gate.Now, licensing: datetime.datetime) -> None:
        """
        Set L at `now`: the only way back (T2).
        """
    def corrected(self, *, now: smartlic._gate.Now, answer_time: datetime.datetime, asked: smartlic._gate.Now) -> datetime.datetime:
        """
        Where T2 puts L when an answer with the manager's `answer_time` to a request made at `asked` is accepted.
        """
    def observe(self, now: smartlic._gate.Now, *, tolerance: datetime.timedelta = ...) -> tuple[datetime.datetime, datetime.datetime] | None:
        """
        Look at the clocks. If the wall clock jumped by more than `tolerance`: what it should have shown and what it shows (T4); else None.
        """
    @property
    def licensing(self) -> datetime.datetime:
        """
        L at the last look.
        """
    @property
    def seen(self) -> smartlic._gate.Now:
        """
        The last look.
        """
class Pool:
    """
    One virtual account: what was purchased, what is in use, who is in compliance (P1, P2; S3, S7, F6).
    
    Tags and instances are numbers; `now` does not fall. Raises InputError for a tag or count out of range.
    """
    def __init__(self) -> None:
        ...
    def balance(self, tag: typing.SupportsInt | typing.SupportsIndex, *, now: datetime.datetime) -> int:
        """
        Purchased minus in use; negative raises the alert (F6).
        """
    def extend(self, instance: typing.SupportsInt | typing.SupportsIndex, *, until: datetime.datetime, now: datetime.datetime) -> None:
        """
        Move the end of a usage that goes on; one that has ended stays so.
        """
    def in_use(self, tag: typing.SupportsInt | typing.SupportsIndex, *, now: datetime.datetime) -> int:
        """
        The sum of the latest requested counts (S7).
        """
    def purchase(self, tag: typing.SupportsInt | typing.SupportsIndex, count: typing.SupportsInt | typing.SupportsIndex, *, start: datetime.datetime, end: datetime.datetime | None = None) -> None:
        """
        Add licences, valid from start until before end; None: perpetual.
        """
    def purchased(self, tag: typing.SupportsInt | typing.SupportsIndex, *, now: datetime.datetime) -> int:
        """
        How many licences of a tag are valid.
        """
    def release(self, instance: typing.SupportsInt | typing.SupportsIndex) -> None:
        """
        End an instance's usage.
        """
    def usage(self, instance: typing.SupportsInt | typing.SupportsIndex, *, now: datetime.datetime) -> dict[int, int]:
        """
        What an instance uses: tag -> count.
        """
    def use(self, instance: typing.SupportsInt | typing.SupportsIndex, wanted: collections.abc.Mapping[typing.SupportsInt | typing.SupportsIndex, typing.SupportsInt | typing.SupportsIndex], *, until: datetime.datetime | None, now: datetime.datetime) -> bool:
        """
        Replace what an instance uses by `wanted` (tag -> count) until `until` (None: without end). Whether each of its tags is in compliance now (P2).
        """
class Event:
    """
    Something that happened to a device (RULES E10), with its time and facts. A fact that this kind has not is None.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The facts that this kind has, in plain types, as --json prints.
        """
    @property
    def after(self) -> smartlic._gate.Mode | None:
        """
        mode_changed, authorized: the mode from now on.
        """
    @property
    def at(self) -> datetime.datetime:
        """
        Licensing time.
        """
    @property
    def before(self) -> smartlic._gate.Mode | None:
        """
        mode_changed: the mode before.
        """
    @property
    def cause(self) -> str | None:
        """
        mode_changed: why.
        """
    @property
    def code(self) -> str | None:
        """
        The row of the error table.
        """
    @property
    def from_(self) -> datetime.datetime | None:
        """
        authorized: start_date; clock_*: the value before.
        """
    @property
    def kind(self) -> str:
        """
        What happened: 'mode_changed', 'registered', 'authorized', …
        """
    @property
    def to(self) -> datetime.datetime | None:
        """
        The end that this is about; clock_*: the new value.
        """
class CertificateFacts:
    """
    What the licence needs to know of an ID certificate (E7).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, issued: datetime.datetime, not_after: datetime.datetime, renew_at: datetime.datetime) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def issued(self) -> datetime.datetime:
        """
        When it was issued.
        """
    @property
    def not_after(self) -> datetime.datetime:
        """
        Its end.
        """
    @property
    def renew_at(self) -> datetime.datetime:
        """
        When its renewal is due (D1).
        """
class Licence:
    """
    The licence of one product instance as typed facts: no keys, no messages, no clock (RULES E).
    
    Commands say what the operator wants; poll_request() says which request is due and opened() that it was made; handle_*
    take what came of it; advance() runs deadlines; next_deadline says when to come back. Every input takes licensing time
    `now`, first runs all deadlines up to it, each at its own instant (E3), and returns the events in order. An input that
    raises changes nothing but that; the events of its deadlines begin the next list. Times before the last one count as
    the last one.
    
    Raises StateError (command_refused) for a command that the state does not allow, TrustError (answer_unmatched) for an
    answer to no open request, InputError for unknown names.
    """
    def __copy__(self) -> Licence:
        ...
    def __init__(self, *, made: datetime.datetime, seed: typing.SupportsInt | typing.SupportsIndex, periods: Periods = ...) -> None:
        """
        made: when the product left the factory: Disabled, unidentified, evaluation unused. seed: feeds the jitter of E8.
        """
    def __repr__(self) -> str:
        ...
    def advance(self, *, now: datetime.datetime) -> list[Event]:
        """
        Run all deadlines up to `now` (E3).
        """
    def authorize(self, *, now: datetime.datetime) -> list[Event]:
        """
        Ask now. StateError while unidentified or with nothing requested.
        """
    def coming(self) -> list[Event]:
        """
        The changes of mode that follow if nothing more is heard or done.
        """
    def correct(self, *, now: datetime.datetime, truth: datetime.datetime) -> list[Event]:
        """
        Licensing time was wrong: at `now` it becomes `truth` (T2).
        """
    def deregister(self, *, now: datetime.datetime) -> list[Event]:
        """
        Tell the manager; done at once and locally if the ID certificate has ended.
        """
    def disable(self, *, now: datetime.datetime) -> list[Event]:
        """
        Disable it: calls are rejected and nothing is sent.
        """
    def enable(self, *, now: datetime.datetime) -> list[Event]:
        """
        Enable smart licensing; twice changes nothing.
        """
    def handle_deregistered(self, *, slot: str = 'online', now: datetime.datetime) -> list[Event]:
        """
        The deregistration was answered.
        """
    def handle_granted(self, *, slot: str = 'online', start_date: datetime.datetime, out_of_compliance: bool, retry_interval: datetime.timedelta, now: datetime.datetime) -> list[Event]:
        """
        A granting answer. TrustError (authorization_over) if its own period has passed (E5).
        """
    def handle_no_answer(self, *, code: str, retry_after: datetime.timedelta | None = None, now: datetime.datetime) -> list[Event]:
        """
        Anything else came of the online request: no mode changes (E6).
        """
    def handle_refused(self, *, slot: str = 'online', code: str, retry_after: datetime.timedelta | None = None, now: datetime.datetime) -> list[Event]:
        """
        A signed refusal: its row of the error table says what it does (E6, M9).
        """
    def handle_registered(self, *, slot: str = 'online', certificate: CertificateFacts, now: datetime.datetime) -> list[Event]:
        """
        The registration was answered.
        """
    def handle_renewed(self, *, slot: str = 'online', certificate: CertificateFacts, now: datetime.datetime) -> list[Event]:
        """
        The renewal was answered.
        """
    def open(self, slot: str) -> str | None:
        """
        The kind of request that is open in a slot; or None.
        """
    def opened(self, *, slot: str = 'online', kind: str, now: datetime.datetime) -> list[Event]:
        """
        A request of this kind was made; it replaces what was open in the slot.
        """
    def poll_request(self) -> str | None:
        """
        The kind of request to make now, if one is due and the wire is free; or None.
        """
    def register(self, *, now: datetime.datetime) -> list[Event]:
        """
        Ask for a registration. StateError while registered.
        """
    def renew(self, *, now: datetime.datetime) -> list[Event]:
        """
        Renew the ID certificate now. StateError without one.
        """
    def request(self, *, now: datetime.datetime) -> list[Event]:
        """
        The entitlement request changed; ask for it as soon as possible.
        """
    @property
    def authorization(self) -> Authorization | None:
        """
        The authorization held, ended or not (E2); or None.
        """
    @property
    def certificate(self) -> CertificateFacts | None:
        """
        The ID certificate held, ended or not; or None.
        """
    @property
    def enabled(self) -> bool:
        """
        Smart licensing is enabled.
        """
    @property
    def evaluation_end(self) -> datetime.datetime:
        """
        When the evaluation would end if the mode stayed Eval; None in any other mode.
        """
    @property
    def evaluation_used(self) -> datetime.timedelta:
        """
        Evaluation time used so far (E4).
        """
    @property
    def mode(self) -> smartlic._gate.Mode:
        """
        The mode at the last input.
        """
    @property
    def next_deadline(self) -> datetime.datetime:
        """
        When to come back: a deadline, or a request due; or None.
        """
    @property
    def next_rule_deadline(self) -> datetime.datetime:
        """
        The next instant at which a deadline of E3 runs; or None.
        """
    @property
    def periods(self) -> Periods:
        """
        What it was made with.
        """
    @property
    def registered(self) -> bool:
        """
        An ID certificate is held and has not ended (E7).
        """
    @property
    def time(self) -> datetime.datetime:
        """
        Licensing time of the last input.
        """
class Entropy:
    """
    Random-looking bytes from a seed of 32 (DESIGN 3): the same seed gives the same bytes for ever.
    
    For nonces, serial numbers, UUIDs and tokens; keys and signatures draw on OpenSSL's own randomness.
    Give every owner a seed of its own: `smartlic._gate.entropy(32)`, or `seed()` of another.
    """
    def __init__(self, seed: bytes) -> None:
        ...
    def draw(self, count: typing.SupportsInt | typing.SupportsIndex) -> bytes:
        """
        The next `count` bytes.
        """
    def seed(self) -> bytes:
        """
        32 bytes, to seed another owner with.
        """
    def serial_number(self) -> str:
        """
        A serial number for a certificate, in hexadecimal: 16 octets.
        """
    def uuid(self) -> uuid.UUID:
        """
        A version 4 UUID.
        """
class Udi:
    """
    Which piece of product this is: product ID and serial number (S12, F2).
    """
    @staticmethod
    def parse(text: str) -> Udi:
        """
        Reads `PID:<PID>,SN:<SN>`, with or without the comma (S14). Raises InputError.
        """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, product_id: str, serial: str) -> None:
        """
        Raises InputError for what a certificate's PrintableString cannot hold (RULES M6).
        """
    def __repr__(self) -> str:
        ...
    def __str__(self) -> str:
        ...
    @property
    def product_id(self) -> str:
        """
        The product ID.
        """
    @property
    def serial(self) -> str:
        """
        The serial number.
        """
class EntitlementTag:
    """
    An entitlement tag or software ID tag, taken apart (F5): regid.<year>-<month>.<domain>.<feature>,<version>_<uuid>.
    """
    @staticmethod
    def parse(text: str) -> EntitlementTag:
        """
        Reads the one canonical spelling. Raises InputError, naming the part.
        """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def __str__(self) -> str:
        ...
    @property
    def domain(self) -> str:
        """
        Reversed: `com.cisco`.
        """
    @property
    def feature(self) -> str:
        """
        What is licensed: `CUSP-5`.
        """
    @property
    def month(self) -> int:
        """
        Of the domain's registration, 1 to 12.
        """
    @property
    def uuid(self) -> uuid.UUID:
        """
        The tag's own UUID.
        """
    @property
    def version(self) -> str:
        """
        `1.0`.
        """
    @property
    def year(self) -> int:
        """
        Of the domain's registration.
        """
class PublicKey:
    """
    A P-256 key, or an RSA key of 2048 to 4096 bits (RULES M1). Immutable.
    """
    @staticmethod
    def from_spki_der(der: bytes) -> PublicKey:
        """
        Reads a SubjectPublicKeyInfo (RFC 5280, 4.1).
        
        Raises TrustError (algorithm_refused) for another kind of key, InputError for none.
        """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def verify(self, *, data: bytes, signature: bytes) -> bool:
        """
        Whether this is the key's JWS signature of `data`: ES256 is r || s in 64 bytes
        (RFC 7518, 3.4).
        """
    @property
    def algorithm(self) -> str:
        """
        'ES256' or 'RS256'.
        """
    @property
    def spki_der(self) -> bytes:
        """
        SubjectPublicKeyInfo, DER.
        """
    @property
    def thumbprint(self) -> str:
        """
        RFC 7638 with SHA-256, base64url: a registration's `kid`.
        """
class PrivateKey:
    """
    A key pair that signs messages, requests and certificates. Immutable.
    
    `generate` and `sign` draw on OpenSSL's own randomness; nothing else does.
    """
    @staticmethod
    def from_pem(pem: str, passphrase: str = '') -> PrivateKey:
        """
        Reads PKCS #8, in clear or encrypted (PBES2).
        
        Raises InputError (passphrase_wrong, also if one is needed; invalid_argument),
        TrustError (algorithm_refused).
        """
    @staticmethod
    def generate(algorithm: str = 'ES256', *, rsa_bits: typing.SupportsInt | typing.SupportsIndex = 2048) -> PrivateKey:
        """
        Makes a key for 'ES256' (P-256), or 'RS256' with `rsa_bits` from 2048 to 4096.
        
        Raises InputError for another algorithm, TrustError (algorithm_refused) for another size.
        """
    def __repr__(self) -> str:
        ...
    def sign(self, data: bytes) -> bytes:
        """
        A signature as JWS has it (RFC 7518); see PublicKey.verify.
        """
    def to_pem(self, *, passphrase: str | None = None, entropy: bytes | None = None) -> str:
        """
        PKCS #8: in clear, or encrypted under a passphrase with 32 bytes of entropy, which
        become salt and IV and are never used twice (PBKDF2 with 600,000 rounds, AES-256).
        
        Raises InputError for one without the other, and for an empty passphrase.
        """
    @property
    def algorithm(self) -> str:
        """
        'ES256' or 'RS256'.
        """
    @property
    def public_key(self) -> PublicKey:
        """
        The half that verifies.
        """
class Csr:
    """
    A certificate signing request (PKCS #10) whose own signature holds. Immutable.
    """
    @staticmethod
    def from_der(der: bytes) -> Csr:
        """
        Reads and verifies one request.
        
        Raises TrustError (signature_invalid, algorithm_refused), InputError.
        """
    def __repr__(self) -> str:
        ...
    @property
    def der(self) -> bytes:
        """
        The request, DER.
        """
    @property
    def pem(self) -> str:
        """
        The request, PEM.
        """
    @property
    def public_key(self) -> PublicKey:
        """
        The key to be certified.
        """
    @property
    def udi(self) -> Udi:
        """
        The subject.
        """
class Certificate:
    """
    An X.509 certificate: facts only, read strictly and without a clock. Immutable.
    """
    @staticmethod
    def from_der(der: bytes) -> Certificate:
        """
        Raises TrustError (algorithm_refused) for other keys, else InputError.
        """
    @staticmethod
    def from_pem(pem: str) -> Certificate:
        """
        Reads the one block of a PEM text. Raises as `from_der`.
        """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def issued_by(self, issuer: Certificate) -> bool:
        """
        By names, key identifiers and signature; profile and dates are not looked at.
        """
    def valid_at(self, time: datetime.datetime) -> bool:
        """
        not_before <= time < not_after.
        """
    @property
    def common_name(self) -> str:
        """
        Of the subject; empty if there is not exactly one.
        """
    @property
    def der(self) -> bytes:
        """
        The certificate, DER.
        """
    @property
    def domain_hash(self) -> str:
        """
        Of the logical account (RULES M6); empty if there is none.
        """
    @property
    def ext_key_usages(self) -> list[str]:
        """
        Object identifiers, dotted.
        """
    @property
    def fingerprint(self) -> bytes:
        """
        SHA-256 of the DER.
        """
    @property
    def is_ca(self) -> bool:
        """
        Whether it may issue certificates.
        """
    @property
    def not_after(self) -> datetime.datetime:
        """
        Aware, UTC: the first instant at which it is not valid (RULES E3).
        """
    @property
    def not_before(self) -> datetime.datetime:
        """
        Aware, UTC.
        """
    @property
    def path_len(self) -> int | None:
        """
        How many authorities may follow, or None.
        """
    @property
    def pem(self) -> str:
        """
        The certificate, PEM.
        """
    @property
    def public_key(self) -> PublicKey:
        """
        The subject's key.
        """
    @property
    def serial(self) -> str:
        """
        The serial number in lower-case hexadecimal, two digits an octet.
        """
    @property
    def signature_algorithm(self) -> str:
        """
        'ES256' or 'RS256': the issuer's.
        """
    @property
    def subject_serial_number(self) -> str:
        """
        The UDI in an ID certificate (S14), else empty.
        """
    @property
    def tbs_der(self) -> bytes:
        """
        The part that is signed, DER.
        """
    @property
    def uuid(self) -> uuid.UUID | None:
        """
        The instance's or manager's, of the alternative name; or None.
        """
class RootSet:
    """
    The pinned roots, one to eight, with a version that only rises (RULES M2).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, version: typing.SupportsInt | typing.SupportsIndex, roots: collections.abc.Sequence[Certificate]) -> None:
        """
        Raises InputError, naming the root at fault.
        """
    def __repr__(self) -> str:
        ...
    @property
    def roots(self) -> list[Certificate]:
        """
        The certificates.
        """
    @property
    def version(self) -> int:
        """
        Rises with every root swap.
        """
class Signer:
    """
    Who issues: a certificate and its key. Immutable.
    """
    def __init__(self, *, certificate: Certificate, key: PrivateKey) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def certificate(self) -> Certificate:
        """
        The certificate.
        """
    @property
    def key(self) -> PrivateKey:
        """
        Its private key.
        """
class Envelope:
    """
    A message taken apart (RFC 7515, 7.2.2); nothing in it is verified.
    """
    def __repr__(self) -> str:
        ...
    @property
    def algorithm(self) -> str:
        """
        `alg`.
        """
    @property
    def kid(self) -> str | None:
        """
        The thumbprint of the signer's key, or None.
        """
    @property
    def payload(self) -> bytes:
        """
        JSON, not read.
        """
    @property
    def request_hash(self) -> bytes:
        """
        SHA-256 of the signing input: how an answer names its request (M4).
        """
    @property
    def signature(self) -> bytes:
        """
        As PublicKey.verify takes it.
        """
    @property
    def signing_input(self) -> bytes:
        """
        What the signature covers (RFC 7515, 5.1).
        """
    @property
    def type(self) -> str:
        """
        The message's name, of `typ`: 'authorize'.
        """
    @property
    def x5c(self) -> list[bytes] | None:
        """
        Certificates in DER, the signer's first, or None.
        """
class TrustFile:
    """
    What `manager init` writes and an agent pins: the manager's UUID and its roots (RULES M14).
    """
    @staticmethod
    def decode(content: bytes) -> TrustFile:
        """
        Reads a trust file.
        
        Raises TrustError (message_too_large, message_malformed, version_unsupported,
        payload_invalid).
        """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, manager: uuid.UUID, roots: RootSet) -> None:
        ...
    def __repr__(self) -> str:
        ...
    def encode(self) -> bytes:
        """
        The file's content: JSON, with a line break at its end.
        """
    @property
    def manager(self) -> uuid.UUID:
        """
        The manager's UUID (RULES M4).
        """
    @property
    def roots(self) -> RootSet:
        """
        Its pinned roots (RULES M2).
        """
class RootsUpdate:
    """
    A newer trust file and the signature by a root held before (RULES M2).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, trust_file: bytes, signature: bytes) -> None:
        ...
    @property
    def signature(self) -> bytes:
        """
        A detached JWS signature over it.
        """
    @property
    def trust_file(self) -> bytes:
        """
        The newer trust file, encoded.
        """
class CatalogueEntry:
    """
    One licence as it is sold (D8, F4, F5).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, short_name: str, tag: str, cps: typing.SupportsInt | typing.SupportsIndex, version: str = '', display_name: str = '') -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def cps(self) -> int:
        """
        Calls per second of one count.
        """
    @property
    def display_name(self) -> str:
        """
        For people.
        """
    @property
    def short_name(self) -> str:
        """
        As people type it: `CUSP-5`.
        """
    @property
    def tag(self) -> str:
        """
        The whole entitlement tag.
        """
    @property
    def version(self) -> str:
        """
        As sent in a request (S18).
        """
class Catalogue:
    """
    The licences that are known. The default one has `CUSP-5` (D8).
    """
    @typing.overload
    def __init__(self) -> None:
        ...
    @typing.overload
    def __init__(self, entries: collections.abc.Sequence[CatalogueEntry]) -> None:
        """
        Raises InputError for a name or tag that occurs twice or is empty.
        """
    def resolve(self, name: str) -> CatalogueEntry:
        """
        Finds an entry by short name or whole tag.
        
        Raises InputError (unknown_tag), listing the known names.
        """
    @property
    def entries(self) -> list[CatalogueEntry]:
        """
        What it has, in its order.
        """
class EntitlementRequest:
    """
    One entitlement asked for: a tag and its requested count (S15).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, tag: str, count: typing.SupportsInt | typing.SupportsIndex, version: str = '', display_name: str = '') -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def count(self) -> int:
        """
        1 to 10^9.
        """
    @property
    def display_name(self) -> str:
        """
        For people.
        """
    @property
    def tag(self) -> str:
        """
        The whole entitlement tag (F5).
        """
    @property
    def version(self) -> str:
        """
        Of the entitlement.
        """
class TokenParts:
    """
    What a device keeps of a registration token; not the secret (RULES M5).
    """
    def __repr__(self) -> str:
        ...
    @property
    def id(self) -> str:
        """
        The token's ID.
        """
    @property
    def secret_hash(self) -> bytes:
        """
        SHA-256 of its secret.
        """
class Persist:
    """
    Make this state durable before anything that is polled after it.
    """
    def __repr__(self) -> str:
        ...
    @property
    def state(self) -> bytes:
        """
        What Agent.load takes: JSON.
        """
class Send:
    """
    Send this request to the manager, or write it to a file (RULES M12).
    """
    def __repr__(self) -> str:
        ...
    @property
    def bytes(self) -> bytes:
        """
        The signed message.
        """
    @property
    def kind(self) -> str:
        """
        'registration', 'authorization', 'renewal' or 'deregistration'.
        """
    @property
    def slot(self) -> str:
        """
        'online', or 'exported': it is for a file.
        """
class Notify:
    """
    Tell the product and its operator (RULES E10).
    """
    def __repr__(self) -> str:
        ...
    @property
    def event(self) -> Event:
        """
        What happened.
        """
class Agent:
    """
    The licensing agent of one product instance, without I/O (DESIGN 3).
    
    Every call takes `now`. Commands say what the operator wants, `handle_*` what arrived; after each,
    take `poll_output()` until it is None and do what it says, in its order. An online request is
    answered by exactly one `handle_answer` that succeeds or one `handle_no_answer`. When nothing is left
    to do, `next_deadline` says when to call `handle_timeout`. Getters show what held at the last input.
    
    `smartlic.Agent` does the waiting, storing and sending. Threads may share one; they wait for each
    other, without the GIL.
    """
    @staticmethod
    def create(*, udi: Udi, software_tag: str, seed: bytes, now: smartlic._gate.Now, hostname: str | None = None, algorithm: str = 'ES256', rsa_bits: typing.SupportsInt | typing.SupportsIndex = 2048, periods: Periods = ..., passphrase: str = '', first_key: PrivateKey | None = None) -> Agent:
        """
        A product that leaves the factory: Disabled, unidentified.
        
        udi, software_tag, hostname: what the product is (S12).
        seed: 32 bytes of entropy, for nonces and jitter.
        algorithm: of its keys, 'ES256' or 'RS256' with `rsa_bits`.
        periods: the lengths of time of RULES E.
        passphrase: encrypts private keys in the state; empty: they are in clear.
        first_key: for the first registration; else one is generated.
        
        Raises InputError for another algorithm.
        """
    @staticmethod
    def load(state: bytes, *, seed: bytes, now: smartlic._gate.Now, passphrase: str = '', periods: Periods = ...) -> Agent:
        """
        Continues from the state of a `Persist`, and verifies what it claims (RULES M8).
        
        seed: 32 bytes of entropy, not used before.
        
        Raises StorageError (state_damaged, state_version), InputError (passphrase_wrong).
        """
    def __repr__(self) -> str:
        ...
    def authorize(self, *, now: smartlic._gate.Now) -> None:
        """
        Asks now, not at the next regular time. Raises StateError.
        """
    def deregister(self, *, now: smartlic._gate.Now) -> bool:
        """
        Gives the registration back. True if that is done, False if the manager has to answer
        first. Raises StateError.
        """
    def disable(self, *, now: smartlic._gate.Now) -> None:
        """
        Disables it: calls are rejected and nothing is sent; again changes nothing.
        """
    def enable(self, *, now: smartlic._gate.Now) -> None:
        """
        Enables smart licensing; again changes nothing (RULES E9).
        """
    def export_request(self, *, now: smartlic._gate.Now) -> None:
        """
        Makes the request that is most needed, as a `Send` for a file; one at a time (M12).
        
        Raises StateError if there is nothing to ask for.
        """
    def handle_answer(self, answer: bytes, *, now: smartlic._gate.Now) -> None:
        """
        Takes an answer, from the wire or from a file. A signed refusal is one, and no error.
        
        Raises the ladder's TrustError (RULES M8), and for an answer that verifies but comes too
        late the rows answer_unmatched and authorization_over; none of them changes a mode (E6).
        """
    def handle_no_answer(self, code: str, *, retry_after: datetime.timedelta | None = None, now: smartlic._gate.Now) -> None:
        """
        The online request got no valid answer (RULES E6): a row's `code` says why, for instance
        'unreachable'. retry_after: an unsigned hint, obeyed within the back-off's ceiling (E8).
        """
    def handle_timeout(self, *, now: smartlic._gate.Now) -> None:
        """
        Time passed: runs deadlines and makes what falls due.
        """
    def limit(self, catalogue: Catalogue) -> int | None:
        """
        The licensed calls per second (RULES C1); None: nothing was ever requested.
        """
    def poll_output(self) -> Persist | Send | Notify | None:
        """
        The next thing to do (Persist, Send or Notify), or None.
        """
    def register(self, *, trust: TrustFile, token: TokenParts, now: smartlic._gate.Now) -> None:
        """
        Registers with the manager of the trust file, which is pinned from now on (RULES M14).
        
        token: of `parse_token`.
        
        Raises StateError (command_refused: disabled, or registered already).
        """
    def renew(self, *, now: smartlic._gate.Now) -> None:
        """
        Asks for a new ID certificate now. Raises StateError.
        """
    def request(self, entitlements: collections.abc.Sequence[EntitlementRequest], *, now: smartlic._gate.Now) -> None:
        """
        What is used from now on; replaces the request of before, an empty one releases (E9).
        
        Raises InputError for more than 64 tags, one that occurs twice, a count outside 1 to
        10^9; StateError (command_refused).
        """
    def status(self) -> dict[str, typing.Any]:
        """
        Everything an operator wants to know, as a dict of plain types: texts, numbers, bools,
        aware datetimes, timedeltas, None, and lists and dicts of these. All of it is stored
        and absolute, so two looks in a row are the same.
        """
    def time(self, now: smartlic._gate.Now) -> datetime.datetime:
        """
        Licensing time at `now` (RULES T1).
        """
    @property
    def coming(self) -> list[Event]:
        """
        What the mode becomes, and when, if nothing more is heard or done:
        mode_changed events in their order.
        """
    @property
    def enabled(self) -> bool:
        """
        Whether smart licensing is enabled.
        """
    @property
    def id_certificate(self) -> Certificate | None:
        """
        The ID certificate, or None (S14).
        """
    @property
    def instance(self) -> uuid.UUID | None:
        """
        The product instance's UUID, or None.
        """
    @property
    def mode(self) -> smartlic._gate.Mode:
        """
        The enforcement mode (RULES E1).
        """
    @property
    def next_deadline(self) -> datetime.datetime:
        """
        When to call `handle_timeout`, in licensing time.
        """
    @property
    def next_request(self) -> datetime.datetime:
        """
        When there may be something to send next, in licensing time; None if nothing will be.
        It leaves out the hourly save (T1) and deadlines that only change the mode (E3).
        """
    @property
    def pinned_pem(self) -> str:
        """
        The pinned roots as HttpClient takes them; empty: none are pinned.
        """
    @property
    def registered(self) -> bool:
        """
        Whether an ID certificate is held and has not ended (RULES E7).
        """
    @property
    def trust(self) -> TrustFile | None:
        """
        The pinned trust file, or None (RULES M14).
        """
class TokenRecord:
    """
    What is kept of a registration token: never its secret (RULES M5, P3).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, id: str, secret_hash: bytes, virtual_account: str, expires: datetime.datetime | None = None, max_uses: typing.SupportsInt | typing.SupportsIndex = 1, uses: typing.SupportsInt | typing.SupportsIndex = 0, revoked: bool = False) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def expires(self) -> datetime.datetime | None:
        """
        From when on it is refused, or None.
        """
    @property
    def id(self) -> str:
        """
        The token's ID.
        """
    @property
    def max_uses(self) -> int:
        """
        How many instances it registers.
        """
    @property
    def revoked(self) -> bool:
        """
        By an administrator.
        """
    @property
    def secret_hash(self) -> bytes:
        """
        SHA-256 of its secret.
        """
    @property
    def uses(self) -> int:
        """
        How many it has registered.
        """
    @property
    def virtual_account(self) -> str:
        """
        Where it registers to.
        """
class InstanceRecord:
    """
    One product instance as a manager keeps it.
    """
    @staticmethod
    def decode(text: str) -> InstanceRecord:
        """
        Reads what `encode` wrote. Raises StorageError (state_damaged, state_version).
        """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def administer(self, command: str) -> None:
        """
        Carries an administrator's command out; the revision rises (RULES M9, M11): 'remove',
        'revoke-certificate', 'refuse-copies', 'serve-copies' or 'clear-suspicion'.
        
        Raises InputError for another.
        """
    def encode(self) -> str:
        """
        The whole record as JSON, for a store's opaque column.
        """
    @property
    def authorization_end(self) -> datetime.datetime:
        """
        Of the authorization's own period.
        """
    @property
    def certificate(self) -> Certificate | None:
        """
        The ID certificate in use, or None.
        """
    @property
    def fork_suspected(self) -> bool:
        """
        A copy was seen (M11).
        """
    @property
    def hostname(self) -> str:
        """
        Empty if not given.
        """
    @property
    def instance(self) -> str:
        """
        The instance's UUID, as text.
        """
    @property
    def key_thumbprints(self) -> list[str]:
        """
        Of the keys of its certificates; an active one is found by them.
        """
    @property
    def last_seen(self) -> datetime.datetime:
        """
        The manager's time at its last request.
        """
    @property
    def out_of_compliance(self) -> bool:
        """
        What its last answer said.
        """
    @property
    def registered(self) -> datetime.datetime:
        """
        When it was.
        """
    @property
    def request_no(self) -> int:
        """
        The highest number decided (M10).
        """
    @property
    def revision(self) -> int:
        """
        Rises with every change.
        """
    @property
    def revoked(self) -> bool:
        """
        Its certificate, by an administrator.
        """
    @property
    def software_tag(self) -> str:
        """
        The product's software ID tag.
        """
    @property
    def status(self) -> str:
        """
        'active', or a tombstone: 'removed', 'deregistered'.
        """
    @property
    def udi(self) -> str:
        """
        `PID:<PID>,SN:<SN>`.
        """
    @property
    def usage(self) -> list[tuple[str, int]]:
        """
        Pairs of a tag and its count (P1).
        """
    @property
    def usage_until(self) -> datetime.datetime:
        """
        When that usage ends (P1).
        """
    @property
    def virtual_account(self) -> str:
        """
        Whose licences it uses.
        """
class ChainHead:
    """
    The end of the event chain (RULES P4).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, sequence: typing.SupportsInt | typing.SupportsIndex = 0, hash: bytes = b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00') -> None:
        """
        Without arguments: no event yet.
        """
    def __repr__(self) -> str:
        ...
    @property
    def hash(self) -> bytes:
        """
        Its hash, 32 bytes.
        """
    @property
    def sequence(self) -> int:
        """
        Of the newest event; 0: none.
        """
class LedgerEvent:
    """
    An administrative or security event, a link of the chain (RULES P4).
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, sequence: typing.SupportsInt | typing.SupportsIndex, at: datetime.datetime, kind: str, subject: str, text: str, previous: bytes, hash: bytes) -> None:
        """
        As kept. Raises InputError for an unknown kind.
        """
    def __repr__(self) -> str:
        ...
    @property
    def at(self) -> datetime.datetime:
        """
        The manager's time.
        """
    @property
    def hash(self) -> bytes:
        """
        Over all of the above.
        """
    @property
    def head(self) -> ChainHead:
        """
        The chain's end when this was its newest event.
        """
    @property
    def kind(self) -> str:
        """
        'registered', 'duplicate_udi', 'fork_suspected', 'administration', …
        """
    @property
    def previous(self) -> bytes:
        """
        The hash of the link before.
        """
    @property
    def sequence(self) -> int:
        """
        From 1 on.
        """
    @property
    def subject(self) -> str:
        """
        What it is about.
        """
    @property
    def text(self) -> str:
        """
        For people.
        """
class PutInstance:
    """
    Put this record in place of the one with `expected_revision`; 0: there must be none.
    """
    def __repr__(self) -> str:
        ...
    @property
    def authorization_end(self) -> datetime.datetime:
        """
        Of the authorization's own period.
        """
    @property
    def certificate(self) -> Certificate | None:
        """
        The ID certificate in use, or None.
        """
    @property
    def expected_revision(self) -> int:
        """
        The precondition.
        """
    @property
    def fork_suspected(self) -> bool:
        """
        A copy was seen (M11).
        """
    @property
    def hostname(self) -> str:
        """
        Empty if not given.
        """
    @property
    def instance(self) -> str:
        """
        The instance's UUID, as text.
        """
    @property
    def key_thumbprints(self) -> list[str]:
        """
        Of the keys of its certificates; an active one is found by them.
        """
    @property
    def last_seen(self) -> datetime.datetime:
        """
        The manager's time at its last request.
        """
    @property
    def out_of_compliance(self) -> bool:
        """
        What its last answer said.
        """
    @property
    def record(self) -> str:
        """
        The whole record as text: see InstanceRecord.decode.
        """
    @property
    def registered(self) -> datetime.datetime:
        """
        When it was.
        """
    @property
    def request_no(self) -> int:
        """
        The highest number decided (M10).
        """
    @property
    def revision(self) -> int:
        """
        Rises with every change.
        """
    @property
    def revoked(self) -> bool:
        """
        Its certificate, by an administrator.
        """
    @property
    def software_tag(self) -> str:
        """
        The product's software ID tag.
        """
    @property
    def status(self) -> str:
        """
        'active', or a tombstone: 'removed', 'deregistered'.
        """
    @property
    def udi(self) -> str:
        """
        `PID:<PID>,SN:<SN>`.
        """
    @property
    def usage(self) -> list[tuple[str, int]]:
        """
        Pairs of a tag and its count (P1).
        """
    @property
    def usage_until(self) -> datetime.datetime:
        """
        When that usage ends (P1).
        """
    @property
    def virtual_account(self) -> str:
        """
        Whose licences it uses.
        """
class SpendToken:
    """
    Count one use of a token.
    """
    def __repr__(self) -> str:
        ...
    @property
    def expected_uses(self) -> int:
        """
        The precondition: its uses are still these.
        """
    @property
    def id(self) -> str:
        """
        Which token.
        """
class AppendEvent:
    """
    Append to the chain, if its head is still `event.previous`.
    """
    def __repr__(self) -> str:
        ...
    @property
    def event(self) -> LedgerEvent:
        """
        The new link.
        """
class Facts:
    """
    Records that a batch of requests is decided on, loaded by their queries.
    
    `Manager.decide` brings them up to date, so later requests of the batch see the earlier ones. Load
    them anew for each batch.
    
    default_account: the virtual account of adopted instances (RULES M9).
    head: the end of the event chain.
    """
    def __init__(self, *, default_account: str, head: ChainHead) -> None:
        ...
    def add_instances(self, records: collections.abc.Sequence[str], *, known: collections.abc.Sequence[Certificate] = []) -> None:
        """
        Texts of the records of a query's `instance` and of its `key_thumbprint`.
        
        known: the signers of the batch, which save parsing the same certificates again.
        
        Raises StorageError (state_damaged, state_version).
        """
    def add_known_tag(self, tag: str) -> None:
        """
        A tag of a query that the catalogue has; others are denied (RULES M9).
        """
    def add_pool(self, *, virtual_account: str, tag: str, purchased: typing.SupportsInt | typing.SupportsIndex, in_use: typing.SupportsInt | typing.SupportsIndex, blocked: bool = False) -> None:
        """
        One for every account (of the instances and tokens, and the default one) and tag of the
        batch: what is valid now, what is used by instances whose usage has not ended (P1).
        """
    def add_token(self, token: TokenRecord) -> None:
        """
        A token of a query's `token_id`.
        """
    def add_udi(self, udi: str, instance: str) -> None:
        """
        An active instance with a query's `udi`, its UUID as text.
        """
    @property
    def head(self) -> ChainHead:
        """
        The end of the chain, decided events included.
        """
class ManagerIdentity:
    """
    Who a manager is: what all processes on one ledger share. The root's key is not in it.
    """
    def __init__(self, *, manager: uuid.UUID, roots: RootSet, signing: Signer, roots_update: RootsUpdate | None = None, state_key: bytes, logical_account: str) -> None:
        ...
    def __repr__(self) -> str:
        ...
    @property
    def logical_account(self) -> str:
        """
        Its hash is in ID certificates (S14).
        """
    @property
    def manager(self) -> uuid.UUID:
        """
        Its UUID (RULES M4).
        """
    @property
    def roots(self) -> RootSet:
        """
        The root set of its devices (M2).
        """
    @property
    def roots_update(self) -> RootsUpdate | None:
        """
        A newer root set that its answers spread, or None (M2).
        """
    @property
    def signing(self) -> Signer:
        """
        The newest signing certificate and its key (M3).
        """
    @property
    def state_key(self) -> bytes:
        """
        32 secret bytes that authenticate the states of M11.
        """
class ManagerPolicy:
    """
    What an administrator may set.
    """
    def __init__(self, *, certificate: datetime.timedelta = ..., authorization: datetime.timedelta = ..., renew_interval: datetime.timedelta = ..., retry_in_compliance: datetime.timedelta = ..., retry_out_of_compliance: datetime.timedelta = ..., clock_tolerance: datetime.timedelta = ..., export_validity: datetime.timedelta = ..., late_renewal: datetime.timedelta = ..., refuse_forks: bool = False) -> None:
        ...
    @property
    def authorization(self) -> datetime.timedelta:
        """
        The authorization period (D3, E5); agents have to agree on it.
        """
    @property
    def certificate(self) -> datetime.timedelta:
        """
        An ID certificate's life (S14).
        """
    @property
    def clock_tolerance(self) -> datetime.timedelta:
        """
        How far off an online request's time may be (M10).
        """
    @property
    def export_validity(self) -> datetime.timedelta:
        """
        How old an exported request may be (M12).
        """
    @property
    def late_renewal(self) -> datetime.timedelta:
        """
        How long after its end a certificate may still be renewed (E7).
        """
    @property
    def refuse_forks(self) -> bool:
        """
        Refuse copies, rather than serve them and raise an alarm (M11).
        """
    @property
    def renew_interval(self) -> datetime.timedelta:
        """
        Renew after this (D1).
        """
    @property
    def retry_in_compliance(self) -> datetime.timedelta:
        """
        Ask again after this while in compliance (E8); whole seconds.
        """
    @property
    def retry_out_of_compliance(self) -> datetime.timedelta:
        """
        The same while out of compliance (D7).
        """
class Query:
    """
    Which records one request needs; empty texts mean none.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    @property
    def instance(self) -> str | None:
        """
        The signer's UUID as text, or None: its record is wanted.
        """
    @property
    def key_thumbprint(self) -> str:
        """
        register, renew: the active instance with this key is wanted.
        """
    @property
    def tags(self) -> list[str]:
        """
        authorize: the pools of these tags are wanted.
        """
    @property
    def token_id(self) -> str:
        """
        register: the token is wanted.
        """
    @property
    def udi(self) -> str:
        """
        register: active instances with this UDI are wanted.
        """
class Examined:
    """
    A request, verified as far as it can be without records or a clock.
    """
    def __repr__(self) -> str:
        ...
    @property
    def channel(self) -> str:
        """
        'online' or 'exported'.
        """
    @property
    def failed(self) -> str | None:
        """
        The rung that refused it, as an error code; or None (RULES M8).
        """
    @property
    def kind(self) -> str | None:
        """
        'register', 'authorize', 'renew' or 'deregister'; None if it failed.
        """
    @property
    def query(self) -> Query:
        """
        The records that `decide` needs.
        """
    @property
    def signer(self) -> Certificate | None:
        """
        The ID certificate that signed it; None if it failed, or registers.
        """
class Verdict:
    """
    A decision. Its changes are committed before `seal` makes it leave.
    """
    def __repr__(self) -> str:
        ...
    @property
    def changes(self) -> list[PutInstance | SpendToken | AppendEvent]:
        """
        PutInstance, SpendToken and AppendEvent, in their order.
        """
    @property
    def kind(self) -> str | None:
        """
        'registered', 'authorized', 'renewed', 'deregistered' or 'refused';
        None: an unsigned error, for the request was not for us (RULES M9).
        """
    @property
    def reason(self) -> str | None:
        """
        Why, for people; or None.
        """
    @property
    def refused(self) -> str | None:
        """
        The error code, signed or not; or None.
        """
class Manager:
    """
    The manager, without I/O, in three steps over a batch (DESIGN 3).
    
    `examine` verifies the bytes and says by `.query` which records it needs; the store loads these as
    `Facts`; `decide` gives verdicts with their changes; the store commits them, or on a conflict loads
    and decides again; then `seal` signs the answers. Threads may share one: `examine` and `seal` run at
    once, without the GIL; `decide` waits for its turn.
    
    seed: 32 bytes of entropy, for UUIDs and serial numbers.
    """
    def __init__(self, identity: ManagerIdentity, *, policy: ManagerPolicy = ..., seed: bytes) -> None:
        ...
    def __repr__(self) -> str:
        ...
    def decide(self, batch: collections.abc.Sequence[Examined], facts: Facts, *, now: datetime.datetime) -> list[Verdict]:
        """
        Decides examined requests in their order at the manager's time `now`, and brings `facts`
        up to date.
        """
    @typing.overload
    def examine(self, message: bytes, *, channel: str = 'online') -> Examined:
        """
        Verifies one request up to the rung binding (RULES M8). Whatever is wrong with it is in
        the outcome. channel: 'online', or 'exported' for a file (M12).
        """
    @typing.overload
    def examine(self, messages: collections.abc.Sequence[bytes], *, channel: str = 'online') -> list[Examined]:
        """
        The same for many.
        """
    def refuse(self, examined: Examined, code: str, *, now: datetime.datetime) -> Verdict:
        """
        Refuses a request that no decision could be made on or kept: 'busy' or 'internal'.
        
        Raises InputError for what is no error code.
        """
    @typing.overload
    def seal(self, verdict: Verdict) -> tuple[int, bytes]:
        """
        Signs an answer: HTTP status and body. Any status but 200 is unsigned (M14).
        """
    @typing.overload
    def seal(self, verdicts: collections.abc.Sequence[Verdict]) -> list[tuple[int, bytes]]:
        """
        The same for many.
        """
    @property
    def identity(self) -> ManagerIdentity:
        """
        Who it is.
        """
    @property
    def policy(self) -> ManagerPolicy:
        """
        Its policy.
        """
class NewToken:
    """
    A registration token just made (RULES P3).
    """
    @property
    def record(self) -> TokenRecord:
        """
        What is kept.
        """
    @property
    def text(self) -> str:
        """
        What is shown, once: `<id>.<secret>`.
        """
class ChainReport:
    """
    What a look at a chain showed (RULES P4).
    """
    @property
    def first_bad(self) -> int | None:
        """
        The first sequence number that is wrong or missing, or None.
        """
    @property
    def head(self) -> ChainHead:
        """
        Of the events looked at.
        """
    @property
    def intact(self) -> bool:
        """
        Whether nothing was found wrong.
        """
    @property
    def sentence(self) -> str:
        """
        What is proved, and what cannot be.
        """
class Checkpoint:
    """
    A head of the chain that a manager vouched for.
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __hash__(self) -> int:
        ...
    def __init__(self, *, manager: uuid.UUID, head: ChainHead, at: datetime.datetime) -> None:
        ...
    @property
    def at(self) -> datetime.datetime:
        """
        When.
        """
    @property
    def head(self) -> ChainHead:
        """
        The end of the chain.
        """
    @property
    def manager(self) -> uuid.UUID:
        """
        Whose chain it is.
        """
class InventoryRow:
    """
    A line of the inventory (F6).
    """
    def __repr__(self) -> str:
        ...
    @property
    def balance(self) -> int:
        """
        Below zero: an alert.
        """
    @property
    def in_use(self) -> int:
        """
        The sum of the requested counts (S7).
        """
    @property
    def purchased(self) -> int:
        """
        Valid now.
        """
    @property
    def tag(self) -> str:
        """
        The entitlement tag.
        """
class MemoryLedger:
    """
    A ledger in memory, for tests and simulation. `at`: the time of the event that a command leaves.
    """
    def __init__(self, default_account: str = 'default') -> None:
        ...
    def add_tag(self, tag: str, *, at: datetime.datetime) -> None:
        """
        Puts a tag into the catalogue; others are denied (M9).
        """
    def add_token(self, token: TokenRecord, *, at: datetime.datetime) -> None:
        """
        Raises the row already_exists.
        """
    def administer(self, instance: uuid.UUID, command: str, *, at: datetime.datetime) -> None:
        """
        As InstanceRecord.administer. Raises the row not_found.
        """
    def commit(self, changes: collections.abc.Sequence[PutInstance | SpendToken | AppendEvent]) -> None:
        """
        All of them or none. Raises StorageError (conflict).
        """
    def inventory(self, account: str, *, now: datetime.datetime) -> list[InventoryRow]:
        """
        Every tag purchased or in use there (F6).
        """
    def load(self, batch: collections.abc.Sequence[Examined], *, now: datetime.datetime) -> Facts:
        """
        The records that a batch needs.
        """
    def purchase(self, account: str, tag: str, count: typing.SupportsInt | typing.SupportsIndex, *, start: datetime.datetime, end: datetime.datetime | None = None, at: datetime.datetime) -> None:
        """
        Adds licences, valid in [start, end); end None: perpetual (P1). Raises InputError
        (unknown_tag).
        """
    def revoke_token(self, token_id: str, *, at: datetime.datetime) -> None:
        """
        Raises the row not_found.
        """
    def serve(self, manager: Manager, request: bytes, *, channel: str = 'online', now: datetime.datetime) -> tuple[int, bytes]:
        """
        One request from bytes to HTTP status and body: examine, load, decide, commit, seal.
        """
    def set_blocked(self, account: str, tag: str, blocked: bool, *, at: datetime.datetime) -> None:
        """
        Denies a tag in one account, or no longer (M9). Raises InputError (unknown_tag).
        """
    @property
    def events(self) -> list[LedgerEvent]:
        """
        The event chain.
        """
    @property
    def head(self) -> ChainHead:
        """
        The end of the chain.
        """
    @property
    def instances(self) -> list[InstanceRecord]:
        """
        All records, tombstones included.
        """
    @property
    def tokens(self) -> list[TokenRecord]:
        """
        All tokens.
        """
class AuthorityOrder:
    """
    What `manager init` asks.
    
    root_name: common name of the root. logical_account: its hash is in ID certificates (S14).
    algorithm: of the manager's keys, 'ES256' or 'RS256' with `rsa_bits`.
    """
    def __init__(self, *, root_name: str = 'smartlic root', logical_account: str = 'default', algorithm: str = 'ES256', rsa_bits: typing.SupportsInt | typing.SupportsIndex = 2048) -> None:
        """
        Raises InputError for another algorithm.
        """
class NewAuthority:
    """
    A manager that never was before.
    """
    @property
    def identity(self) -> ManagerIdentity:
        """
        What serves.
        """
    @property
    def root(self) -> Signer:
        """
        The root; its key is to be kept apart.
        """
    @property
    def trust(self) -> TrustFile:
        """
        The trust file, for devices (M14).
        """
class RootSwap:
    """
    A manager with a newer root set (RULES M2).
    """
    @property
    def identity(self) -> ManagerIdentity:
        """
        With the update that its answers spread.
        """
    @property
    def trust(self) -> TrustFile:
        """
        The trust file, for new devices.
        """
class FleetPlan:
    """
    What a fleet is and what happens to it; two equal plans have one result, whoever computes it.
    
    Keyword arguments: seed, pools, devices (a pool), start, end, step; periods, certificate, renew_interval,
    retry_in_compliance, retry_out_of_compliance, late_renewal; enabled_after and registered_after (two timedeltas each),
    requested (two counts), purchased (two permilles of what is requested), purchases [(time, permille)]; outages [(start,
    end)], manager_faults, link_faults (mean time between, mean length), replaced_after (mean life); busy_millicps (two
    numbers), curve (24 permilles), cps_per_licence; load (start, step, bins). Raises InputError for what cannot be.
    """
    def __init__(self, **kwargs: typing.Any) -> None:
        ...
    @property
    def devices(self) -> int:
        """
        Devices in each pool.
        """
    @property
    def pools(self) -> int:
        """
        Pools in all.
        """
    @property
    def samples(self) -> int:
        """
        Instants of the series.
        """
class FleetResult:
    """
    What became of pools of a fleet: whole numbers only, so merging parts is exact in any order.
    
    Arrays are copies, one number for each instant of the series: start, start + step, ...
    """
    def __eq__(self, other: typing.Any) -> bool:
        ...
    def __getstate__(self) -> tuple[bytes, ...]:
        ...
    def __hash__(self) -> int:
        ...
    def __repr__(self) -> str:
        ...
    def __setstate__(self, arg0: tuple[bytes, ...]) -> None:
        ...
    def merge(self, other: FleetResult) -> None:
        """
        Add another part of the same fleet. Raises InputError for another size.
        """
    @property
    def blocked(self) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Devices enabled whose mode rejects calls.
        """
    @property
    def blocked_pools(self) -> numpy.typing.NDArray[numpy.uint32]:
        """
        Shape (instants, 201): how many pools had which fraction of their devices blocked;
        the level is the fraction in half percents, rounded up.
        """
    @property
    def enabled(self) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Devices enabled.
        """
    @property
    def load(self) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Requests in each bin of the plan's load window.
        """
    @property
    def out_of_compliance(self) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Devices in OutOfCompliance.
        """
    @property
    def out_of_compliance_pools(self) -> numpy.typing.NDArray[numpy.uint32]:
        """
        The same for OutOfCompliance.
        """
    @property
    def requests(self) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Requests made from this instant until the next one.
        """
    @property
    def totals(self) -> dict[str, typing.Any]:
        """
        Sums: times in device-milliseconds, calls, and events by kind.
        """
    @property
    def unanswered(self) -> numpy.typing.NDArray[numpy.uint64]:
        """
        Of these, the ones that got no answer.
        """
class LogEntitlement:
    """
    A licence that a log entry asks for, as written (S18).
    """
    @property
    def count(self) -> int | None:
        """
        The requested count; None where it cannot be read.
        """
    @property
    def date_day(self) -> int | None:
        """
        `@requested_date` as written, in days since 1970; an artefact beyond the log's own time (D5).
        """
    @property
    def days_left(self) -> int | None:
        """
        As written; an artefact where it is negative (D4).
        """
    @property
    def display_name(self) -> str:
        ...
    @property
    def enforce_mode(self) -> str:
        """
        As written: 'out_of_compliance'.
        """
    @property
    def requested_date(self) -> str:
        """
        The same as text.
        """
    @property
    def tag(self) -> str:
        """
        The entitlement tag (F5).
        """
    @property
    def version(self) -> str:
        ...
class LogEntry:
    """
    One entry of an sml.log (S17, S18), as written, and when; what it does not say is None or empty.
    
    Times are by the device's clock. `at` is None where no answer dates the process's run (D6);
    `earliest` and `latest` are bounds then, as far as the log tells.
    """
    @property
    def answered(self) -> datetime.datetime | None:
        """
        Of an answer: the manager's time then, to the second (D3).
        """
    @property
    def at(self) -> datetime.datetime | None:
        ...
    @property
    def compliance_status(self) -> str:
        """
        As written: 'OOC'.
        """
    @property
    def damaged(self) -> list[str]:
        """
        Keys whose values could not be read.
        """
    @property
    def earliest(self) -> datetime.datetime | None:
        ...
    @property
    def entitlements(self) -> list[LogEntitlement]:
        ...
    @property
    def expiry(self) -> datetime.timedelta | None:
        """
        What was left of the authorization period (D3).
        """
    @property
    def hostname(self) -> str:
        ...
    @property
    def id_certificate(self) -> int | None:
        """
        Serial number of the ID certificate.
        """
    @property
    def kind(self) -> str:
        """
        registration, renewal, registered, authorization_request, authorization, failure or unknown.
        """
    @property
    def latest(self) -> datetime.datetime | None:
        ...
    @property
    def level(self) -> str:
        """
        log4j's level.
        """
    @property
    def lines(self) -> tuple[int, int, int]:
        """
        (source, first line, last line), lines counted from 1.
        """
    @property
    def product_instance(self) -> str:
        """
        UUID, as written.
        """
    @property
    def renew_interval(self) -> datetime.timedelta | None:
        """
        D1.
        """
    @property
    def retry_interval(self) -> datetime.timedelta | None:
        """
        D7.
        """
    @property
    def run(self) -> int | None:
        """
        Index of the process's run.
        """
    @property
    def signing_certificate(self) -> str:
        """
        '3', or 'sub_ca_cert:2'.
        """
    @property
    def skew(self) -> datetime.timedelta | None:
        """
        Of an answer: how far the device's clock was ahead of the manager's, to the second (D3).
        """
    @property
    def start_date(self) -> datetime.datetime | None:
        """
        D2.
        """
    @property
    def text(self) -> str:
        """
        Of a failure: what it says, 500 bytes at most.
        """
    @property
    def time_of_day(self) -> datetime.timedelta | None:
        """
        As written, by the device's clock and zone.
        """
    @property
    def uptime(self) -> datetime.timedelta | None:
        """
        Time since the process began (D6).
        """
class LogRun:
    """
    The lines of one run of the process (D6). `began` is when it began, None if no answer dates it or its
    lines do not tell; `earliest` and `latest` are bounds of its first line then.
    """
    @property
    def began(self) -> datetime.datetime | None:
        ...
    @property
    def began_time_of_day(self) -> datetime.timedelta | None:
        """
        When the process began, by the device's clock.
        """
    @property
    def clock_changes(self) -> list[tuple[tuple[int, int, int], datetime.timedelta, bool, datetime.datetime | None]]:
        """
        (line, by how much, whether it was the zone, when) for each change of the clock.
        """
    @property
    def earliest(self) -> datetime.datetime | None:
        ...
    @property
    def first(self) -> tuple[int, int, int]:
        """
        Its first line.
        """
    @property
    def first_at(self) -> datetime.datetime | None:
        ...
    @property
    def last(self) -> tuple[int, int, int]:
        """
        Its last line.
        """
    @property
    def last_at(self) -> datetime.datetime | None:
        ...
    @property
    def lasted(self) -> datetime.timedelta:
        """
        From its first line to its last.
        """
    @property
    def latest(self) -> datetime.datetime | None:
        ...
    @property
    def zone(self) -> datetime.timedelta | None:
        """
        What the device's times of day are ahead of UTC; None if not known.
        """
class LogReader:
    """
    Reads sml.log as it comes: `begin_source()` before each file of a set, the oldest first, `feed()` with its
    bytes in pieces of any size, `finish()` at the end, or when nothing more comes for now. Nothing is an
    error: what cannot be read is counted, and listed with its lines.
    """
    def __init__(self) -> None:
        ...
    def begin_source(self) -> None:
        ...
    def feed(self, data: typing_extensions.Buffer) -> None:
        ...
    def finish(self) -> None:
        ...
    @property
    def counts(self) -> dict[str, int]:
        """
        Lines: `total`, and each of these in one of `blank`, `entries`, `other`, `unread`.
        """
    @property
    def entries(self) -> list[LogEntry]:
        """
        What has been read so far, dated by it.
        """
    @property
    def runs(self) -> list[LogRun]:
        ...
    @property
    def unread(self) -> list[tuple[int, int, int]]:
        """
        Text that belongs to no entry: the first 1,000 pieces, as (source, first line, last line).
        """
def account_hash(logical_account: str) -> str:
    """
    What an ID certificate carries of the account's name: base32 of SHA-256 (RULES M6).
    """
def append_event(head: ChainHead, *, at: datetime.datetime, kind: str, subject: str, text: str) -> LedgerEvent:
    """
    Makes the link after `head`; its own `.head` is the next. Raises InputError for its kind.
    """
def create_csr(*, key: PrivateKey, udi: Udi) -> Csr:
    """
    Asks for a certificate of this key; the subject is the UDI, the rest is the manager's to say.
    """
def dates_valid_at(certificates: collections.abc.Sequence[Certificate], time: datetime.datetime) -> None:
    """
    Checks that all are valid at `time`. Raises TrustError (certificate_expired).
    """
def enforcement_table() -> list[dict[str, typing.Any]]:
    """
    The rows of E1 in order, each a dict: row, condition, mode, mode_if_out (if the answer said out of compliance) and calls_allowed. The first that holds gives the mode.
    """
def issue_id(signing: Signer, key: PublicKey, *, instance: uuid.UUID, udi: Udi, logical_account: str, serial: str, issued_at: datetime.datetime, lifetime: datetime.timedelta = ...) -> Certificate:
    """
    A device's ID certificate (S14, RULES M6), valid from an hour before `issued_at`.
    
    Raises InputError, also if it would outlive the signing certificate.
    """
def issue_signing(root: Signer, key: PublicKey, *, manager: uuid.UUID, serial: str, not_before: datetime.datetime, not_after: datetime.datetime) -> Certificate:
    """
    A manager's signing certificate (RULES M3). serial: hexadecimal, higher than those before.
    
    Raises InputError, also if it would outlive the root.
    """
def issue_tls_server(root: Signer, key: PublicKey, *, dns_names: collections.abc.Sequence[str] = [], ip_addresses: collections.abc.Sequence[str] = [], serial: str, not_before: datetime.datetime, not_after: datetime.datetime) -> Certificate:
    """
    The manager's TLS certificate, by the root: no message can be signed with it (RULES M3).
    
    Raises InputError for no name at all, and what `issue_signing` does.
    """
def make_root(key: PrivateKey, *, name: str, serial: str, not_before: datetime.datetime, not_after: datetime.datetime) -> Certificate:
    """
    A self-signed root (RULES M2). serial: hexadecimal. Times are cut to whole seconds.
    
    Raises InputError for names and dates that no certificate can carry.
    """
def make_token(entropy: Entropy, *, virtual_account: str, expires: datetime.datetime | None = None, max_uses: typing.SupportsInt | typing.SupportsIndex = 1) -> NewToken:
    """
    Makes a token. expires: from when on it is refused, or None.
    
    Raises InputError if it would have no use at all.
    """
def mode_at(*, enabled: bool, authorization: Authorization | None = None, evaluation_used: datetime.timedelta, at: datetime.datetime, periods: Periods = ...) -> smartlic._gate.Mode:
    """
    The mode that E1 gives for these facts at licensing time `at`.
    """
def new_authority(entropy: Entropy, *, now: datetime.datetime, order: AuthorityOrder = ...) -> NewAuthority:
    """
    Makes a manager: root, signing certificate, trust file.
    """
def new_root(entropy: Entropy, *, now: datetime.datetime, order: AuthorityOrder = ...) -> Signer:
    """
    Makes a root with a new key, to swap to.
    """
def parse_envelope(message: bytes) -> Envelope:
    """
    Takes a message apart, for a look; agent and manager verify by themselves.
    
    Raises TrustError (message_malformed).
    """
def parse_token(text: str) -> TokenParts:
    """
    Reads a registration token as the manager showed it, with white space around it or not.
    
    Raises the row token_invalid.
    """
def random_serial(entropy: Entropy) -> str:
    """
    The 11-character serial number that a product without one makes up (S12).
    """
def rotate_signing(root: Signer, identity: ManagerIdentity, *, now: datetime.datetime, order: AuthorityOrder = ...) -> ManagerIdentity:
    """
    The same manager with a new signing certificate, one serial number higher (RULES M3).
    
    Raises InputError for a root that it does not hold.
    """
def run_fleet(plan: FleetPlan, *, first: typing.SupportsInt | typing.SupportsIndex, count: typing.SupportsInt | typing.SupportsIndex) -> FleetResult:
    """
    Live the pools first, first + 1, ... of a plan. Releases the GIL.
    """
def seal(*, type: str, payload: bytes, key: PrivateKey, kid: str | None = None, x5c: collections.abc.Sequence[Certificate] | None = None) -> bytes:
    """
    Signs JSON as a message: a flattened JWS with all headers protected (RULES M1).
    
    type: the message's name. kid: RFC 7638 thumbprint, or else x5c: certificates, the
    signer's first. Raises InputError unless exactly one of the two is given.
    """
def sign_checkpoint(checkpoint: Checkpoint, signing: Signer) -> bytes:
    """
    A signed message, to be kept where the manager's administrator cannot write.
    """
def signing_due_for_rotation(signing: Certificate, *, now: datetime.datetime, id_lifetime: datetime.timedelta = ...) -> bool:
    """
    Whether a signing certificate has two lives of an ID certificate left, or less (M6).
    """
def swap_roots(held: Signer, identity: ManagerIdentity, roots: collections.abc.Sequence[Certificate]) -> RootSwap:
    """
    The same manager with another root set, one version higher, signed by a root that devices
    hold already (RULES M2): publish {old, new}; rotate_signing with the new root; once the ID
    certificates of before have ended, publish {new}.
    
    Raises InputError if `held` is not held, or the signing certificate's root is not in `roots`.
    """
def trace_device(plan: FleetPlan, *, pool: typing.SupportsInt | typing.SupportsIndex, device: typing.SupportsInt | typing.SupportsIndex) -> list[Event]:
    """
    The events of one device in a life of its whole pool (RULES E10).
    """
def verify_answer_signer(*, signing: Certificate, roots: RootSet) -> None:
    """
    Checks that `signing` may sign answers (RULES M3), its dates apart.
    
    Raises TrustError (chain_untrusted), naming the clause.
    """
def verify_chain(events: collections.abc.Sequence[LedgerEvent], known: collections.abc.Sequence[ChainHead] = []) -> ChainReport:
    """
    Checks events that follow one another. known: heads kept elsewhere, as in checkpoints.
    """
def verify_checkpoint(message: bytes, *, manager: uuid.UUID, roots: RootSet) -> Checkpoint:
    """
    Reads a checkpoint of this manager. Raises the ladder's TrustError (RULES M8).
    """
def verify_request_signer(*, leaf: Certificate, signing: Certificate, roots: RootSet) -> None:
    """
    Checks that `leaf` may sign requests (RULES M3), dates apart. Raises as above.
    """
