"""The clock, for the few who may ask it: the command line, the tasks, the web page. A stage is handed what it said."""

import datetime as dt

from etl.edges.feeds import CHINA


def now() -> dt.datetime:
    """The present moment in China's time, to the second."""
    return dt.datetime.now(CHINA).replace(microsecond=0)
