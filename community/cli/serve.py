"""The landing: prepares the site and keeps a server on one port of this machine until Ctrl-C."""

import contextlib
import errno
import http.client
import os
import socket
import subprocess
import time

from community.cli.virtualenv import Environment, SetupError, child, environ

# Where a server that listens everywhere is met from this machine.
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
PATIENCE = 60


def serve(host, port):
    check_address(host, port)
    place = Environment()
    settings = environ(COMMUNITY_LOCAL=os.environ.get("COMMUNITY_LOCAL", "1"))
    with place.alone():
        place.ensure("serve")
        prepare(place, settings)
    check_address(host, port)
    with child(gunicorn(place, host, port), env=settings) as server:
        wait(server, host, port)
        announce(host, port)
        server.wait()
    raise SetupError(f"The server stopped by itself (code {server.returncode}): start it again.")


def check_address(host, port):
    """Refuse at once what the server could not listen on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (OSError, UnicodeError) as error:
        raise SetupError(why_not_there(host, port, error)) from None


def why_not_there(host, port, error):
    reason = getattr(error, "errno", None)
    if reason == errno.EADDRINUSE:
        return (
            f"Port {port} is already in use: stop the program that uses it, "
            f"or choose another port with --port {port % 65535 + 1}."
        )
    if reason == errno.EACCES:
        return f"You may not listen on port {port}: choose one above 1023, such as --port 8000."
    return f"{host!r} is not an address of this machine: choose another with --host 127.0.0.1."


def prepare(place, settings):
    """Bring database, fixtures and static files up to date; its own lines go straight out."""
    command = [place.python, "manage.py", "bootstrap"]
    pipes = {"stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    with child(command, cwd=place.root, env=settings, **pipes) as process:
        said = process.stderr.read()
        process.wait()
    if process.returncode:
        raise SetupError(in_one_sentence(said, place.folder / "prepare.log"))
    os.write(2, said.encode())


def in_one_sentence(said, log):
    """What `prepare` told of its failure; a traceback is kept in a file instead."""
    if "Traceback (most recent call last)" not in said:
        return said.strip() or "The site could not be prepared: run manage.py prepare to see why."
    with contextlib.suppress(OSError):
        log.write_text(said, encoding="utf-8")
    # The lines of code are indented; the first that is not names the error.
    last = said.rpartition("Traceback (most recent call last):")[2].splitlines()[1:]
    error = next((line for line in last if line and not line[0].isspace()), "no reason given")
    advice = "check DATABASE_URL" if "OperationalError" in error else "mend that"
    return f"The site could not be prepared ({error}): {advice} and start again ({log})."


def gunicorn(place, host, port):
    # The control socket would be a file in the user's home, and no one here asks it.
    return [
        *(place.python, "-m", "gunicorn", "community.wsgi:application"),
        *("--bind", f"{bracketed(host)}:{port}", "--no-control-socket"),
        *("--workers", 2, "--worker-class", "gthread", "--threads", 4),
        *("--log-level", "warning", "--graceful-timeout", 3),
    ]


def bracketed(host):
    return f"[{host}]" if ":" in host else host


def wait(server, host, port):
    """Return when the site answers."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            raise SetupError(
                f"The server could not start (code {server.returncode}): see the lines above."
            )
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status < 500:
                return
        time.sleep(0.05)
    raise SetupError(f"The server did not answer for {PATIENCE} seconds: start it again.")


def announce(host, port):
    address = f"http://{bracketed(EVERYWHERE.get(host, host))}:{port}"
    print("The directory is running:")
    print(f"  site     {address}/")
    print(f"  English  {address}/en/")
    print(f"  admin    {address}/admin/")
    if host in EVERYWHERE:
        print("Other machines can reach it too, without encryption: trusted networks only.")
    print("Ctrl-C stops it.")
