from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drills", "0002_spread_of_the_model")]

    operations = [
        migrations.AddField(model_name="drill", name="kind", field=models.CharField(default="tabletop", max_length=16))
    ]
