"""Bind each citation to the value that its fact had when it was made.

That is the value which history shows for that day, else the present one.
"""

from collections import defaultdict
from datetime import date

from django.db import migrations

OWNERS = ("organization", "community", "alias", "membership")
# The columns that make the value of a fact, where they are not called like it.
COLUMNS = {
    ("organization", "region"): ("region_id",),
    ("organization", "sectors"): ("sectors",),
    ("community", "region"): ("region_id",),
    ("community", "purpose"): ("purpose", "purpose_en"),
    ("community", "stated_size"): ("stated_size", "stated_size_en", "stated_at_least"),
    ("community", "statement"): (),
    ("membership", "role"): ("role_id",),
    ("alias", ""): ("name",),
}


def get_text(value):
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(sorted(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def get_value(owner, field, values):
    columns = COLUMNS.get((owner, field), (field,))
    return "\n".join(get_text(values[column]) for column in columns)


class Owners:
    """The rows that are cited, by relation and key, as dictionaries of their columns."""

    def __init__(self, apps, keys):
        self.rows = {}
        for owner in OWNERS:
            model = apps.get_model("directory", owner.capitalize())
            wanted = [key for name, key in keys if name == owner]
            for start in range(0, len(wanted), 500):
                batch = wanted[start : start + 500]
                for row in model.objects.filter(pk__in=batch).values():
                    self.rows[owner, row["id"]] = row
                if owner == "organization":
                    self.add_sectors(model, batch)

    def add_sectors(self, model, keys):
        for key in keys:
            self.rows["organization", key]["sectors"] = []
        pairs = model.sectors.through.objects.filter(organization__in=keys)
        for key, code in pairs.values_list("organization_id", "sector_id"):
            self.rows["organization", key]["sectors"].append(code)


def bind(apps, schema_editor):
    Citation = apps.get_model("directory", "Citation")
    RowChange = apps.get_model("directory", "RowChange")
    made = dict(
        RowChange.objects.filter(noun="citation", before=None)
        .order_by("pk")
        .values_list("key", "revision_id")
    )
    cited = defaultdict(list)
    for row in Citation.objects.all():
        owner = next(name for name in OWNERS if getattr(row, f"{name}_id"))
        cited[owner, getattr(row, f"{owner}_id")].append((row, made.get(str(row.pk), 0)))
    owners = Owners(apps, cited).rows
    for (owner, key), citations in cited.items():
        for row, _revision in citations:
            row.value = get_value(owner, row.field, owners[owner, key])
    rewound = rewind(RowChange.objects, cited, owners)
    rows = [row for citations in cited.values() for row, _revision in citations]
    Citation.objects.bulk_update(rows, ["value"], batch_size=500)
    if rows:
        print(f"\n    {len(rows)} citations bound, {rewound} of them to an earlier value", end="")


def rewind(row_changes, cited, owners):
    """Go back through history: a change made after a citation shows what it was made for."""
    changes = row_changes.filter(noun__in=OWNERS).exclude(before=None).exclude(after=None)
    rewound = set()
    for change in changes.order_by("-pk").iterator(1000):
        place = change.noun, int(change.key) if change.key.isdigit() else change.key
        if place not in cited:
            continue
        owners[place] |= change.before
        for row, revision in cited[place]:
            value = get_value(change.noun, row.field, owners[place])
            if revision < change.revision_id and row.evidence != "differs" and value != row.value:
                row.value = value
                rewound.add(row.pk)
    return len(rewound)


class Migration(migrations.Migration):
    dependencies = [("directory", "0013_citations_speak_for_a_value")]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
