"""The admin of contacts: how to reach an organization, and on what basis it may be shown."""

from django.contrib import admin

from directory.admin.base.autocomplete import OrganizationSearchMixin
from directory.admin.base.inlines import CardInline
from directory.admin.base.model_admin import DirectoryModelAdmin
from directory.models import Contact

FIELD_ROWS = (("about", "label"), ("channel", "value"), ("hidden",), ("basis_on", "basis"))


class ContactInline(CardInline):
    model = Contact
    fields = FIELD_ROWS


@admin.register(Contact)
class ContactAdmin(OrganizationSearchMixin, DirectoryModelAdmin):
    list_display = ("label", "organization", "about", "channel", "value", "hidden", "basis_on")
    list_filter = ("about", "channel", "hidden", ("basis_on", admin.EmptyFieldListFilter))
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)
    fields = ("organization", *FIELD_ROWS)
    text_field = "label"
    ordering = ("organization_id", "pk")
