"""Days as people type them, in the English order: "tomorrow", "3/9 to 5/9", "21-25 Sep", "next week".

Nothing is guessed. What can be read in two ways is asked back (`Unclear`): "next Friday", a weekday that is today,
a date without a year that has just gone by.
"""

from apbot.domain.dates.meant import Days, read_day_gone, read_days, spoken_days
from apbot.domain.dates.typed import Unclear

__all__ = ["Days", "Unclear", "read_day_gone", "read_days", "spoken_days"]
