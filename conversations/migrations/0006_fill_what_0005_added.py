from collections.abc import Iterator
from typing import Any

from django.db import migrations, models, transaction

BATCH = 5000


def batches(model: Any) -> Iterator[Any]:
    """Give all rows, some at a time: a lock on every row until the end would stop whoever writes meanwhile."""
    last = model.objects.aggregate(last=models.Max("pk"))["last"] or 0
    for start in range(0, last, BATCH):
        with transaction.atomic():
            yield model.objects.filter(pk__gt=start, pk__lte=start + BATCH)


def keep_files(apps: Any, schema_editor: Any) -> None:
    """Have all files stay that are there."""
    for rows in batches(apps.get_model("conversations", "Attachment")):
        rows.update(is_sent=True)


def name_last_answers(apps: Any, schema_editor: Any) -> None:
    """Write down who of the business spoke last in each conversation, and who ended its last session."""
    Conversation, Message, Session = (
        apps.get_model("conversations", name) for name in ("Conversation", "Message", "Session")
    )
    answers = Message.objects.filter(conversation=models.OuterRef("pk"), audience="public")
    answers = answers.exclude(author_kind="contact").order_by("-seq")
    ended = Session.objects.filter(conversation=models.OuterRef("pk"), state="ended").order_by("-pk")
    for rows in batches(Conversation):
        rows.filter(models.Exists(answers)).update(
            last_answer_kind=models.Subquery(answers.values("author_kind")[:1]),
            last_answer_name=models.Subquery(answers.values("author_name")[:1]),
        )
        rows.filter(models.Exists(ended)).update(last_ended_by=models.Subquery(ended.values("ended_by")[:1]))


def keep_verified_emails(apps: Any, schema_editor: Any) -> None:
    """Keep each verified contact's email as vouched for; of several with one email, the oldest had it."""
    Contact = apps.get_model("conversations", "Contact")
    verified = Contact.objects.filter(is_verified=True).exclude(email="")
    older = verified.filter(brand=models.OuterRef("brand"), email=models.OuterRef("email"), pk__lt=models.OuterRef("pk"))
    for rows in batches(Contact):
        rows.filter(pk__in=verified.values("pk")).exclude(models.Exists(older)).update(verified_email=models.F("email"))


class Migration(migrations.Migration):
    # Batches of their own: what 0005 changed is visible, and no lock is held over all of it.
    atomic = False

    dependencies = [
        ("conversations", "0005_kept_files_and_last_answers"),
    ]

    operations = [
        migrations.RunPython(keep_files, migrations.RunPython.noop),
        migrations.RunPython(name_last_answers, migrations.RunPython.noop),
        migrations.RunPython(keep_verified_emails, migrations.RunPython.noop),
    ]
