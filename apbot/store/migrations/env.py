"""What Alembic runs: the migrations, on the connection that `apbot.store.migrate` hands over."""

from alembic import context

from apbot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
