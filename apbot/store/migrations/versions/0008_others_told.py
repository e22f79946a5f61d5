"""providers know of each other"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "others_told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placements.id"], name=op.f("fk_others_told_placement_id_placements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_others_told")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_others_told_placement_id")),
    )


def downgrade() -> None:
    op.drop_table("others_told")
