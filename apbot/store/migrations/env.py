"""What Alembic runs: the migrations, on the connection that `apbot.store.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from apbot.store.tables import Instant, metadata


def _render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A migration must not change when the code that it was written from does."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
