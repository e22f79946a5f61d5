"""For queries of what has a last day, which is included: a placement, and a pupil's time on the roll."""

from datetime import date

import sqlalchemy as sa


def not_over(table: sa.Table, day: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """Its last day does not lie before `day`; what has none goes on."""
    return sa.or_(table.c.ends_on.is_(None), table.c.ends_on >= day)


def runs_on(table: sa.Table, day: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """It has begun by `day`, and is not over."""
    return sa.and_(table.c.starts_on <= day, not_over(table, day))
