"""What both migration folders share: run on the connection the caller hands over."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Enum, MetaData

from pulse.db import Moment


def _plain(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A migration names no class of ours: it must still run when the class has changed."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


def run(metadata: MetaData) -> None:
    """Run the migrations on `connection` of the configuration's attributes (see pulse/migrations.py)."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        render_item=_plain,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
