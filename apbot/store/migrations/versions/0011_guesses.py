"""sign-ins that end when nobody uses them; wrong codes are counted"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guesses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("who_hash", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guesses")),
        sa.UniqueConstraint("kind", "who_hash", name=op.f("uq_guesses_kind_who_hash")),
    )
    with op.batch_alter_table("link_codes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("half_hash", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("wrong_tries", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index("ix_link_codes_half_hash", ["half_hash"], unique=False)

    # Rows that are there already needed a value; new ones bring their own.
    with op.batch_alter_table("link_codes", schema=None) as batch_op:
        batch_op.alter_column("half_hash", server_default=None)
        batch_op.alter_column("wrong_tries", server_default=None)

    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.drop_column("ends_at")

    with op.batch_alter_table("link_codes", schema=None) as batch_op:
        batch_op.drop_index("ix_link_codes_half_hash")
        batch_op.drop_column("wrong_tries")
        batch_op.drop_column("half_hash")

    op.drop_table("guesses")
