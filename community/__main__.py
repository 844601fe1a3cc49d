"""Command line, `python3 -m community serve | test | lint | bench`: needs nothing but Python."""

import signal
import sys

# Checked before the other modules are imported: an older Python could not even parse them.
if sys.hexversion < 0x030B0000:
    sys.exit(
        "The community directory needs Python 3.11 or newer: "
        "start it again with a newer one, for example python3.12 -m community serve"
    )

if __name__ == "__main__":
    # While modules are imported nothing is open yet: Ctrl-C ends without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import argparse
import os

from community.cli import bench as bench_command
from community.cli import lint as lint_command
from community.cli import serve as serve_command
from community.cli import test as test_command
from community.cli.virtualenv import SetupError, explain_os_error


def parse_port(text):
    """Convert a port argument to int; ArgumentTypeError unless it is from 1 to 65535."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535, not " + text)
    return number


def build_parser():
    """Build the parser of the command line with a subcommand for each command."""
    parser = argparse.ArgumentParser(prog="python3 -m community", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the site on this machine", allow_abbrev=False)
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    serve.add_argument("--port", type=parse_port, default=8000, help="port (%(default)s)")
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
    bench_command.add_arguments(bench)
    return parser


def select_command(arguments):
    """Return the chosen command as a function without arguments, and its exit code on Ctrl-C."""
    options, rest = build_parser().parse_known_args(arguments)
    if options.command == "test":
        rest = [*test_command.DRILLS, *rest] if options.drills else rest
        rest = [*test_command.FAST, *rest] if options.fast else rest
        sqlite_only = options.sqlite_only or options.fast
        return lambda: test_command.run_tests(sqlite_only, options.browser, rest), 130
    if rest:
        build_parser().error("unrecognized arguments: " + " ".join(rest))
    if options.command == "lint":
        return lint_command.run_checks, 130
    if options.command == "bench":
        return lambda: bench_command.run_benchmarks(options.size, options.engine), 130
    return lambda: serve_command.run_server(options.host, options.port), 0


def raise_interrupt(signum, frame):
    """Signal handler: end like Ctrl-C."""
    raise KeyboardInterrupt


def main(arguments):
    """Run the chosen command and return the exit code; known errors are one line."""
    command, interrupted_code = select_command(arguments)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, raise_interrupt)
    # Lines are shown at once, in pipes and log files too.
    sys.stdout.reconfigure(line_buffering=True, errors="replace")
    try:
        return command()
    except KeyboardInterrupt:
        # A terminal shows ^C where the cursor was.
        print("\nStopped." if sys.stdout.isatty() else "Stopped.")
        return interrupted_code
    except BrokenPipeError:
        # The reader of the pipe has closed it: else Python prints a second error while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except SetupError as error:
        sys.stderr.write(str(error) + "\n")
        return 1
    except OSError as error:
        sys.stderr.write(explain_os_error(error) + "\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
