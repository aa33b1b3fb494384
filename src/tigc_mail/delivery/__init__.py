"""How it travels: campaigns, the ledger, planning, dispatch, and the providers that send."""
