"""What hangs on a row, so that it cannot go without taking along what somebody else entered."""

from collections import defaultdict

from django.db import models

from directory import snapshots
from directory.history.undo.plan import OWNED, Plan
from directory.models import Organization
from directory.snapshots import Image, Key


def pointing(now: dict[Key, Image]) -> dict[Key, set[Key]]:
    """Which rows point to which."""
    found: dict[Key, set[Key]] = defaultdict(set)
    for place, image in now.items():
        for name, value in image.values.items():
            if name.endswith("_id") and value is not None:
                found[name.removesuffix("_id"), str(value)].add(place)
    return found


def let_go(place: Key, image: Image, back: dict, hanging: dict[Key, set[Key]]) -> None:
    """What is pointed away from a row by the undo itself does not hold it up."""
    for name in back:
        if name.endswith("_id"):
            hanging[name.removesuffix("_id"), str(image.values[name])].discard(place)


def is_needed(place: Key, plan: Plan) -> bool:
    """Whether anything that the plan leaves as it is points to a row that all share."""
    noun, key = place
    if noun in (*OWNED, "organization"):
        return False
    links = snapshots.NOUNS[noun]._meta.get_fields(include_hidden=True)
    return any(is_held(link.field, key, plan) for link in links if link.one_to_many)


def is_held(link: models.ForeignKey, key: str, plan: Plan) -> bool:
    rows = link.model._base_manager.filter(**{link.name: key})
    owner, column = "pk", link.attname
    if link.model is Organization.sectors.through:
        owner, column = "organization", "sectors"
    noun = "organization" if column == "sectors" else link.model._meta.model_name
    changing = {other for other, values in plan.update[noun].items() if column in values}
    return rows.exclude(**{f"{owner}__in": changing | {*plan.remove[noun]}}).exists()
