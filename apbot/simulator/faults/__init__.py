"""A rehearsal in which everything fails that can: processes, platforms, the database and the clock.

The real composition runs on a virtual clock, several processes of it on one database, beside an invented platform.
What goes wrong is drawn from the seed; the promises are held against what people saw.
"""
