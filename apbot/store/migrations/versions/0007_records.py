"""the audit log is a chain of seals, and append-only in the database itself"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit
WHEN OLD.seal IS NOT NULL OR NEW.detail IS NOT OLD.detail
  OR NEW.id IS NOT OLD.id OR NEW.at IS NOT OLD.at OR NEW.person_id IS NOT OLD.person_id OR NEW.via IS NOT OLD.via OR NEW.what IS NOT OLD.what OR NEW.subject IS NOT OLD.subject
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
WHEN NOT EXISTS (
  SELECT 1 FROM audit AS cut WHERE cut.subject = 'audit' AND cut.what = 'audit shortened'
  AND json_extract(cut.detail, '$.through') >= OLD.number)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.seal IS NOT NULL OR NEW.detail::text IS DISTINCT FROM OLD.detail::text
  OR NEW.id IS DISTINCT FROM OLD.id OR NEW.at IS DISTINCT FROM OLD.at OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.via IS DISTINCT FROM OLD.via OR NEW.what IS DISTINCT FROM OLD.what OR NEW.subject IS DISTINCT FROM OLD.subject
THEN RAISE EXCEPTION 'the audit log is append-only'; END IF;
RETURN NEW; END $$""",
    """CREATE FUNCTION audit_is_not_shortened() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF TG_OP = 'TRUNCATE' OR NOT EXISTS (
  SELECT 1 FROM audit AS cut WHERE cut.subject = 'audit' AND cut.what = 'audit shortened'
  AND (cut.detail->>'through')::bigint >= OLD.number)
THEN RAISE EXCEPTION 'the audit log is append-only'; END IF;
RETURN OLD; END $$""",
    "CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept()",
    "CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_not_shortened()",
    "CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_not_shortened()",
)


def upgrade() -> None:
    op.add_column("audit", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("audit", sa.Column("number", sa.Integer(), nullable=True))
    op.add_column("audit", sa.Column("seal", sa.String(length=64), nullable=True))
    op.execute("UPDATE audit SET next_at = at")  # what is there already is sealed first
    op.create_index(
        "uq_audit_number",
        "audit",
        ["number"],
        unique=True,
        sqlite_where=sa.text("number IS NOT NULL"),
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_index(
        "ix_audit_due",
        "audit",
        ["next_at"],
        unique=False,
        sqlite_where=sa.text("next_at IS NOT NULL"),
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_is_kept")
        op.execute("DROP TRIGGER audit_is_not_shortened")
    else:
        for name in ("audit_is_kept", "audit_is_not_shortened", "audit_is_not_emptied"):
            op.execute(f"DROP TRIGGER {name} ON audit")
        for name in ("audit_is_kept", "audit_is_not_shortened"):
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_audit_due", table_name="audit")
    op.drop_index("uq_audit_number", table_name="audit")
    for column in ("seal", "number", "next_at"):
        op.drop_column("audit", column)
