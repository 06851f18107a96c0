"""Which rating, visit, ticket and dossier belong together: by stated rules, with a confidence."""
