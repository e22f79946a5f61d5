"""missed days are repeated until acknowledged; an address's id is never used again"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "missed_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_id", sa.Integer(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_id"], ["people.id"], name=op.f("fk_missed_days_acknowledged_by_id_people")
        ),
        sa.ForeignKeyConstraint(["id"], ["school_days.id"], name=op.f("fk_missed_days_id_school_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_days")),
    )
    with op.batch_alter_table("missed_days", schema=None) as batch_op:
        batch_op.create_index(
            "ix_missed_days_due",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
    _make_addresses_anew(sqlite_autoincrement=True)
    if op.get_bind().dialect.name == "sqlite":
        # Nor is the id of an address that was removed before, and that a message speaks of, used again.
        op.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(subject_id) FROM messages"
            " WHERE kind = 'unreached'), 0)) WHERE name = 'addresses'"
        )
        op.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT 'addresses', told.most FROM"
            " (SELECT max(subject_id) AS most FROM messages WHERE kind = 'unreached') AS told"
            " WHERE told.most IS NOT NULL AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'addresses')"
        )


def _make_addresses_anew(*, sqlite_autoincrement: bool) -> None:
    """SQLite can't change a key in place; other databases never use an id again."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.create_table(
        "addresses_anew",
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
        sqlite_autoincrement=sqlite_autoincrement,
    )
    kept = "id, person_id, provider_id, channel, address, rank, disabled_at, disabled_why, detail"
    op.execute(f"INSERT INTO addresses_anew ({kept}) SELECT {kept} FROM addresses")
    op.drop_table("addresses")
    op.rename_table("addresses_anew", "addresses")
    op.create_index("ix_addresses_person_id", "addresses", ["person_id"])
    op.create_index("ix_addresses_provider_id", "addresses", ["provider_id"])
    op.create_index(
        "uq_addresses_owner",
        "addresses",
        ["channel", "address"],
        unique=True,
        sqlite_where=sa.text("channel NOT IN ('email', 'sms')"),
    )


def downgrade() -> None:
    _make_addresses_anew(sqlite_autoincrement=False)
    with op.batch_alter_table("missed_days", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_missed_days_due",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )

    op.drop_table("missed_days")
