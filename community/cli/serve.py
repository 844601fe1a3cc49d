"""`python3 -m community serve`: prepare the site and run it on one port until Ctrl-C."""

import contextlib
import errno
import http.client
import os
import socket
import subprocess
import time

from community.cli.virtualenv import SetupError, VirtualEnvironment, clean_environ, run_process

# Addresses that mean every interface, and how this machine reaches a server on them.
LOOPBACK_FOR = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
STARTUP_TIMEOUT = 60


def run_server(host, port):
    """Install, run bootstrap and serve; ends by KeyboardInterrupt or SetupError only."""
    check_address(host, port)
    venv = VirtualEnvironment()
    settings = clean_environ(COMMUNITY_LOCAL=os.environ.get("COMMUNITY_LOCAL", "1"))
    with venv.exclusive_lock():
        venv.ensure_installed("serve")
        run_bootstrap(venv, settings)
    check_address(host, port)
    with run_process(gunicorn_command(venv, host, port), env=settings) as server:
        wait_until_ready(server, host, port)
        print_addresses(host, port)
        server.wait()
    raise SetupError(f"The server stopped by itself (code {server.returncode}): start it again.")


def check_address(host, port):
    """Raise SetupError if a server could not listen on the address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except (OSError, UnicodeError) as error:
        raise SetupError(explain_bind_error(host, port, error)) from None


def explain_bind_error(host, port, error):
    """One sentence for an error of bind(), with advice."""
    reason = getattr(error, "errno", None)
    if reason == errno.EADDRINUSE:
        return (
            f"Port {port} is already in use: stop the program that uses it, "
            f"or choose another port with --port {port % 65535 + 1}."
        )
    if reason == errno.EACCES:
        return f"You may not listen on port {port}: choose one above 1023, such as --port 8000."
    return f"{host!r} is not an address of this machine: choose another with --host 127.0.0.1."


def run_bootstrap(venv, settings):
    """Run `manage.py bootstrap`, which prints its own lines; SetupError if it fails."""
    command = [venv.python, "manage.py", "bootstrap"]
    pipes = {"stderr": subprocess.PIPE, "text": True, "errors": "replace"}
    with run_process(command, cwd=venv.root, env=settings, **pipes) as process:
        errors = process.stderr.read()
        process.wait()
    if process.returncode:
        raise SetupError(summarize_failure(errors, venv.folder / "prepare.log"))
    os.write(2, errors.encode())


def summarize_failure(errors, log):
    """The error output of bootstrap as one sentence; a traceback is written to the file `log`."""
    if "Traceback (most recent call last)" not in errors:
        return errors.strip() or "The site could not be prepared: run manage.py prepare to see why."
    with contextlib.suppress(OSError):
        log.write_text(errors, encoding="utf-8")
    # Lines of code are indented; the first other line names the error.
    last = errors.rpartition("Traceback (most recent call last):")[2].splitlines()[1:]
    error = next((line for line in last if line and not line[0].isspace()), "no reason given")
    advice = "check DATABASE_URL" if "OperationalError" in error else "mend that"
    return f"The site could not be prepared ({error}): {advice} and start again ({log})."


def gunicorn_command(venv, host, port):
    """Arguments that start gunicorn with two workers of four threads."""
    # The control socket would be a file in the user's home, and nothing here uses it.
    return [
        *(venv.python, "-m", "gunicorn", "community.wsgi:application"),
        *("--bind", f"{format_host(host)}:{port}", "--no-control-socket"),
        *("--workers", 2, "--worker-class", "gthread", "--threads", 4),
        *("--log-level", "warning", "--graceful-timeout", 3),
    ]


def format_host(host):
    """The host as in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def wait_until_ready(server, host, port):
    """Return when the site answers; SetupError if the server ends or a minute passes."""
    end = time.monotonic() + STARTUP_TIMEOUT
    while time.monotonic() < end:
        if server.poll() is not None:
            raise SetupError(
                f"The server could not start (code {server.returncode}): see the lines above."
            )
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(LOOPBACK_FOR.get(host, host), port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status < 500:
                return
        time.sleep(0.05)
    raise SetupError(f"The server did not answer for {STARTUP_TIMEOUT} seconds: start it again.")


def print_addresses(host, port):
    """Print the addresses of site and admin."""
    address = f"http://{format_host(LOOPBACK_FOR.get(host, host))}:{port}"
    print("The directory is running:")
    print(f"  site     {address}/")
    print(f"  English  {address}/en/")
    print(f"  admin    {address}/admin/")
    if host in LOOPBACK_FOR:
        print("Other machines can reach it too, without encryption: trusted networks only.")
    print("Ctrl-C stops it.")
