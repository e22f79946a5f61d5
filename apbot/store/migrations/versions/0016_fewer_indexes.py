"""messages are found by their subject with the index that keeps them unique: a second one is kept up for nothing"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_messages_subject", table_name="messages")


def downgrade() -> None:
    op.create_index("ix_messages_subject", "messages", ["kind", "subject_id"])
