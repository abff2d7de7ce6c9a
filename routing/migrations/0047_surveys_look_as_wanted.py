from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('routing', '0046_circles_are_found_again'),
    ]

    operations = [
        migrations.AddField(
            model_name='rating',
            name='word',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='survey',
            name='look',
            field=models.CharField(choices=[('faces', 'faces'), ('numbers', 'numbers'), ('words', 'words')], db_default='faces', default='faces', max_length=7, verbose_name='points look like'),
        ),
        migrations.AddField(
            model_name='survey',
            name='words_en',
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name='words of the points (English)'),
        ),
        migrations.AddField(
            model_name='survey',
            name='words_ko',
            field=models.JSONField(blank=True, db_default=[], default=list, verbose_name='words of the points (Korean)'),
        ),
        migrations.AlterField(
            model_name='survey',
            name='scale',
            field=models.PositiveSmallIntegerField(choices=[(2, '2 points: bad, good'), (3, '3 points: bad, okay, good'), (5, '5 points: from very bad to great')], default=5, verbose_name='scale'),
        ),
    ]
