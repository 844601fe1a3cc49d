"""The settings of the measured worker: the site's own, with a bare view among its addresses."""

from community.settings import *  # noqa: F403
from community.settings import VAR_DIR

ROOT_URLCONF = "tests.bench.urls"
STATIC_ROOT = VAR_DIR / "bench" / "static"
