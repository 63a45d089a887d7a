"""The tables of a ledger. Migrations make them (migrations/versions); this is what queries are written with.

Times are integers, milliseconds since 1970 (D2), so that they compare alike in every database; no time is NULL-ordered:
what never ends has ``FOREVER``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

__all__ = [
    "FOREVER",
    "accounts",
    "blocked",
    "events",
    "instance_keys",
    "instances",
    "metadata",
    "purchases",
    "settings",
    "tags",
    "tokens",
    "usage",
]

FOREVER = 2**62

metadata = MetaData()

settings = Table("settings", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

accounts = Table("accounts", metadata, Column("name", Text, primary_key=True))

tags = Table(
    "tags",
    metadata,
    Column("tag", Text, primary_key=True),
    Column("short_name", Text, nullable=False, unique=True),
    Column("cps", BigInteger, nullable=False),
    Column("version", Text, nullable=False),
    Column("display_name", Text, nullable=False),
)

purchases = Table(
    "purchases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("tag", Text, ForeignKey("tags.tag"), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Index("purchases_by_pool", "account", "tag"),
)

blocked = Table(
    "blocked",
    metadata,
    Column("account", Text, ForeignKey("accounts.name"), primary_key=True),
    Column("tag", Text, ForeignKey("tags.tag"), primary_key=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("account", Text, ForeignKey("accounts.name"), nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("max_uses", BigInteger, nullable=False),
    Column("uses", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
)

# `record` is the whole instance (the core's text); the other columns are what is searched or shown.
instances = Table(
    "instances",
    metadata,
    Column("instance", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("udi", Text, nullable=False),
    Column("hostname", Text, nullable=False),
    Column("registered_ms", BigInteger, nullable=False),
    Column("last_seen_ms", BigInteger, nullable=False),
    Column("out_of_compliance", Boolean, nullable=False),
    Column("fork_suspected", Boolean, nullable=False),
    Column("record", Text, nullable=False),
    Index("instances_by_udi", "udi"),
    Index("instances_by_account", "account"),
)

# The keys of active instances: each belongs to one (RULES P3).
instance_keys = Table(
    "instance_keys",
    metadata,
    Column("thumbprint", Text, primary_key=True),
    Column("instance", Text, nullable=False),
    Index("keys_by_instance", "instance"),
)

usage = Table(
    "usage",
    metadata,
    Column("instance", Text, primary_key=True),
    Column("tag", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
    Index("usage_by_pool", "account", "tag", "until_ms", "count"),
)

events = Table(
    "events",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
