"""The Django project: settings, URLs, middleware and commands; nothing about members."""
