"""The manager: what a vendor or operator runs opposite the agents."""

from __future__ import annotations

from smartlic.extras import need

need("sqlalchemy", "manager")

from smartlic.manager.admin import InventoryRow  # noqa: E402 (says first what is missing)
from smartlic.manager.driver import Manager  # noqa: E402
from smartlic.manager.sql_ledger import SqlLedger  # noqa: E402

__all__ = ["InventoryRow", "Manager", "SqlLedger"]
