"""The manager: what a vendor or operator runs opposite the agents."""

from __future__ import annotations

from smartlic.extras import missing

try:
    from smartlic.manager.admin import InventoryRow
    from smartlic.manager.driver import Manager
    from smartlic.manager.sql_ledger import SqlLedger
except ModuleNotFoundError as error:
    raise missing(error, "manager") from error

__all__ = ["InventoryRow", "Manager", "SqlLedger"]
