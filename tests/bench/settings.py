"""The settings of the benchmarked server: the site's own, with the URLs of `tests.bench.urls`."""

from community.settings import *  # noqa: F403
from community.settings import VAR_DIR

ROOT_URLCONF = "tests.bench.urls"
STATIC_ROOT = VAR_DIR / "bench" / "static"
