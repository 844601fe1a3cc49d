"""The URLs of the public pages and files."""

from django.urls import path, re_path

from directory.public.views import pages as views
from directory.public.views import seo

app_name = "directory"
urlpatterns = [
    path("", views.home, name="home"),
    path("members/", views.members, name="members"),
    path("members/suggest", views.suggest, name="suggest"),
    path("members.csv", views.members_csv, name="members_csv"),
    path("institutions/", views.institutions, name="institutions"),
    path("enterprises/", views.enterprises, name="enterprises"),
    # Nine digits at most: no larger number exists, and the database is not asked for one.
    re_path(
        r"^members/(?P<number>[1-9][0-9]{0,8})(?:-(?P<slug>[a-z0-9-]*))?/$",
        views.member,
        name="member",
    ),
    re_path(
        r"^members/(?P<number>[1-9][0-9]{0,8})(?:-(?P<slug>[a-z0-9-]*))?/vcard$",
        views.member_vcard,
        name="member_vcard",
    ),
    path("manifest.webmanifest", seo.manifest, name="manifest"),
    path("roles/", views.roles, name="roles"),
    path("regions/", views.regions, name="regions"),
    re_path(r"^regions/(?P<code>[1-8][0-9]{5})/$", views.region, name="region"),
    path("statistics/", views.statistics, name="statistics"),
    path("statistics.csv", views.statistics_csv, name="statistics_csv"),
    path("changes/", views.changes, name="changes"),
    path("sources/", views.sources, name="sources"),
    path("about/", views.about, name="about"),
]

# What has one URL, whatever the language.
unlocalized_urlpatterns = [
    path("robots.txt", seo.robots, name="robots"),
    path("sitemap.xml", seo.sitemap_index, name="sitemap"),
    path("sitemap-pages.xml", seo.sitemap_pages, name="sitemap_pages"),
    re_path(r"^sitemap-members-(?P<number>[1-9][0-9]{0,4})\.xml$", seo.sitemap_members),
    path("picture.png", seo.picture, name="picture"),
    re_path(r"^icon-(?P<size>[1-9][0-9]{1,2})\.png$", seo.icon, name="icon"),
    path("favicon.ico", seo.favicon, name="favicon"),
]
