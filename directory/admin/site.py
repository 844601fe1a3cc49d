"""The desk's own admin site."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class DirectoryAdminSite(admin.AdminSite):
    pass


class DirectoryAdminConfig(AdminConfig):
    default_site = "directory.admin.site.DirectoryAdminSite"
