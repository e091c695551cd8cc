"""What the jobs of jobs.py do: RQ wants it in a module of its own."""

import time

from rq import get_current_job
from rq.job import Job

attempts = []


def double(n):
    return n * 2


def total(*names):
    client = get_current_job().connection
    return sum(Job.fetch(name, connection=client).return_value() for name in names)


def stubborn():
    attempts.append(time.time())
    if len(attempts) < 3:
        raise ValueError("not yet")
    return "at last"


def hopeless():
    raise ValueError("never")
