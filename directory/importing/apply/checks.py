"""Checks whether an accepted row may be written: the rights of the account, and the rules.

The planned row kept the rules; but cells were unticked since, or somebody else accepts it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from directory.importing.parse.messages import Reason
from directory.importing.plan import current as current_values
from directory.models import ImportRow, Kind, Membership, Organization, Role
from directory.permissions import policy

Owner = tuple[int, str]  # number and name


@dataclass
class RowChecker:
    """Checks rows for one account; each check returns a reason against writing, or None."""

    permission: policy.WritePermission
    # Primary keys of communities by code.
    communities: dict[str, int]

    @cached_property
    def roles(self) -> dict[str, Role]:
        return Role.objects.in_bulk()

    def check_new(self, values: dict) -> Reason | None:
        """Check the values of a new organization."""
        wanted = values.get("memberships", ())
        communities = {self.communities[m["community"]] for m in wanted}
        denial = self.permission.denial_reason(values.get("region"), communities)
        denial = denial or self.get_role_denial(wanted)
        return build_permission_reason(denial) or self.check_rules(values["kind"], values)

    def check_change(self, row: Organization, communities: set[int], values: dict) -> Reason | None:
        """Check new values of an organization: its scope before and after, and the rules."""
        wanted, public = values.get("memberships", ()), row.first_published_at is not None
        after = communities | {self.communities[m["community"]] for m in wanted}
        region = values.get("region", row.region_id)
        denial = (
            self.permission.denial_reason(row.region_id, communities, public)
            or self.permission.denial_reason(region, after, public)
            or self.get_role_denial(wanted)
        )
        return build_permission_reason(denial) or self.check_rules(
            values.get("kind", row.kind), {"school_code": row.school_code} | values
        )

    def get_role_denial(self, wanted: Iterable[dict]) -> str:
        """Return why the account may not give these roles, or ""."""
        communities = (self.communities[m["community"]] for m in wanted)
        return next(filter(None, map(self.permission.role_denial_reason, communities)), "")

    def check_rules(self, kind: str, values: dict) -> Reason | None:
        """Check the rules that a cell unticked since the plan may break."""
        if kind == Kind.ENTERPRISE and values.get("school_code"):
            return Reason("school-code-enterprise", "", {"cell": values["school_code"]})
        for each in values.get("memberships", ()):
            if not self.roles[each["role"]].accepts_kind(kind):
                return Reason("ineligible", "", {"role": each["role"], "kind": kind})
        return None


def build_permission_reason(why: str) -> Reason | None:
    """Build the reason from the sentence of the policy; None if that is empty."""
    return Reason("not-yours", "", {"why": why}) if why else None


def build_taken_reason(
    column: str, row: ImportRow, owner: Owner, hidden: Collection[int] = ()
) -> Reason:
    """Build the reason for a code or name that another organization has.

    Of a hidden one it is only told that there is one.
    """
    if owner[0] in hidden:
        return Reason("elsewhere" if column == "name" else "code-elsewhere")
    return Reason("code-taken", column, {"cell": row.name, "number": owner[0], "name": owner[1]})


def load_communities(pks: list[int]) -> dict[int, set[int]]:
    """Load the communities in which these organizations have a role, by organization."""
    communities: dict[int, set[int]] = {}
    memberships = Membership.objects.filter(organization__in=pks).order_by()
    for pk, community in memberships.values_list("organization_id", "community_id"):
        communities.setdefault(pk, set()).add(community)
    return communities


def find_code_owners(rows: list[dict]) -> dict[str, list[Owner]]:
    """Find the organizations that have the codes of these values."""
    owners: dict[str, list[Owner]] = {}
    for column in ("credit_code", "school_code"):
        codes = [values[column] for values in rows if values.get(column)]
        same_code = current_values.filter_by_code(column, codes)
        for pk, name, code in same_code.values_list("pk", "name", column):
            owners.setdefault(f"{column} {code}", []).append((pk, name))
    return owners
