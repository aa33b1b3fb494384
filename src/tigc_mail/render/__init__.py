"""How it looks: templates, MJML, inlined styles, compiled messages, and the splice."""
