"""what has been kept for long enough goes each night; old messages are edited down"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("gone", sa.JSON(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retentions")),
        sa.UniqueConstraint("day", name=op.f("uq_retentions_day")),
    )
    with op.batch_alter_table("retentions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_retentions_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    with op.batch_alter_table("chat_lines", schema=None) as batch_op:
        batch_op.create_index(
            "ix_chat_lines_typed",
            ["at"],
            unique=False,
            sqlite_where=sa.text("message_id IS NULL"),
            postgresql_where=sa.text("message_id IS NULL"),
        )

    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("put_away_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_messages_standing",
            ["sent_at"],
            unique=False,
            sqlite_where=sa.text("put_away_at IS NULL AND sent_at IS NOT NULL"),
            postgresql_where=sa.text("put_away_at IS NULL AND sent_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_messages_standing",
            sqlite_where=sa.text("put_away_at IS NULL AND sent_at IS NOT NULL"),
            postgresql_where=sa.text("put_away_at IS NULL AND sent_at IS NOT NULL"),
        )
        batch_op.drop_column("put_away_at")

    with op.batch_alter_table("chat_lines", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_chat_lines_typed",
            sqlite_where=sa.text("message_id IS NULL"),
            postgresql_where=sa.text("message_id IS NULL"),
        )

    with op.batch_alter_table("retentions", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_retentions_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("retentions")
