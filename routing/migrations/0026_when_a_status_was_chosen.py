from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('routing', "0025_an_ai_agents_answer_may_count"),
    ]

    operations = [
        migrations.AddField(
            model_name='agent',
            name='chosen_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
