"""incidents, and what is known of a concern"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parents_told", sa.String(length=10), nullable=False),
        sa.Column("raised_by_id", sa.Integer(), nullable=False),
        sa.Column("raised_as", sa.String(length=40), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["people.id"], name=op.f("fk_incidents_acknowledged_by_id_people")
        ),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_incidents_placement_id_placements")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_incidents_provider_id_providers")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["people.id"], name=op.f("fk_incidents_raised_by_id_people")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_incidents_school_id_schools")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["people.id"], name=op.f("fk_incidents_withdrawn_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index(
            "ix_incidents_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index("ix_incidents_placement_id_happened_at", ["placement_id", "happened_at"], unique=False)
        batch_op.create_index("ix_incidents_school_id_happened_at", ["school_id", "happened_at"], unique=False)

    with op.batch_alter_table("concerns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pupil_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("reference", sa.String(length=40), nullable=False, server_default=""))
        batch_op.create_foreign_key(batch_op.f("fk_concerns_pupil_id_pupils"), "pupils", ["pupil_id"], ["id"])

    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.create_index(
            "ix_duty_records_amends_id",
            ["amends_id"],
            unique=True,
            sqlite_where=sa.text("amends_id IS NOT NULL"),
            postgresql_where=sa.text("amends_id IS NOT NULL"),
        )

    # Rows that are there already needed a value; new ones bring their own.
    with op.batch_alter_table("concerns", schema=None) as batch_op:
        batch_op.alter_column("reference", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_duty_records_amends_id",
            sqlite_where=sa.text("amends_id IS NOT NULL"),
            postgresql_where=sa.text("amends_id IS NOT NULL"),
        )

    with op.batch_alter_table("concerns", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_concerns_pupil_id_pupils"), type_="foreignkey")
        batch_op.drop_column("reference")
        batch_op.drop_column("pupil_id")

    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index("ix_incidents_school_id_happened_at")
        batch_op.drop_index("ix_incidents_placement_id_happened_at")
        batch_op.drop_index(
            "ix_incidents_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("incidents")
