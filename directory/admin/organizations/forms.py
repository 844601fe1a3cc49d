"""The form of an organization: checks of codes, publication state and duplicates."""

from collections.abc import Collection
from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from directory.admin.base.citation_questions import CitationQuestionMixin
from directory.admin.base.form_fields import CodeField, WebsiteField
from directory.admin.base.fragments import render_fragment
from directory.admin.base.model_admin import DirectoryModelForm
from directory.duplicates.candidates import find_duplicates
from directory.history import recorder
from directory.models import Citation, Kind, Organization, State
from directory.permissions import disclosure, policy


class OrganizationForm(CitationQuestionMixin, DirectoryModelForm):
    """An organization; `another` confirms that it is no duplicate of a similar one."""

    cited_fields = Citation.ORGANIZATION_FIELDS
    owner = "organization"

    state = forms.ChoiceField(
        label=capfirst(_("state")),
        choices=State.choices,
        initial=State.DRAFT,
        help_text=_("Visitors see only what is published. What was published stays so, or goes."),
    )
    another = forms.BooleanField(
        label=_("This is another organization"),
        required=False,
        help_text=_("Tick it if the directory should hold both."),
    )

    class Meta:
        model = Organization
        fields = "__all__"
        field_classes = {
            "credit_code": CodeField,
            "school_code": CodeField,
            "website": WebsiteField,
        }
        widgets = {
            name: forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})
            for name in ("description", "description_en")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("state", self.instance.state)
        self.published_at = self.instance.first_published_at
        self.initial_state = self.instance.state
        if not policy.may_publish(self.user) and "state" in self.fields:
            self.fields["state"].choices = [(State.DRAFT.value, State.DRAFT.label)]
            self.fields["state"].help_text = _("Somebody who may publish shows it to visitors.")
        # Shown only where a similar organization exists.
        self.fields["another"].widget = forms.HiddenInput()

    def clean_credit_code(self) -> str:
        return self.check_code_unused("credit_code")

    def clean_school_code(self) -> str:
        return self.check_code_unused("school_code")

    def check_code_unused(self, name: str) -> str:
        """The code; a ValidationError with a link if another organization has it."""
        code = self.cleaned_data[name]
        others = Organization.objects.exclude(pk=self.instance.pk)
        other = others.filter(**{name: code}).first() if code else None
        if other is None:
            return code
        if not self.filter_known([other.pk]):
            raise ValidationError(disclosure.CODE_ELSEWHERE, code="taken")
        sentence = _("This code belongs to {organization}.")
        before, after = str(sentence).split("{organization}")
        label = f"{other.label} ({other.pk})"
        text = self.render_linked_text(before, other, label, after)
        raise ValidationError(text, code="taken")

    def filter_known(self, numbers: Collection[int]) -> set[int]:
        """Those of these organizations of which the account may be told."""
        return {*numbers} - disclosure.find_hidden(self.user, numbers)

    def render_linked_text(
        self, before: str, organization: Organization, label: str, after: str = ""
    ) -> SafeString:
        """A text with a link to an organization: in the admin, or to its public page."""
        address = reverse("admin:directory_organization_change", args=[organization.pk])
        if disclosure.is_elsewhere(self.user, Organization, str(organization.pk)):
            address = organization.get_absolute_url()
        context = {"before": before, "address": address, "label": label, "after": after}
        return render_fragment("_linked_text.html", context)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind") == Kind.ENTERPRISE and cleaned.get("school_code"):
            message = _("An enterprise has no school code. Empty it, or choose another kind.")
            self.add_error("school_code", message)
        self.check_state(cleaned)
        if self.instance._state.adding and not cleaned.get("another"):
            self.check_duplicates(cleaned)
        return cleaned

    def check_state(self, cleaned: dict) -> None:
        """Add an error where the state cannot follow the present one, or lacks its reason."""
        state, reason = cleaned.get("state"), cleaned.get("withdrawn_reason", "").strip()
        if state == State.DRAFT and self.published_at:
            self.add_error("state", self.build_draft_refusal())
        elif state == State.WITHDRAWN and not self.published_at:
            self.add_error(
                "state", _("Only what was published can be withdrawn: delete the draft.")
            )
        elif state == State.WITHDRAWN and not reason:
            self.add_error("withdrawn_reason", _("Say why: visitors read it at the old address."))
        elif reason and "withdrawn_reason" in self.changed_data and state != State.WITHDRAWN:
            self.add_error("state", _("There is a reason of withdrawal; choose “withdrawn” too."))

    def build_draft_refusal(self) -> str:
        """Why what was published once cannot be a draft again."""
        sentence = _(
            "It was first published on %(day)s, so its address is known and it cannot be a draft "
            "again. Withdraw it instead, with a reason."
        )
        return sentence % {"day": date_format(localtime(self.published_at).date())}

    def check_duplicates(self, cleaned: dict) -> None:
        """Ask for a confirmation where similar organizations exist, with links to five.

        Of those elsewhere that the account may not know, one sentence tells that there are some.
        """
        names = [cleaned.get("name") or "", cleaned.get("name_en") or ""]
        codes = [cleaned.get(name) or "" for name in ("credit_code", "school_code")]
        duplicates = find_duplicates(names, codes)
        if duplicates:
            known = self.filter_known([row.pk for row, _reason in duplicates])
            shown = [(row, reason) for row, reason in duplicates if row.pk in known]
            lines: list[str] = [
                self.render_linked_text(f"{reason} ", row, str(_("Open it")))
                for row, reason in shown[:5]
            ]
            if len(shown) < len(duplicates):
                lines.append(str(disclosure.SIMILAR_ELSEWHERE))
            self.fields["another"].widget = forms.CheckboxInput()
            self.add_error("another", [ValidationError(line, code="double") for line in lines])

    def get_denial_reason(self) -> str:
        """Why the region is out of the account's scope, or ""; the inline checks the roles."""
        permission = policy.permission_for(self.user)
        communities = cast(tuple[int, ...], (permission.community,))
        return permission.denial_reason(self.instance.region_id, communities)

    def _post_clean(self) -> None:
        super()._post_clean()
        state = self.cleaned_data.get("state")
        if self.errors or state == self.initial_state == State.DRAFT:
            return
        if state == State.PUBLISHED:
            recorder.publish(self.instance)
        elif state == State.WITHDRAWN:
            recorder.withdraw(self.instance, self.cleaned_data["withdrawn_reason"])


class InstitutionForm(OrganizationForm):
    """An organization of any kind but enterprise."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            kinds = [pair for pair in Kind.choices if pair[0] != Kind.ENTERPRISE]
            self.fields["kind"].choices = [("", "---------"), *kinds]


class EnterpriseForm(OrganizationForm):
    """An enterprise: one kind, no school code."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].choices = [(Kind.ENTERPRISE.value, Kind.ENTERPRISE.label)]
