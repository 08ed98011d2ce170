from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("drills", "0001_first")]

    operations = [migrations.AddField(model_name="drill", name="spread", field=models.JSONField(default=list))]
