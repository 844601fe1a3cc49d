"""Contact of an organization, an office or a person, with the basis for its publication."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from directory.models.date_fields import DayField
from directory.models.organization import Organization


class ContactQuerySet(models.QuerySet):
    """Adds `public()`."""

    def public(self) -> "ContactQuerySet":
        """Contacts that are not hidden; those of persons only with a recorded basis."""
        has_basis = Q(basis_on__isnull=False) & ~Q(basis="")
        return self.filter(Q(about=Contact.About.OFFICE) | has_basis, hidden=False)


class Contact(models.Model):
    """Telephone, e-mail, postal address or WeChat account of an office or person."""

    class About(models.TextChoices):
        OFFICE = "office", _("office")
        PERSON = "person", _("person")

    class Channel(models.TextChoices):
        TELEPHONE = "telephone", _("telephone")
        EMAIL = "email", _("e-mail")
        ADDRESS = "address", _("postal address")
        WECHAT = "wechat", _("WeChat")

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="contacts", verbose_name=_("organization")
    )
    about = models.CharField(_("whose"), max_length=8, choices=About.choices, default="office")
    label = models.CharField(_("office or person"), max_length=120)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    value = models.CharField(_("value"), max_length=300)
    hidden = models.BooleanField(_("hidden"), default=True)
    basis_on = DayField(_("basis given on"), null=True, blank=True)
    basis = models.CharField(
        _("basis"),
        max_length=300,
        blank=True,
        help_text=_("Who agreed to the publication, and how. A person needs one."),
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("organization", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(about="person")
                | Q(hidden=True)
                | Q(basis_on__isnull=False) & Q(basis__regex=r"\S"),
                name="contact_person_needs_basis",
                violation_error_message=_(
                    "A person's contact is public only with a recorded basis: "
                    "give the day and the words of it, or hide the contact."
                ),
            ),
            models.CheckConstraint(
                condition=Q(about__in=["office", "person"])
                & Q(channel__in=["telephone", "email", "address", "wechat"]),
                name="contact_words_known",
                violation_error_message=_("This sort of contact is not known."),
            ),
            models.CheckConstraint(
                condition=Q(value__regex=r"\S"),
                name="contact_has_value",
                violation_error_message=_("A contact needs a value."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.get_channel_display()}"
