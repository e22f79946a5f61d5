"""The audit log is append only in the database itself, whoever writes to it.

An entry may be given its seal, once. It may be removed where an entry of the log says so itself: retention writes
down up to which number it shortens the log before it does.
"""

import sqlalchemy as sa

SHORTENED = "audit shortened"
"""What the entry says that announces a removal; its subject is "audit", its detail has the last number removed."""

_SAME = ("id", "at", "person_id", "via", "what", "subject")
_KEPT = "the audit log is append-only"

SQLITE = (
    f"""
CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit
WHEN OLD.seal IS NOT NULL OR NEW.detail IS NOT OLD.detail
  OR {" OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _SAME)}
BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END""",
    f"""
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
WHEN NOT EXISTS (
  SELECT 1 FROM audit AS cut WHERE cut.subject = 'audit' AND cut.what = '{SHORTENED}'
  AND json_extract(cut.detail, '$.through') >= OLD.number)
BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END""",
)

POSTGRESQL = (
    f"""
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF OLD.seal IS NOT NULL OR NEW.detail::text IS DISTINCT FROM OLD.detail::text
  OR {" OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in _SAME)}
THEN RAISE EXCEPTION '{_KEPT}'; END IF;
RETURN NEW; END $$""",
    f"""
CREATE FUNCTION audit_is_not_shortened() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF TG_OP = 'TRUNCATE' OR NOT EXISTS (
  SELECT 1 FROM audit AS cut WHERE cut.subject = 'audit' AND cut.what = '{SHORTENED}'
  AND (cut.detail->>'through')::bigint >= OLD.number)
THEN RAISE EXCEPTION '{_KEPT}'; END IF;
RETURN OLD; END $$""",
    "CREATE TRIGGER audit_is_kept BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept()",
    "CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit"
    " FOR EACH ROW EXECUTE FUNCTION audit_is_not_shortened()",
    "CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_not_shortened()",
)


def append_only(audit: sa.Table) -> None:
    """Whoever makes the table makes its triggers too."""
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            made = sa.DDL(statement.strip()).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            sa.event.listen(audit, "after_create", made)
