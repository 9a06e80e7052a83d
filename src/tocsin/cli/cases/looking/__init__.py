"""Looking at cases: `list`, `show`, `search`, and a brief to hand on."""
