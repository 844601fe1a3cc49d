"""The data version that the plan of an import was compared with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("directory", "0014_bind_citations"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="data_version",
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
