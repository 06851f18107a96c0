"""The whole system on one machine, and the console script that joins the rooms."""
