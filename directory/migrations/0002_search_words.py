"""The tables of search words, in the form that each database searches best."""

from django.db import migrations

from directory import search


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_the_directory")]
    operations = [
        migrations.RunPython(
            lambda apps, editor: search.make_tables(editor),
            lambda apps, editor: search.drop_tables(editor),
        )
    ]
