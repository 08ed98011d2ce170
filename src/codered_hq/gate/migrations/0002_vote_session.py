from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gate", "0001_first"),
    ]

    operations = [
        migrations.AddField(
            model_name="vote",
            name="session",
            field=models.CharField(blank=True, default="", max_length=255),
            preserve_default=False,
        ),
    ]
