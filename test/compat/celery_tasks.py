"""What the tasks of celery_session.py do: a worker imports it, and finds the server in CELERY_SERVER."""

import os
import time

import redis
from celery import Celery

SERVER = os.environ["CELERY_SERVER"]

app = Celery("compat", broker=f"{SERVER}/0", backend=f"{SERVER}/1")
app.conf.update(
    broker_transport_options={"queue_order_strategy": "priority"},
    broker_connection_retry_on_startup=True,
    worker_prefetch_multiplier=1,
)


@app.task
def double(n):
    return n * 2


@app.task
def total(numbers):
    return sum(numbers)


@app.task(bind=True, max_retries=3)
def stubborn(self):
    if self.request.retries < 2:
        raise self.retry(exc=ValueError("not yet"), countdown=0.1)
    return self.request.retries


@app.task
def hopeless():
    raise ValueError("never")


@app.task
def clock():
    return time.time()


@app.task
def note(text):
    redis.Redis.from_url(f"{SERVER}/2").rpush("notes", text)


@app.task(bind=True)
def slow(self):
    self.update_state(state="RUNNING")
    time.sleep(1)
    return "done"
