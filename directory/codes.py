"""Validate and normalize identifiers of national standards.

GB 32100-2015 (unified social credit code), the ministry's ten-digit school code, and
GB/T 2260 (region code).
"""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

CREDIT_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE_PATTERN = rf"^[{CREDIT_CODE_ALPHABET}]{{18}}\Z"
SCHOOL_CODE_PATTERN = r"^[0-9]{10}\Z"
REGION_CODE_PATTERN = r"^[1-8][0-9]{5}\Z"
PROVINCE_PREFIXES = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55)}
    | {*range(61, 66), 71, 81, 82}
)


def normalize_code(code: str) -> str:
    """Return the code as its standard writes it: half width, upper case, no spaces or hyphens."""
    return re.sub(
        r"[\s\-\u2010-\u2015\u200b-\u200d\ufeff]", "", unicodedata.normalize("NFKC", code)
    ).upper()


def get_check_character(first: str) -> str:
    """Return the eighteenth character for the first seventeen, by GB 32100-2015."""
    total = sum(CREDIT_CODE_ALPHABET.index(c) * (3**i % 31) for i, c in enumerate(first[:17]))
    return CREDIT_CODE_ALPHABET[(31 - total % 31) % 31]


def check_credit_code(code: str) -> None:
    """Raise ValidationError with the reason in plain words if `code` cannot be one."""
    if re.match(SCHOOL_CODE_PATTERN, code):
        raise ValidationError(_("This looks like a school code (ten digits); enter it there."))
    if len(code) != 18:
        raise ValidationError(
            _("A social credit code has 18 characters; this has %(count)d.") % {"count": len(code)}
        )
    invalid = [c for c in code if c not in CREDIT_CODE_ALPHABET]
    if invalid:
        raise ValidationError(
            _(
                "A social credit code never holds “%(character)s” (the letters I, O, S, V and Z "
                "are left out)."
            )
            % {"character": invalid[0]}
        )
    if get_check_character(code) != code[17]:
        raise ValidationError(
            _(
                "The check character does not fit: after these 17 characters it would be "
                "“%(expected)s”, not “%(found)s”. Compare it with the licence."
            )
            % {"expected": get_check_character(code), "found": code[17]}
        )


def check_school_code(code: str) -> None:
    """Raise ValidationError with the reason in plain words if `code` cannot be one."""
    if re.match(CREDIT_CODE_PATTERN, code):
        raise ValidationError(_("This looks like a social credit code; enter it there."))
    if not re.match(r"^[0-9]*\Z", code):
        raise ValidationError(_("A school code holds digits only."))
    if len(code) != 10:
        raise ValidationError(
            _("A school code has 10 digits; this has %(count)d.") % {"count": len(code)}
        )
    if int(code[2:4]) not in PROVINCE_PREFIXES:
        raise ValidationError(
            _("The third and fourth digit of a school code name a province; “%(found)s” is none.")
            % {"found": code[2:4]}
        )


def get_region_range(code: str) -> tuple[str, str]:
    """Return the first and last code of the region's subtree: `650000` spans to `659999`."""
    for zeros in ("0000", "00"):
        if code.endswith(zeros):
            return code, code[: -len(zeros)] + "9" * len(zeros)
    return code, code


def get_region_path(code: str) -> list[str]:
    """Return the codes from the province down to `code`: 652801 gives 650000, 652800, 652801."""
    return list(dict.fromkeys((code[:2] + "0000", code[:4] + "00", code)))
