"""Reports that are kept: the week, the term."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "school_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_school_reports_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_reports")),
        sa.UniqueConstraint("school_id", "kind", "first_on", name=op.f("uq_school_reports_school_id_kind_first_on")),
    )
    with op.batch_alter_table("school_reports", schema=None) as batch_op:
        batch_op.create_index(
            "ix_school_reports_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.create_index("ix_duty_records_duty_id", ["duty_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_records_duty_id")

    with op.batch_alter_table("school_reports", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_school_reports_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("school_reports")
