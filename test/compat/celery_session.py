"""A worker of Celery, with broker and results on the server on the port given. Prints 'session ok' or ends with an error."""

import os
import signal
import subprocess
import sys
import time

import redis

os.environ["CELERY_SERVER"] = f"redis://127.0.0.1:{sys.argv[1]}"

from celery import chain, chord, group  # noqa: E402
from celery_tasks import app, clock, double, hopeless, note, slow, stubborn, total  # noqa: E402

WAIT = 30
WORKER = "compat@localhost"


def start_worker():
    options = ["--concurrency", "1", "--loglevel", "WARNING", "--hostname", WORKER]
    return subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", *options],
        cwd=os.path.dirname(os.path.abspath(__file__)),
    )


def queue_by_priority():
    """Before there is a worker: 0 is the most urgent."""
    return [note.apply_async([str(p)], priority=p) for p in (9, 3, 0, 6, 9, 0)]


def priorities(queued, client):
    for result in queued:
        result.get(timeout=WAIT)
    order = client.lrange("notes", 0, -1)
    assert order == [b"0", b"0", b"3", b"6", b"9", b"9"], order


def results():
    sent = [double.delay(i) for i in range(50)]
    assert [result.get(timeout=WAIT) for result in sent] == [i * 2 for i in range(50)]
    assert sent[0].successful() and sent[0].state == "SUCCESS"
    sent[0].forget()
    assert sent[0].state == "PENDING"


def failures():
    assert stubborn.delay().get(timeout=WAIT) == 2
    failing = hopeless.delay()
    try:
        failing.get(timeout=WAIT)
        raise AssertionError("a task that fails has a result")
    except ValueError as error:
        assert str(error) == "never"
    assert failing.failed() and "never" in failing.traceback


def later():
    asked = time.time()
    assert clock.apply_async(countdown=1).get(timeout=WAIT) - asked >= 0.99
    gone = clock.apply_async(countdown=3600)
    gone.revoke()
    revoked = app.control.inspect(timeout=WAIT, limit=1).revoked()
    assert revoked == {WORKER: [gone.id]}, revoked


def compositions():
    assert group(double.s(i) for i in range(10))().get(timeout=WAIT) == [i * 2 for i in range(10)]
    assert chain(double.s(1), double.s(), double.s())().get(timeout=WAIT) == 8
    assert chord((double.s(i) for i in range(10)), total.s())().get(timeout=WAIT) == 90


def last_task(worker):
    """A worker that is told to end runs what it has begun."""
    result = slow.delay()
    while result.state != "RUNNING":
        time.sleep(0.02)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(WAIT) == 0
    assert result.get(timeout=WAIT) == "done"


def nothing_left(port):
    """But the task that was not due: the worker gave it back."""
    assert app.control.purge() == 1
    broker = redis.Redis(port=port)
    keys = broker.keys("unacked*") + broker.keys("celery*")
    assert keys == [], keys


def main():
    port = int(sys.argv[1])
    queued = queue_by_priority()
    worker = start_worker()
    try:
        priorities(queued, redis.Redis(port=port, db=2))
        for part in (results, failures, later, compositions):
            part()
        last_task(worker)
    finally:
        worker.kill()
    nothing_left(port)
    app.close()
    print("session ok")


main()
