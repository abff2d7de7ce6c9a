from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('routing', '0020_fields_and_forms'),
    ]

    operations = [
        migrations.AddField(
            model_name='agent',
            name='chosen_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
