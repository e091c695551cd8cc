"""A redis-py session against the server on the port given: RESP2 and RESP3. Ends with an assertion error or prints 'session ok'."""

import os
import sys
import time

import redis

LARGE_BYTES = 2 * 1024 * 1024


def strings(client):
    assert client.set("k", "v") is True
    assert client.get("k") == b"v"
    assert client.get("absent") is None
    assert client.set("k", "w", nx=True) is None
    assert client.set("k", "w", get=True) == b"v"
    assert client.append("k", "xyz") == 4
    assert client.getrange("k", 1, 2) == b"xy"
    assert client.incrby("n", 42) == 42
    assert client.incrbyfloat("n", 0.5) == 42.5
    assert client.mset({"a": 1, "b": 2}) is True
    assert client.mget("a", "absent", "b") == [b"1", None, b"2"]
    assert client.delete("a", "b", "absent") == 2


def expiry(client):
    client.set("k", "v", px=50)
    time.sleep(0.1)
    assert client.get("k") is None
    client.setex("k", 100, "v")
    assert 90 < client.ttl("k") <= 100
    assert client.persist("k") in (1, True)
    assert client.ttl("k") == -1


def scans(client):
    client.mset({f"user:{i}": i for i in range(500)})
    assert len(set(client.scan_iter(match="user:*", count=50))) == 500
    assert client.dbsize() >= 500


def pipelines(client):
    with client.pipeline(transaction=False) as pipe:
        for _ in range(2000):
            pipe.incr("counter")
        assert pipe.execute() == list(range(1, 2001))
        pipe.set("text", "abc").incr("text").get("text")
        answers = pipe.execute(raise_on_error=False)
        assert isinstance(answers[1], redis.ResponseError), answers
        assert answers[2] == b"abc"


def errors(client):
    for command in (["NOSUCH"], ["GET"], ["RENAME", "absent", "x"]):
        try:
            client.execute_command(*command)
        except redis.ResponseError:
            continue
        raise AssertionError(f"{command} was accepted")
    assert client.ping() is True


def values(client):
    binary = bytes(range(256))
    client.set(binary, binary)
    assert client.get(binary) == binary
    large = os.urandom(LARGE_BYTES)
    client.set("large", large)
    assert client.get("large") == large
    assert client.info("server")["redis_version"]
    assert isinstance(client.config_get("maxmemory"), dict)


def main():
    for protocol in (2, 3):
        client = redis.Redis(port=int(sys.argv[1]), protocol=protocol, db=3)
        client.flushall()
        for part in (strings, expiry, scans, pipelines, errors, values):
            part(client)
        client.close()
    print("session ok")


main()
