"""The form of an organization: its codes, its state, and whether it is here already."""

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from directory.admin.base.form_fields import CodeField, SiteField
from directory.admin.base.model_admin import DeskForm
from directory.duplicates.candidates import doubles
from directory.history import recorder
from directory.models import Kind, Organization, State
from directory.permissions import policy


class OrganizationForm(DeskForm):
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
            "website": SiteField,
        }
        widgets = {
            name: forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"})
            for name in ("description", "description_en")
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial.setdefault("state", self.instance.state)
        self.published_at = self.instance.first_published_at
        self.state_before = self.instance.state
        if not policy.may_publish(self.user) and "state" in self.fields:
            self.fields["state"].choices = [(State.DRAFT.value, State.DRAFT.label)]
            self.fields["state"].help_text = _("Somebody who may publish shows it to visitors.")
        # Asked only when there is a reason to ask.
        self.fields["another"].widget = forms.HiddenInput()

    def clean_credit_code(self) -> str:
        return self.unused("credit_code")

    def clean_school_code(self) -> str:
        return self.unused("school_code")

    def unused(self, name: str) -> str:
        """The code, unless another organization has it; then the reason says which."""
        code = self.cleaned_data[name]
        others = Organization.objects.exclude(pk=self.instance.pk)
        other = others.filter(**{name: code}).first() if code else None
        if other is None:
            return code
        sentence = _("This code belongs to {organization}.")
        raise ValidationError(format_html(str(sentence), organization=link(other)), code="taken")

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("kind") == Kind.ENTERPRISE and cleaned.get("school_code"):
            law = _("An enterprise has no school code. Empty it, or choose another kind.")
            self.add_error("school_code", law)
        self.check_state(cleaned)
        if self.instance._state.adding and not cleaned.get("another"):
            self.check_doubles(cleaned)
        return cleaned

    def check_state(self, cleaned: dict) -> None:
        state, reason = cleaned.get("state"), cleaned.get("withdrawn_reason", "").strip()
        if state == State.DRAFT and self.published_at:
            self.add_error("state", self.never_again())
        elif state == State.WITHDRAWN and not self.published_at:
            self.add_error(
                "state", _("Only what was published can be withdrawn: delete the draft.")
            )
        elif state == State.WITHDRAWN and not reason:
            self.add_error("withdrawn_reason", _("Say why: visitors read it at the old address."))
        elif reason and "withdrawn_reason" in self.changed_data and state != State.WITHDRAWN:
            self.add_error("state", _("There is a reason of withdrawal; choose “withdrawn” too."))

    def never_again(self) -> str:
        sentence = _(
            "It was first published on %(day)s, so its address is known and it cannot be a draft "
            "again. Withdraw it instead, with a reason."
        )
        return sentence % {"day": date_format(localtime(self.published_at).date())}

    def check_doubles(self, cleaned: dict) -> None:
        names = [cleaned.get("name") or "", cleaned.get("name_en") or ""]
        codes = [cleaned.get(name) or "" for name in ("credit_code", "school_code")]
        found = doubles(names, codes)
        if found:
            lines = [format_html("{} {}", why, link(row, _("Open it"))) for row, why in found[:5]]
            self.fields["another"].widget = forms.CheckboxInput()
            self.add_error("another", [ValidationError(line, code="double") for line in lines])

    def hindrance(self) -> str:
        """The region must lie in the account's remit; its roles are asked beside them."""
        asked = policy.writer(self.user)
        return asked.hinders(self.instance.region_id, (asked.community,))

    def _post_clean(self) -> None:
        super()._post_clean()
        state = self.cleaned_data.get("state")
        if self.errors or state == self.state_before == State.DRAFT:
            return
        if state == State.PUBLISHED:
            recorder.publish(self.instance)
        elif state == State.WITHDRAWN:
            recorder.withdraw(self.instance, self.cleaned_data["withdrawn_reason"])


class InstitutionForm(OrganizationForm):
    """An organization that is not an enterprise."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            kinds = [pair for pair in Kind.choices if pair[0] != Kind.ENTERPRISE]
            self.fields["kind"].choices = [("", "---------"), *kinds]


class EnterpriseForm(OrganizationForm):
    """An enterprise: one kind, and no school code."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "kind" in self.fields:
            self.fields["kind"].choices = [(Kind.ENTERPRISE.value, Kind.ENTERPRISE.label)]


def link(organization: Organization, text: str = "") -> str:
    address = reverse("admin:directory_organization_change", args=[organization.pk])
    words = text or f"{organization.label} ({organization.pk})"
    return format_html('<a href="{}">{}</a>', address, words)
