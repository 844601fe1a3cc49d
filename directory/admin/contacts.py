"""The desk of contacts: how to reach an organization, and on what basis it may be shown."""

from django.contrib import admin

from directory.admin.base.autocomplete import FoundByOrganization
from directory.admin.base.inlines import CardInline
from directory.admin.base.model_admin import DeskAdmin
from directory.models import Contact

LINES = (("about", "label"), ("channel", "value"), ("hidden",), ("basis_on", "basis"))


class ContactInline(CardInline):
    model = Contact
    fields = LINES


@admin.register(Contact)
class ContactAdmin(FoundByOrganization, DeskAdmin):
    list_display = ("label", "organization", "about", "channel", "value", "hidden", "basis_on")
    list_filter = ("about", "channel", "hidden", ("basis_on", admin.EmptyFieldListFilter))
    list_select_related = ("organization",)
    autocomplete_fields = ("organization",)
    fields = ("organization", *LINES)
    own_text = "label"
    ordering = ("organization_id", "pk")
