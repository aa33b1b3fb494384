"""How commands tell of the deliveries whose outcome is not known, however many they are."""

from itertools import islice
from pathlib import Path

from tigc_mail.delivery.campaign import Campaign
from tigc_mail.delivery.unsettled import write_template
from tigc_mail.interfaces.cli.output import console, print_json, print_json_rows, say, table

_PART = 1_000
"""Rows of a table: so many are kept at a time."""


def show_unsettled(campaign: Campaign, *, as_json: bool) -> None:
    """Print the deliveries of a campaign whose outcome is not known, one by one."""
    rows = campaign.unsettled()
    if as_json:
        print_json_rows(each.to_json() for each in rows)
        return
    count = 0
    while part := list(islice(rows, _PART)):
        made = table("What became of these is not known", "delivery", "provider", "since", "reason")
        made.columns[0].no_wrap = True  # so that it can be copied
        for each in part:
            since = "" if each.since is None else f"{each.since:%Y-%m-%d %H:%M:%S} UTC"
            made.add_row(each.delivery_id, each.provider, since, each.reason)
        console.print(made)
        count += len(part)
    if not count:
        say(f"No delivery of {campaign.id} has an unknown outcome.")
        return
    say(f"{count:,} in all. Look them up in the provider's own record.")
    say(f"Next: tigc-mail campaign settle {campaign.id} --template FILE.csv")


def write_settlement_template(campaign: Campaign, file: Path, *, as_json: bool) -> None:
    """Write the file that a person fills in, and say how it goes on."""
    count = write_template(file, campaign.unsettled())
    if as_json:
        told = {"file": str(file) if count else None, "unknown": count}
        print_json({"campaign": campaign.id, **told})
    elif count:
        say(f"{count:,} deliveries of {campaign.id} stand in {file}.")
        say("Write into its column event what the provider's record says: sent, bounced, not-sent.")
        say(f"Next: tigc-mail campaign settle {campaign.id} --csv {file}")
    else:
        say(f"No delivery of {campaign.id} has an unknown outcome; no file is written.")
