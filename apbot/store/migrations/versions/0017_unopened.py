"""for which pupils a day is not open yet, where it can't be opened for all"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unopened",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_unopened_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unopened")),
        sa.UniqueConstraint("day", "pupil_id", name=op.f("uq_unopened_day_pupil_id")),
    )
    due = sa.text("next_at IS NOT NULL")
    op.create_index("ix_unopened_due", "unopened", ["next_at"], sqlite_where=due, postgresql_where=due)


def downgrade() -> None:
    op.drop_table("unopened")
