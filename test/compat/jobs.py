"""Jobs of RQ on the server on the port given: results, dependencies, retries, delays. Prints 'session ok' or ends with an error."""

import sys
import time
from datetime import timedelta

import redis
from rq import Queue, Retry, SimpleWorker
from rq.registry import FailedJobRegistry, FinishedJobRegistry, ScheduledJobRegistry

from tasks import double, hopeless, stubborn, total

def work(client, queues, **options):
    SimpleWorker(queues, connection=client).work(burst=True, logging_level="ERROR", **options)


def results(client):
    queue = Queue("plain", connection=client)
    jobs = [queue.enqueue(double, i) for i in range(20)]
    first = queue.enqueue(double, 100, at_front=True)
    assert queue.job_ids[0] == first.id
    assert len(queue) == 21
    work(client, [queue])
    assert [job.return_value() for job in jobs] == [i * 2 for i in range(20)]
    assert all(job.get_status() == "finished" for job in jobs)
    assert FinishedJobRegistry(queue=queue).count == 21
    assert len(queue) == 0


def dependencies(client):
    queue = Queue("steps", connection=client)
    parts = [queue.enqueue(double, i) for i in (1, 2, 3)]
    names = [part.id for part in parts]
    end = queue.enqueue(total, *names, depends_on=parts)
    assert end.get_status() == "deferred"
    work(client, [queue])
    assert end.return_value() == 12, end.return_value()


def retries(client):
    queue = Queue("retries", connection=client)
    job = queue.enqueue(stubborn, retry=Retry(max=3))
    failing = queue.enqueue(hopeless, retry=Retry(max=1))
    work(client, [queue])
    assert job.return_value() == "at last"
    assert failing.get_status() == "failed"
    failed = FailedJobRegistry(queue=queue)
    assert failed.get_job_ids() == [failing.id]
    assert "never" in failing.latest_result().exc_string
    failed.remove(failing, delete_job=True)
    assert failed.count == 0


def delays(client):
    queue = Queue("later", connection=client)
    job = queue.enqueue_in(timedelta(hours=1), double, 4)
    registry = ScheduledJobRegistry(queue=queue)
    assert job in registry and job.get_status() == "scheduled"
    assert registry.get_jobs_to_schedule() == []
    due = registry.get_jobs_to_schedule(timestamp=time.time() + 3601)
    assert due == [job.id]
    job.cancel()
    assert job not in registry
    queue.enqueue(double, 5)
    queue.empty()
    assert queue.is_empty()
    queue.delete()


def main():
    client = redis.Redis(port=int(sys.argv[1]))
    for part in (results, dependencies, retries, delays):
        client.flushall()
        part(client)
    print("session ok")


if __name__ == "__main__":
    main()
