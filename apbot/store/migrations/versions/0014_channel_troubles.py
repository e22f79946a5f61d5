"""when a channel did not work, what each process finds of its channels, and when a message was tried in vain"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("processes", sa.Column("conditions", sa.JSON(), nullable=True))
    op.create_table(
        "channel_troubles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.String(length=200), nullable=False),
        sa.Column("remedy", sa.String(length=300), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_troubles")),
    )
    open_, due = sa.text("ended_at IS NULL"), sa.text("next_at IS NOT NULL")
    op.create_index(
        "uq_channel_troubles_open",
        "channel_troubles",
        ["channel"],
        unique=True,
        sqlite_where=open_,
        postgresql_where=open_,
    )
    op.create_index("ix_channel_troubles_due", "channel_troubles", ["next_at"], sqlite_where=due, postgresql_where=due)


def downgrade() -> None:
    op.drop_table("channel_troubles")
    op.drop_column("processes", "conditions")
    op.drop_column("messages", "tried_at")
