"""Tables whose form a rule lays down, as data: one TOML file a form."""
