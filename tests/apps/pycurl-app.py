#!/usr/bin/python3
"""pycurl as its users write it: pycurl-app.py SCENARIO URL [URL]. The library comes by dlopen, with
RTLD_LOCAL, and is libcurl-gnutls. Prints what it sees."""
import io
import os
import sys
import threading

import pycurl


def handle(url, out):
    curl = pycurl.Curl()
    curl.setopt(pycurl.URL, url)
    lead(curl)
    curl.setopt(pycurl.WRITEDATA, out)
    return curl


def lead(curl):
    curl.setopt(pycurl.RESOLVE, os.environ["APP_RESOLVE"].split(","))
    curl.setopt(pycurl.NOSIGNAL, 1)
    curl.setopt(pycurl.TIMEOUT, 90)
    if os.environ.get("APP_CA"):
        curl.setopt(pycurl.CAINFO, os.environ["APP_CA"])
    version = "2_0" if os.environ.get("APP_HTTP2") else "1_1"
    curl.setopt(pycurl.HTTP_VERSION, getattr(pycurl, "CURL_HTTP_VERSION_" + version))


def perform(curl, out):
    curl.perform()
    print(curl.getinfo(pycurl.RESPONSE_CODE), curl.getinfo(pycurl.EFFECTIVE_URL).split("/", 3)[3],
          out.getvalue())
    out.seek(0)
    out.truncate()


def easy(url, other):
    out = io.BytesIO()
    curl = handle(url, out)
    perform(curl, out)
    curl.setopt(pycurl.HTTPHEADER, ["X-Own: 1", "BAGGAGE: own=1"])
    perform(curl, out)
    curl.setopt(pycurl.HTTPHEADER, ["X-Own: 2"])
    curl.setopt(pycurl.URL, other)
    perform(curl, out)
    curl.unsetopt(pycurl.HTTPHEADER)
    curl.setopt(pycurl.POSTFIELDS, "a=b")
    perform(curl, out)
    curl.reset()
    lead(curl)
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.WRITEDATA, out)
    perform(curl, out)
    copy = curl.duphandle()
    lead(copy)
    curl.close()
    perform(copy, out)
    copy.close()


def follow(url, _other):
    out = io.BytesIO()
    curl = handle(url, out)
    curl.setopt(pycurl.FOLLOWLOCATION, 1)
    curl.setopt(pycurl.HTTPHEADER, ["X-Own: 1"])
    perform(curl, out)
    curl.close()


def drive(multi, pairs):
    for curl, _ in pairs:
        multi.add_handle(curl)
    running = 1
    while running:
        while True:
            status, running = multi.perform()
            if status != pycurl.E_CALL_MULTI_PERFORM:
                break
        multi.select(1.0)
    for number, (curl, out) in enumerate(pairs):
        print(number, curl.getinfo(pycurl.RESPONSE_CODE), out.getvalue())
        out.seek(0)
        out.truncate()
        multi.remove_handle(curl)


def multi(url, other):
    outs = [io.BytesIO() for _ in range(12)]
    pairs = [(handle(other if i % 2 else url, out), out) for i, out in enumerate(outs)]
    for number, (curl, _) in enumerate(pairs):
        curl.setopt(pycurl.HTTPHEADER, ["X-Number: %d" % number])
    many = pycurl.CurlMulti()
    drive(many, pairs)
    drive(many, pairs)
    for curl, _ in pairs:
        curl.close()
    many.close()


def threads(url, other):
    def work():
        out = io.BytesIO()
        curl = handle(url, out)
        for number in range(10):
            curl.setopt(pycurl.URL, other if number % 2 else url)
            curl.perform()
        curl.close()
    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    {"easy": easy, "follow": follow, "multi": multi, "threads": threads}[sys.argv[1]](
        sys.argv[2], sys.argv[-1])
