"""A cached fragment holds nothing of the request that happened to render it first."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.template import RequestContext, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation

LOAD = "{% load directory_tags i18n static %}"


def build_template(content: str) -> Template:
    return Template(f"{LOAD}{{% cache_by_language %}}{content}{{% endcache_by_language %}}")


def render(template: Template, path: str = "/", user=None, **headers) -> str:
    request = RequestFactory().get(path, **headers)
    request.user = user or AnonymousUser()
    return template.render(RequestContext(request, {"title": path}))


@pytest.mark.parametrize(
    "content",
    [
        "{{ user }}",
        "{{ request.GET.q }}",
        "{{ request.path }}",
        "{{ origin }}",
        "{{ title }}",
        "{{ csrf_token }}",
        "{% csrf_token %}",
        "{% if user %}a{% endif %}",
        "{% for link in navigation %}a{% endfor %}",
        "{% with name=user %}a{% endwith %}",
        "{% include 'error.html' %}",
        "{% block main %}{% endblock %}",
        "{% blocktranslate %}Write to {{ operator }}{% endblocktranslate %}",
        "{% translate title %}",
        "{% translate 'Members' context title %}",
        "{% url title %}",
        "{% url 'icon' size %}",
        "{% url 'icon' size=title %}",
        "{% url 'icon' 180|add:title %}",
        "{% static title %}",
        "{% debug %}",
        "{% firstof user 'nobody' %}",
        "{% now 'Y' %}",
        "{% site_name %}",
        "<p>{% translate 'Members' %}</p>{{ user }}",
    ],
)
def test_what_may_vary_is_refused_when_the_template_is_compiled(content):
    with pytest.raises(TemplateSyntaxError, match="cannot be in a cached fragment"):
        build_template(content)


@pytest.mark.parametrize(
    "content",
    [
        "<p>text</p>",
        "{# a note #}",
        "{% comment %}{{ user }}{% endcomment %}",
        "{% translate 'Members' %}",
        "{% url 'icon' 180 %}",
        "{% url 'directory:about' %}",
        "{% static 'icon.svg' %}",
    ],
)
def test_text_messages_and_constant_urls_are_taken(content):
    build_template(content)


def test_a_fragment_is_rendered_once_for_each_language():
    template = build_template("{% translate 'Members' %} {% url 'directory:about' %}")
    for language, text in (("en", "Members /en/about/"), ("zh-hans", "成员 /about/")) * 2:
        with translation.override(language):
            assert render(template) == text


def test_nothing_of_the_first_request_is_in_what_the_second_one_gets():
    template = build_template("{% translate 'Members' %} {% url 'directory:about' %}")
    with translation.override("en"):
        first = render(template, "/secret/?q=secret", User(username="secret"), HTTP_HOST="secret")
        assert first == render(template) == "Members /en/about/"


def test_a_fragment_is_rendered_without_the_context(monkeypatch):
    """Even a tag that the check of the compiler had missed would find nothing to read."""
    monkeypatch.setattr("directory.public.html.fragment_cache.check_is_constant", lambda _: None)
    template = build_template("{{ user }}{{ request.path }}{{ title }}{% csrf_token %}")
    assert render(template, "/secret/", User(username="secret")) == ""
