"""The command centre: Dash screens that read the API and nothing else."""
