"""the names that platforms give a message of many parts may be of any length"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_context().dialect.name != "sqlite":  # which minds no width
        op.alter_column(
            "messages", "platform_ref", type_=sa.Text(), existing_type=sa.String(500), existing_nullable=False
        )


def downgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        op.alter_column(
            "messages", "platform_ref", type_=sa.String(500), existing_type=sa.Text(), existing_nullable=False
        )
