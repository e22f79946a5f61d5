"""what is owed beyond the day: duties, their records, what must be in place"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digests_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_digests_person_id_day")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("dated_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_documents_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("provider_id", "kind", "about", name=op.f("uq_documents_provider_id_kind_about")),
    )
    op.create_table(
        "duties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=True),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("handed_to_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["closed_by_id"], ["people.id"], name=op.f("fk_duties_closed_by_id_people")),
        sa.ForeignKeyConstraint(["handed_to_id"], ["people.id"], name=op.f("fk_duties_handed_to_id_people")),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_duties_placement_id_placements")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_duties_provider_id_providers")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_duties_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duties")),
        sa.UniqueConstraint("key", name=op.f("uq_duties_key")),
    )
    with op.batch_alter_table("duties", schema=None) as batch_op:
        batch_op.create_index(
            "ix_duties_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_duties_open",
            ["school_id", "lapses_on"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_duties_placement_id", ["placement_id"], unique=False)
        batch_op.create_index("ix_duties_provider_id", ["provider_id"], unique=False)
        batch_op.create_index("ix_duties_school_id_due_on", ["school_id", "due_on"], unique=False)

    op.create_table(
        "duty_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("duty_id", sa.Integer(), nullable=True),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_as", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amends_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["amends_id"], ["duty_records.id"], name=op.f("fk_duty_records_amends_id_duty_records")
        ),
        sa.ForeignKeyConstraint(["duty_id"], ["duties.id"], name=op.f("fk_duty_records_duty_id_duties")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_duty_records_made_by_id_people")),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placements.id"], name=op.f("fk_duty_records_placement_id_placements")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_duty_records_provider_id_providers")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_duty_records_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_records")),
    )
    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.create_index("ix_duty_records_placement_id_happened_on", ["placement_id", "happened_on"], unique=False)
        batch_op.create_index("ix_duty_records_provider_id_happened_on", ["provider_id", "happened_on"], unique=False)
        batch_op.create_index("ix_duty_records_school_id_made_at", ["school_id", "made_at"], unique=False)

    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest_id", sa.Integer(), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=False),
        sa.Column("as_lead", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digests.id"], name=op.f("fk_mentions_digest_id_digests")),
        sa.ForeignKeyConstraint(["duty_id"], ["duties.id"], name=op.f("fk_mentions_duty_id_duties")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
        sa.UniqueConstraint("digest_id", "duty_id", name=op.f("uq_mentions_digest_id_duty_id")),
    )
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.create_index("ix_mentions_duty_id", ["duty_id"], unique=False)

    op.create_table(
        "plannings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plannings")),
        sa.UniqueConstraint("day", name=op.f("uq_plannings_day")),
    )
    with op.batch_alter_table("plannings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_plannings_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rhythms", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("referred_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("authorised_by", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("agreement_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("aims", sa.String(length=300), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("risk_shared_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("dsl_details_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("review_dates", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("meals", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("rest_of_week", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("added_on", sa.Date(), nullable=True))

    with op.batch_alter_table("providers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("registered", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("registration_checked_on", sa.Date(), nullable=True))

    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ehc_plan", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("looked_after", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("schools", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rhythms", sa.JSON(), nullable=True))

    # Rows that are there already needed a value; new ones bring their own.
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.alter_column("authorised_by", server_default=None)
        batch_op.alter_column("aims", server_default=None)
        batch_op.alter_column("meals", server_default=None)
        batch_op.alter_column("rest_of_week", server_default=None)

    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.alter_column("ehc_plan", server_default=None)
        batch_op.alter_column("looked_after", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("schools", schema=None) as batch_op:
        batch_op.drop_column("rhythms")

    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.drop_column("looked_after")
        batch_op.drop_column("ehc_plan")

    with op.batch_alter_table("providers", schema=None) as batch_op:
        batch_op.drop_column("registration_checked_on")
        batch_op.drop_column("registered")

    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.drop_column("added_on")
        batch_op.drop_column("rest_of_week")
        batch_op.drop_column("meals")
        batch_op.drop_column("review_dates")
        batch_op.drop_column("dsl_details_on")
        batch_op.drop_column("risk_shared_on")
        batch_op.drop_column("aims")
        batch_op.drop_column("agreement_on")
        batch_op.drop_column("authorised_by")
        batch_op.drop_column("referred_on")
        batch_op.drop_column("rhythms")

    op.drop_table("plannings")
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.drop_index("ix_mentions_duty_id")

    op.drop_table("mentions")
    with op.batch_alter_table("duty_records", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_records_school_id_made_at")
        batch_op.drop_index("ix_duty_records_provider_id_happened_on")
        batch_op.drop_index("ix_duty_records_placement_id_happened_on")

    op.drop_table("duty_records")
    with op.batch_alter_table("duties", schema=None) as batch_op:
        batch_op.drop_index("ix_duties_school_id_due_on")
        batch_op.drop_index("ix_duties_provider_id")
        batch_op.drop_index("ix_duties_placement_id")
        batch_op.drop_index(
            "ix_duties_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(
            "ix_duties_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("duties")
    op.drop_table("documents")
    op.drop_table("digests")
