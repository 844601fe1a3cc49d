"""The front door, `python3 -m community serve | test | bench`: nothing but Python is needed."""

import signal
import sys

# Asked before the other rooms are read: an older Python could not even parse them.
if sys.hexversion < 0x030B0000:
    sys.exit(
        "The community directory needs Python 3.11 or newer: "
        "start it again with a newer one, for example python3.12 -m community serve"
    )

if __name__ == "__main__":
    # While the rooms are read nothing is open yet: Ctrl-C just ends, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import os

from community.cli import bench as bench_command
from community.cli import lint as lint_command
from community.cli import serve as serve_command
from community.cli import test as test_command
from community.cli.virtualenv import SetupError, explain


def port_number(text):
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535, not " + text)
    return number


def parser():
    doors = argparse.ArgumentParser(prog="python3 -m community", description=__doc__)
    commands = doors.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the site on this machine", allow_abbrev=False)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=port_number, default=8000, help="port (%(default)s)")
    test = commands.add_parser(
        "test",
        help="run the tests on SQLite and PostgreSQL",
        epilog="Every other argument goes to pytest, such as -x, -k WORD or tests/test_codes.py.",
        allow_abbrev=False,
    )
    test.add_argument("--fast", action="store_true", help="run the quick tests, on SQLite")
    test.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    test.add_argument("--browser", action="store_true", help="run the browser tests too")
    test.add_argument("--drills", action="store_true", help="run only the drills: kills, minutes")
    commands.add_parser("lint", help="check style, types and imports", allow_abbrev=False)
    bench = commands.add_parser("bench", help="measure how fast it is", allow_abbrev=False)
    bench_command.options(bench)
    return doors


def chosen(arguments):
    """What to run, as a function without arguments, and its exit code when interrupted."""
    options, rest = parser().parse_known_args(arguments)
    if options.command == "test":
        rest = [*test_command.DRILLS, *rest] if options.drills else rest
        rest = [*test_command.FAST, *rest] if options.fast else rest
        sqlite_only = options.sqlite_only or options.fast
        return lambda: test_command.test(sqlite_only, options.browser, rest), 130
    if rest:
        parser().error("unrecognized arguments: " + " ".join(rest))
    if options.command == "lint":
        return lint_command.lint, 130
    if options.command == "bench":
        return lambda: bench_command.bench(options.size, options.engine), 130
    return lambda: serve_command.serve(options.host, options.port), 0


def interrupt(signum, frame):
    raise KeyboardInterrupt


def main(arguments):
    command, interrupted = chosen(arguments)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, interrupt)
    # Progress is read while it happens, in pipes and log files too.
    sys.stdout.reconfigure(line_buffering=True, errors="replace")
    try:
        return command()
    except KeyboardInterrupt:
        # A terminal shows ^C where the cursor was.
        print("\nStopped." if sys.stdout.isatty() else "Stopped.")
        return interrupted
    except BrokenPipeError:
        # Nobody reads any more: without this Python complains once again while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SetupError as error:
        sys.stderr.write(str(error) + "\n")
        return 1
    except OSError as error:
        sys.stderr.write(explain(error) + "\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
