"""names can be encrypted at rest: the keys in use, and room for what is encrypted"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WIDTHS = {
    "code_decisions": {"nature": 120, "comment": 200, "because": 200},
    "concerns": {"reference": 40},
    "duties": {"why": 200},
    "escalated": {"outcome_words": 300},
    "marks": {"amends_because": 200},
    "messages": {"heading": 200},
    "placements": {
        "transport": 200,
        "calls_home": 200,
        "authorised_by": 120,
        "aims": 300,
        "meals": 120,
        "rest_of_week": 200,
    },
    "pupils": {"first_name": 100, "last_name": 100, "upn": 20},
}
"""The columns that may be encrypted, and how wide they were. SQLite minds no width: there they stay as they are."""


def upgrade() -> None:
    op.create_table(
        "name_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("proof", sa.String(length=200), nullable=False),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_name_keys")),
        sa.UniqueConstraint("key_id", name=op.f("uq_name_keys_key_id")),
    )
    if op.get_context().dialect.name == "sqlite":
        return
    for table, columns in WIDTHS.items():
        for column, width in columns.items():
            op.alter_column(table, column, type_=sa.Text(), existing_type=sa.String(width), existing_nullable=False)


def downgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        for table, columns in WIDTHS.items():
            for column, width in columns.items():
                op.alter_column(table, column, type_=sa.String(width), existing_type=sa.Text(), existing_nullable=False)
    op.drop_table("name_keys")
