"""The village desk 村级填报: filling, checking, signing, sending, and what comes back."""
