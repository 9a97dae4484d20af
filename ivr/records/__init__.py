"""What happened, in SQL: an append-only event log and what is drawn from it. Masked on the way in."""
