"""everything"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("name", name=op.f("uq_channels_name")),
    )
    op.create_table(
        "checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
        sa.UniqueConstraint("day", name=op.f("uq_checks_day")),
    )
    with op.batch_alter_table("checks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_checks_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("channel", "event_id", name=op.f("uq_events_channel_event_id")),
    )
    op.create_table(
        "kept_secrets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_secrets")),
        sa.UniqueConstraint("name", name=op.f("uq_kept_secrets_name")),
    )
    op.create_table(
        "openings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openings")),
        sa.UniqueConstraint("day", name=op.f("uq_openings_day")),
    )
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_openings_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("mobile", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("leaves_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("ref", name=op.f("uq_people_ref")),
    )
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("registration", sa.String(length=80), nullable=False),
        sa.Column("activity", sa.String(length=120), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_providers")),
        sa.UniqueConstraint("ref", name=op.f("uq_providers_ref")),
    )
    op.create_table(
        "schools",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("telephone", sa.String(length=40), nullable=False),
        sa.Column("initials_in_chat", sa.Boolean(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schools")),
        sa.UniqueConstraint("ref", name=op.f("uq_schools_ref")),
    )
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_why", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (provider_id IS NULL)", name=op.f("ck_addresses_one_owner")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_addresses_person_id_people")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_addresses_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
        sa.UniqueConstraint("channel", "address", "person_id", name=op.f("uq_addresses_channel_address_person_id")),
    )
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.create_index("ix_addresses_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_addresses_provider_id", ["provider_id"], unique=False)
        batch_op.create_index(
            "uq_addresses_owner",
            ["channel", "address"],
            unique=True,
            sqlite_where=sa.text("channel NOT IN ('email', 'sms')"),
            postgresql_where=sa.text("channel NOT IN ('email', 'sms')"),
        )

    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("via", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_audit_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("ix_audit_subject", ["subject"], unique=False)

    op.create_table(
        "closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("sessions", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(school_id IS NULL) <> (provider_id IS NULL)", name=op.f("ck_closures_one_organisation")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_closures_provider_id_providers")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_closures_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_table(
        "concerns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("raised_by_id", sa.Integer(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["people.id"], name=op.f("fk_concerns_acknowledged_by_id_people")
        ),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_concerns_provider_id_providers")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["people.id"], name=op.f("fk_concerns_raised_by_id_people")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_concerns_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concerns")),
    )
    with op.batch_alter_table("concerns", schema=None) as batch_op:
        batch_op.create_index(
            "ix_concerns_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_concerns_unanswered",
            ["school_id", "raised_by_id"],
            unique=True,
            sqlite_where=sa.text("acknowledged_at IS NULL"),
            postgresql_where=sa.text("acknowledged_at IS NULL"),
        )

    op.create_table(
        "covers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("covered_by_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["covered_by_id"], ["people.id"], name=op.f("fk_covers_covered_by_id_people")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_covers_made_by_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_covers_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
    )
    with op.batch_alter_table("covers", schema=None) as batch_op:
        batch_op.create_index("ix_covers_ends_on", ["ends_on"], unique=False)

    op.create_table(
        "link_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(person_id IS NULL) <> (provider_id IS NULL)", name=op.f("ck_link_codes_one_owner")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_link_codes_person_id_people")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_link_codes_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_link_codes_code_hash")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease", sa.String(length=40), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("maybe_repeat", sa.Boolean(), nullable=False),
        sa.Column("platform_ref", sa.String(length=500), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_messages_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint(
            "kind",
            "subject_id",
            "round",
            "step",
            "recipient",
            "channel",
            name=op.f("uq_messages_kind_subject_id_round_step_recipient_channel"),
        ),
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_address", ["channel", "address", "sent_at"], unique=False)
        batch_op.create_index(
            "ix_messages_due",
            ["channel", "priority", "next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index("ix_messages_subject", ["kind", "subject_id"], unique=False)

    op.create_table(
        "pupils",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("upn", sa.String(length=20), nullable=False),
        sa.Column("year_group", sa.String(length=10), nullable=False),
        sa.Column("social_worker", sa.Boolean(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_pupils_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupils")),
        sa.UniqueConstraint("ref", name=op.f("uq_pupils_ref")),
    )
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.create_index("ix_pupils_school_id", ["school_id"], unique=False)

    op.create_table(
        "registers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("session", sa.String(length=2), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_registers_provider_id_providers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registers")),
        sa.UniqueConstraint("provider_id", "day", "session", name=op.f("uq_registers_provider_id_day_session")),
    )
    with op.batch_alter_table("registers", schema=None) as batch_op:
        batch_op.create_index("ix_registers_day", ["day"], unique=False)
        batch_op.create_index(
            "ix_registers_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("school_id IS NULL OR provider_id IS NULL", name=op.f("ck_roles_one_organisation")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_roles_person_id_people")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_roles_provider_id_providers")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_roles_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint(
            "person_id", "role", "school_id", "provider_id", name=op.f("uq_roles_person_id_role_school_id_provider_id")
        ),
    )
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.create_index("ix_roles_provider_id", ["provider_id"], unique=False)
        batch_op.create_index("ix_roles_school_id", ["school_id"], unique=False)

    op.create_table(
        "school_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_school_days_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_days")),
        sa.UniqueConstraint("school_id", "day", name=op.f("uq_school_days_school_id_day")),
    )
    with op.batch_alter_table("school_days", schema=None) as batch_op:
        batch_op.create_index(
            "ix_school_days_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.create_table(
        "signin_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signin_links_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signin_links")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_signin_links_secret_hash")),
    )
    op.create_table(
        "terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("first_week", sa.String(length=1), nullable=False),
        sa.CheckConstraint("(school_id IS NULL) <> (provider_id IS NULL)", name=op.f("ck_terms_one_organisation")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_terms_provider_id_providers")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_terms_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
    )
    op.create_table(
        "web_sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_web_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_sessions")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_web_sessions_secret_hash")),
    )
    op.create_table(
        "chat_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("only_for_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_chat_lines_author_id_people")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_chat_lines_message_id_messages")),
        sa.ForeignKeyConstraint(["only_for_id"], ["people.id"], name=op.f("fk_chat_lines_only_for_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_lines")),
    )
    with op.batch_alter_table("chat_lines", schema=None) as batch_op:
        batch_op.create_index("ix_chat_lines_changed", ["changed"], unique=False)
        batch_op.create_index("ix_chat_lines_conversation_changed", ["conversation", "changed"], unique=False)
        batch_op.create_index("ix_chat_lines_conversation_id", ["conversation", "id"], unique=False)
        batch_op.create_index("ix_chat_lines_message_id", ["message_id"], unique=True)

    op.create_table(
        "code_chases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_day_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("copied_before", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["school_day_id"], ["school_days.id"], name=op.f("fk_code_chases_school_day_id_school_days")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_chases")),
        sa.UniqueConstraint("school_day_id", name=op.f("uq_code_chases_school_day_id")),
    )
    op.create_table(
        "escalations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["people.id"], name=op.f("fk_escalations_acknowledged_by_id_people")
        ),
        sa.ForeignKeyConstraint(["register_id"], ["registers.id"], name=op.f("fk_escalations_register_id_registers")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_escalations_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalations")),
    )
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_escalations_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index("ix_escalations_register_id", ["register_id"], unique=False)
        batch_op.create_index("ix_escalations_school_id", ["school_id"], unique=False)

    op.create_table(
        "placements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("target_end_on", sa.Date(), nullable=True),
        sa.Column("pattern", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("alert_minutes", sa.Integer(), nullable=False),
        sa.Column("arranged_by", sa.String(length=20), nullable=False),
        sa.Column("dual_registered", sa.Boolean(), nullable=False),
        sa.Column("activity", sa.String(length=120), nullable=False),
        sa.Column("activity_code", sa.String(length=2), nullable=False),
        sa.Column("transport", sa.String(length=200), nullable=False),
        sa.Column("calls_home", sa.String(length=200), nullable=False),
        sa.Column("key_worker_id", sa.Integer(), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["key_worker_id"], ["people.id"], name=op.f("fk_placements_key_worker_id_people")),
        sa.ForeignKeyConstraint(["provider_id"], ["providers.id"], name=op.f("fk_placements_provider_id_providers")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_placements_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
        sa.UniqueConstraint("ref", name=op.f("uq_placements_ref")),
    )
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.create_index("ix_placements_provider_id", ["provider_id"], unique=False)
        batch_op.create_index("ix_placements_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "planned_absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("sessions", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_planned_absences_made_by_id_people")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_planned_absences_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_absences")),
    )
    with op.batch_alter_table("planned_absences", schema=None) as batch_op:
        batch_op.create_index("ix_planned_absences_ends_on", ["ends_on"], unique=False)
        batch_op.create_index("ix_planned_absences_pupil_id", ["pupil_id"], unique=False)

    op.create_table(
        "questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("button", sa.JSON(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("platform_ref", sa.String(length=100), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_questions_message_id_messages")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_questions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.create_index("ix_questions_platform_ref", ["channel", "address", "platform_ref"], unique=False)

    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("alert_minutes", sa.Integer(), nullable=False),
        sa.Column("alert_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("alert_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fact", sa.String(length=20), nullable=True),
        sa.Column("fact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("marked_by_id", sa.Integer(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suggested_code", sa.String(length=2), nullable=True),
        sa.Column("suggested_why", sa.String(length=200), nullable=True),
        sa.Column("code", sa.String(length=2), nullable=True),
        sa.Column("code_by_id", sa.Integer(), nullable=True),
        sa.Column("code_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["code_by_id"], ["people.id"], name=op.f("fk_entries_code_by_id_people")),
        sa.ForeignKeyConstraint(["marked_by_id"], ["people.id"], name=op.f("fk_entries_marked_by_id_people")),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.id"], name=op.f("fk_entries_placement_id_placements")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_entries_pupil_id_pupils")),
        sa.ForeignKeyConstraint(["register_id"], ["registers.id"], name=op.f("fk_entries_register_id_registers")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_entries_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("register_id", "placement_id", name=op.f("uq_entries_register_id_placement_id")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_entries_due",
            ["alert_at"],
            unique=False,
            sqlite_where=sa.text("alert_at IS NOT NULL"),
            postgresql_where=sa.text("alert_at IS NOT NULL"),
        )
        batch_op.create_index("ix_entries_pupil_id", ["pupil_id"], unique=False)
        batch_op.create_index("ix_entries_school_id_starts_at", ["school_id", "starts_at"], unique=False)
        batch_op.create_index(
            "ix_entries_unresolved",
            ["school_id", "starts_at"],
            unique=False,
            sqlite_where=sa.text("coalesce(code, suggested_code) = 'N'"),
            postgresql_where=sa.text("coalesce(code, suggested_code) = 'N'"),
        )

    op.create_table(
        "code_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("nature", sa.String(length=120), nullable=False),
        sa.Column("comment", sa.String(length=200), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_as", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_code_decisions_entry_id_entries")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_code_decisions_made_by_id_people")),
        sa.ForeignKeyConstraint(["school_id"], ["schools.id"], name=op.f("fk_code_decisions_school_id_schools")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_decisions")),
    )
    with op.batch_alter_table("code_decisions", schema=None) as batch_op:
        batch_op.create_index("ix_code_decisions_entry_id", ["entry_id"], unique=False)
        batch_op.create_index("ix_code_decisions_school_id_made_at", ["school_id", "made_at"], unique=False)

    op.create_table(
        "escalated",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=60), nullable=True),
        sa.Column("outcome_words", sa.String(length=300), nullable=False),
        sa.Column("outcome_by_id", sa.Integer(), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_escalated_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["escalation_id"], ["escalations.id"], name=op.f("fk_escalated_escalation_id_escalations")
        ),
        sa.ForeignKeyConstraint(["outcome_by_id"], ["people.id"], name=op.f("fk_escalated_outcome_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalated")),
        sa.UniqueConstraint("escalation_id", "entry_id", name=op.f("uq_escalated_escalation_id_entry_id")),
    )
    with op.batch_alter_table("escalated", schema=None) as batch_op:
        batch_op.create_index("ix_escalated_entry_id", ["entry_id"], unique=False)

    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("fact", sa.String(length=20), nullable=False),
        sa.Column("fact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_as", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amends_because", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_marks_entry_id_entries")),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_marks_made_by_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
    )
    with op.batch_alter_table("marks", schema=None) as batch_op:
        batch_op.create_index("ix_marks_entry_id", ["entry_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("marks", schema=None) as batch_op:
        batch_op.drop_index("ix_marks_entry_id")

    op.drop_table("marks")
    with op.batch_alter_table("escalated", schema=None) as batch_op:
        batch_op.drop_index("ix_escalated_entry_id")

    op.drop_table("escalated")
    with op.batch_alter_table("code_decisions", schema=None) as batch_op:
        batch_op.drop_index("ix_code_decisions_school_id_made_at")
        batch_op.drop_index("ix_code_decisions_entry_id")

    op.drop_table("code_decisions")
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_entries_unresolved",
            sqlite_where=sa.text("coalesce(code, suggested_code) = 'N'"),
            postgresql_where=sa.text("coalesce(code, suggested_code) = 'N'"),
        )
        batch_op.drop_index("ix_entries_school_id_starts_at")
        batch_op.drop_index("ix_entries_pupil_id")
        batch_op.drop_index(
            "ix_entries_due",
            sqlite_where=sa.text("alert_at IS NOT NULL"),
            postgresql_where=sa.text("alert_at IS NOT NULL"),
        )

    op.drop_table("entries")
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_index("ix_questions_platform_ref")

    op.drop_table("questions")
    with op.batch_alter_table("planned_absences", schema=None) as batch_op:
        batch_op.drop_index("ix_planned_absences_pupil_id")
        batch_op.drop_index("ix_planned_absences_ends_on")

    op.drop_table("planned_absences")
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.drop_index("ix_placements_pupil_id")
        batch_op.drop_index("ix_placements_provider_id")

    op.drop_table("placements")
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.drop_index("ix_escalations_school_id")
        batch_op.drop_index("ix_escalations_register_id")
        batch_op.drop_index(
            "ix_escalations_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("escalations")
    op.drop_table("code_chases")
    with op.batch_alter_table("chat_lines", schema=None) as batch_op:
        batch_op.drop_index("ix_chat_lines_message_id")
        batch_op.drop_index("ix_chat_lines_conversation_id")
        batch_op.drop_index("ix_chat_lines_conversation_changed")
        batch_op.drop_index("ix_chat_lines_changed")

    op.drop_table("chat_lines")
    op.drop_table("web_sessions")
    op.drop_table("terms")
    op.drop_table("signin_links")
    with op.batch_alter_table("school_days", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_school_days_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("school_days")
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.drop_index("ix_roles_school_id")
        batch_op.drop_index("ix_roles_provider_id")

    op.drop_table("roles")
    with op.batch_alter_table("registers", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_registers_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_registers_day")

    op.drop_table("registers")
    with op.batch_alter_table("pupils", schema=None) as batch_op:
        batch_op.drop_index("ix_pupils_school_id")

    op.drop_table("pupils")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_subject")
        batch_op.drop_index(
            "ix_messages_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_messages_address")

    op.drop_table("messages")
    op.drop_table("link_codes")
    with op.batch_alter_table("covers", schema=None) as batch_op:
        batch_op.drop_index("ix_covers_ends_on")

    op.drop_table("covers")
    with op.batch_alter_table("concerns", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_concerns_unanswered",
            sqlite_where=sa.text("acknowledged_at IS NULL"),
            postgresql_where=sa.text("acknowledged_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_concerns_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("concerns")
    op.drop_table("closures")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_subject")

    op.drop_table("audit")
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_addresses_owner",
            sqlite_where=sa.text("channel NOT IN ('email', 'sms')"),
            postgresql_where=sa.text("channel NOT IN ('email', 'sms')"),
        )
        batch_op.drop_index("ix_addresses_provider_id")
        batch_op.drop_index("ix_addresses_person_id")

    op.drop_table("addresses")
    op.drop_table("schools")
    op.drop_table("providers")
    op.drop_table("people")
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_openings_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("openings")
    op.drop_table("kept_secrets")
    op.drop_table("events")
    with op.batch_alter_table("checks", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_checks_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("checks")
    op.drop_table("channels")
