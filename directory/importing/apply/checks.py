"""Why an accepted row may not be written after all: it is not the account's, or breaks a law.

The plan was lawful; but cells were unticked since, or somebody else accepts it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from directory.importing.parse.messages import Reason
from directory.models import Kind, Organization, Role
from directory.permissions import policy


@dataclass
class Laws:
    asked: policy.Writer
    # The keys of communities by their codes.
    communities: dict[str, int]

    @cached_property
    def roles(self) -> dict[str, Role]:
        return Role.objects.in_bulk()

    def against_new(self, values: dict) -> Reason | None:
        wanted = values.get("memberships", ())
        held = {self.communities[m["community"]] for m in wanted}
        hindrance = self.asked.hinders(values.get("region"), held) or self.elsewhere(wanted)
        return not_yours(hindrance) or self.unlawful(values["kind"], values)

    def against(self, row: Organization, held: set[int], values: dict) -> Reason | None:
        """Why it may not become so: it lies outside before or after, or a law would be broken."""
        wanted, public = values.get("memberships", ()), row.first_published_at is not None
        after = held | {self.communities[m["community"]] for m in wanted}
        region = values.get("region", row.region_id)
        hindrance = (
            self.asked.hinders(row.region_id, held, public)
            or self.asked.hinders(region, after, public)
            or self.elsewhere(wanted)
        )
        return not_yours(hindrance) or self.unlawful(
            values.get("kind", row.kind), {"school_code": row.school_code} | values
        )

    def elsewhere(self, wanted: Iterable[dict]) -> str:
        found = (self.asked.hinders_role_in(self.communities[m["community"]]) for m in wanted)
        return next(filter(None, found), "")

    def unlawful(self, kind: str, values: dict) -> Reason | None:
        """What could not be seen in the plan: somebody has unticked a cell since."""
        if kind == Kind.ENTERPRISE and values.get("school_code"):
            return Reason("school-code-enterprise", "", {"cell": values["school_code"]})
        for each in values.get("memberships", ()):
            if not self.roles[each["role"]].admits(kind):
                return Reason("ineligible", "", {"role": each["role"], "kind": kind})
        return None


def not_yours(why: str) -> Reason | None:
    return Reason("not-yours", "", {"why": why}) if why else None
